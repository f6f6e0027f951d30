/** The page that tells a log line's way names files, and in each a function, method or operation that is there. */
import { existsSync, readFileSync } from 'node:fs';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const root = new URL('..', import.meta.url);
const page = readFileSync(new URL('src/README.md', root), 'utf8');

/** Every `file.ts` of the page that a name in backticks follows: a row of the tables, or a mention in one. */
const stops = [...page.matchAll(/`(src\/[\w./-]+\.ts)`(?: \| | )`(\w+)`/g)].map(
  ([, file, name]) => [file!, name!] as const,
);

/** Names of the functions, methods, accessors and properties that a file declares. */
function declared(file: string): Set<string> {
  const source = ts.createSourceFile(file, readFileSync(new URL(file, root), 'utf8'), ts.ScriptTarget.Latest);
  const names = new Set<string>();
  const visit = (node: ts.Node): void => {
    const is =
      ts.isFunctionDeclaration(node) ||
      ts.isMethodDeclaration(node) ||
      ts.isMethodSignature(node) ||
      ts.isPropertyAssignment(node);
    if (is && node.name !== undefined && ts.isIdentifier(node.name)) names.add(node.name.text);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return names;
}

describe("a log line's way", () => {
  it('has its two tables', () => {
    expect(page.match(/^\| \d+ \|/gm)?.length).toBe(20);
    expect(stops.length).toBeGreaterThanOrEqual(23);
  });

  it.each(stops)('%s has %s', (file, name) => {
    expect(existsSync(new URL(file, root))).toBe(true);
    expect(declared(file)).toContain(name);
  });

  it('other names of the page are in the file that their row names', () => {
    for (const row of page.match(/^\| \d+ \|.*$/gm)!) {
      const files = [...row.matchAll(/`(src\/[\w./-]+\.ts)`/g)].map((m) => m[1]!);
      const names = [...row.matchAll(/`([a-z]\w*[A-Z]\w*)`/g)].map((m) => m[1]!);
      const there = new Set(files.flatMap((file) => [...declared(file)]));
      expect(names.filter((name) => !there.has(name))).toEqual([]);
    }
  });
});
