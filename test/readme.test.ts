import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ERRNO } from '../src/errno.js';
import { INTERFACE_TRANSPORTS, OTHER_TRANSPORTS } from '../src/transport/open.js';
import { page, pages, pagesOf, renewed, SECTIONS, sourceFiles } from './support/readme.js';

const text = page('README.md');

describe('pages', () => {
  it.each(pages())('%s has its made sections as the code would make them (npm run readme)', (name) => {
    expect(renewed(page(name))).toBe(page(name));
  });

  it.each(Object.keys(SECTIONS))('the made section %s stands in one page', (section) => {
    expect(pagesOf(section).length).toBe(1);
  });

  it.each(pages())('%s links to files that are there', (name) => {
    const links = [...page(name).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map((m) => m[1]!);
    expect(links.filter((link) => !existsSync(new URL(link, new URL(`../${name}`, import.meta.url))))).toEqual([]);
  });
});

it('the page of the transports has every one of them', () => {
  for (const name of [...INTERFACE_TRANSPORTS, ...OTHER_TRANSPORTS])
    expect(page('src/transport/README.md')).toMatch(new RegExp(`^\\| \`${name}[\`:]`, 'm'));
});

it('the page of the command line has every error code that is thrown, with cause and remedy', () => {
  const codes = page('src/cli/README.md');
  const thrown = new Set<string>();
  for (const file of sourceFiles()) {
    for (const [, code] of readFileSync(file, 'utf8').matchAll(/'(E[A-Z0-9]+)'/g))
      if (code! in ERRNO) thrown.add(code!);
  }
  expect(thrown.size).toBeGreaterThan(20);
  const missing = [...thrown].filter(
    (code) => !new RegExp(`^\\| \`${code}\` \\| .{10,} \\| .{5,} \\|$`, 'm').test(codes),
  );
  expect(missing).toEqual([]);
});

describe('README', () => {
  it('can be read in five minutes', () => expect(text.split('\n').length).toBeLessThanOrEqual(200));

  it('shows code that runs', () => {
    const hello = readFileSync(new URL('../examples/01-hello.ts', import.meta.url), 'utf8');
    const [, shown] = /```ts\n([\s\S]*?)```/.exec(text)!;
    for (const line of shown!.split('\n').filter((l) => l.trim() !== '')) expect(hello).toContain(line.trim());
  });
});
