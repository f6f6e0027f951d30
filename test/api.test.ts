/** The names that every entry point exports: a change of the surface shows here, and in the review. */
import { readFileSync } from 'node:fs';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const root = new URL('..', import.meta.url).pathname;

type Target = string | { readonly default?: string; readonly import?: string };
const { exports } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as { exports: Record<string, Target> };

/** `./dist/wire/index.js` is made from `src/wire/index.ts`. */
const entries = Object.entries(exports).flatMap(([name, target]): [string, string][] => {
  const file = typeof target === 'string' ? target : (target.import ?? target.default ?? '');
  return file.endsWith('.js') ? [[name, file.replace(/^\.\/dist\//, `${root}src/`).replace(/\.js$/, '.ts')]] : [];
});
const config = ts.readConfigFile(`${root}tsconfig.json`, ts.sys.readFile).config;
const options = ts.parseJsonConfigFileContent(config, ts.sys, root).options;
const program = ts.createProgram(
  entries.map(([, file]) => file),
  { ...options, noEmit: true },
);
const checker = program.getTypeChecker();

/** `class Kernel`, `function createKernel`, `const PROFILES`, `type Profile`. */
function kind(symbol: ts.Symbol): string {
  const { flags } = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  if (flags & ts.SymbolFlags.Class) return 'class';
  if (flags & ts.SymbolFlags.Function) return 'function';
  if (flags & ts.SymbolFlags.Variable) return 'const';
  if (flags & (ts.SymbolFlags.Interface | ts.SymbolFlags.TypeAlias)) return 'type';
  return 'unknown';
}

describe('exported names', () => {
  it.each(entries)('%s', (_, file) => {
    const source = program.getSourceFile(file);
    expect(source, `${file} is what package.json exports`).toBeDefined();
    const names = checker
      .getExportsOfModule(checker.getSymbolAtLocation(source!)!)
      .map((symbol) => `${kind(symbol)} ${symbol.name}`);
    expect(names.filter((name) => name.startsWith('unknown'))).toEqual([]);
    expect(names.sort().join('\n')).toMatchSnapshot();
  });
});
