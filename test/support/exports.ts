/** Finds what the entry points of package.json export, as the compiler sees it. */
import { readFileSync } from 'node:fs';
import ts from 'typescript';

const root = new URL('../../', import.meta.url).pathname;

type Target = string | { readonly default?: string; readonly import?: string };
const { exports } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as { exports: Record<string, Target> };

/** Each entry point and its source: `./dist/wire/index.js` is made from `src/wire/index.ts`. */
export const entries: readonly (readonly [name: string, file: string])[] = Object.entries(exports).flatMap(
  ([name, target]): [string, string][] => {
    const file = typeof target === 'string' ? target : (target.import ?? target.default ?? '');
    return file.endsWith('.js') ? [[name, file.replace(/^\.\/dist\//, `${root}src/`).replace(/\.js$/, '.ts')]] : [];
  },
);
const config = ts.readConfigFile(`${root}tsconfig.json`, ts.sys.readFile).config;
const options = ts.parseJsonConfigFileContent(config, ts.sys, root).options;
const program = ts.createProgram(
  entries.map(([, file]) => file),
  { ...options, noEmit: true },
);
/** The checker of a program that has all entry points. */
export const checker = program.getTypeChecker();

/** Returns the exports of an entry point's source; undefined if there is no such source. */
export function exportsOf(file: string): readonly ts.Symbol[] | undefined {
  const source = program.getSourceFile(file);
  if (source === undefined) return undefined;
  return checker.getExportsOfModule(checker.getSymbolAtLocation(source)!);
}

/** Returns the symbol that an export stands for, if it is an alias. */
export function meant(symbol: ts.Symbol): ts.Symbol {
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
}
