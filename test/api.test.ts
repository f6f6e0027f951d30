/** The names that every entry point exports: a change of the surface shows here, and in the review. */
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { entries, exportsOf, meant } from './support/exports.js';

/** `class Kernel`, `function createKernel`, `const PROFILES`, `type Profile`. */
function kind(symbol: ts.Symbol): string {
  const { flags } = meant(symbol);
  if (flags & ts.SymbolFlags.Class) return 'class';
  if (flags & ts.SymbolFlags.Function) return 'function';
  if (flags & ts.SymbolFlags.Variable) return 'const';
  if (flags & (ts.SymbolFlags.Interface | ts.SymbolFlags.TypeAlias)) return 'type';
  return 'unknown';
}

describe('exported names', () => {
  it.each(entries)('%s', (_, file) => {
    const symbols = exportsOf(file);
    expect(symbols, `${file} is what package.json exports`).toBeDefined();
    const names = symbols!.map((symbol) => `${kind(symbol)} ${symbol.name}`);
    expect(names.filter((name) => name.startsWith('unknown'))).toEqual([]);
    expect(names.sort().join('\n')).toMatchSnapshot();
  });
});
