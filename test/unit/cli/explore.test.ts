/** `explore`: what it writes, and how it refuses. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { explain } from '../../../src/cli/errors.js';
import { type ExploreOptions, explore } from '../../../src/cli/explore.js';
import type { PageData } from '../../../src/explore/data.js';
import { EXAMPLES, encodeState } from '../../../src/explore/index.js';
import { Sink } from '../../support/cli.js';

const folder = mkdtempSync(join(tmpdir(), 'explore-'));
afterAll(() => rmSync(folder, { recursive: true }));
const root = new URL('../../../', import.meta.url).pathname;
const page = join(folder, 'page.html');

async function run(path: string | undefined, options: ExploreOptions = {}) {
  const out = new Sink();
  const err = new Sink();
  try {
    const code = await explore(path, { out: page, ...options }, { out, err });
    return { code, out: out.text, err: err.text };
  } catch (error) {
    const known = explain(error);
    if (known === undefined) throw error;
    return { code: known.exitCode, out: out.text, err: known.message };
  }
}

function dataOf(html: string): PageData {
  return JSON.parse(/<script type="application\/json" id="data">(.*?)<\/script>/s.exec(html)![1]!) as PageData;
}

function log(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

describe('explore', () => {
  it('writes a page with an example', async () => {
    expect(await run(undefined)).toEqual({ code: 0, out: `${page}: open it in a browser\n`, err: '' });
    const { state } = dataOf(readFileSync(page, 'utf8'));
    expect(state.kernels.length).toBeGreaterThan(1);
  });

  it('writes one file that asks for nothing', async () => {
    await run(undefined);
    const html = readFileSync(page, 'utf8');
    expect(html).toMatch(/Content-Security-Policy" content="default-src 'none'/);
    expect(html.match(/<(?:script|link|img)[^>]* (?:src|href)=/g)).toBeNull();
  });

  it('takes a log of any format, and the kernels', async () => {
    expect((await run(`${root}examples/boot.kmsg`, { kernel: ['debian12', '7.3'] })).code).toBe(0);
    const { state } = dataOf(readFileSync(page, 'utf8'));
    expect([state.kernels, state.records.length]).toEqual([['debian12', '7.3'], 394]);
    await run(log('a.dmesg', '[    1.000000] first\n[    2.500000] pci 0000:00:01.0: second\n'));
    expect(dataOf(readFileSync(page, 'utf8')).state.records).toMatchObject([
      { text: 'first', tsUsec: 1_000_000 },
      { text: 'pci 0000:00:01.0: second', tsUsec: 2_500_000 },
    ]);
  });

  it('keeps text that would end a script, and bytes that are no UTF-8', async () => {
    const file = log('b.kmsg', '6,1,5,-;</script><b>\n4,2,6,-;\\xff\\x01\n');
    await run(file);
    const { records } = dataOf(readFileSync(page, 'utf8')).state;
    expect(records).toMatchObject([{ text: '</script><b>', seq: 1 }, { hex: 'ff01' }]);
  });

  it('says what of a long log it shows, in the page too', async () => {
    const file = log('c.kmsg', Array.from({ length: 1200 }, (_, i) => `6,${i},${i},-;line ${i}\n`).join(''));
    const { err } = await run(file, { from: 1001 });
    expect(err).toMatch(/records 1001 to 1200 of 1200/);
    const { state, notices } = dataOf(readFileSync(page, 'utf8'));
    expect([state.records[0]!.text, state.records.length]).toEqual(['line 1000', 200]);
    expect(notices[0]).toMatch(/1001 to 1200/);
  });

  it('takes a scenario, and a recording', async () => {
    await run(`${root}examples/scenario.json`);
    expect(dataOf(readFileSync(page, 'utf8')).state.scenario!.text).toMatch(/"ops"/);
    await run(`${root}test/golden/6.12/basic`);
    const { kernels, scenario } = dataOf(readFileSync(page, 'utf8')).state;
    expect(kernels).toEqual(['6.12s']);
    expect(scenario!.recorded!.length).toBeGreaterThan(1000);
  });

  it('takes the address of a page', async () => {
    const state = EXAMPLES[1]!.state;
    await run(`file:///somewhere/explore.html#${await encodeState(state)}`);
    expect(dataOf(readFileSync(page, 'utf8')).state).toEqual(state);
  });

  it('writes to standard output', async () => {
    const { out } = await run(undefined, { out: '-' });
    expect(out).toMatch(/^<!doctype html>/);
  });

  it.each([
    ['no such file', join(folder, 'none.kmsg'), {}, 2, /there is no .*none.kmsg: name/],
    ['a folder of something else', folder, {}, 2, /is a folder without scenario.json/],
    ['what is no log', log('d.txt', 'words without a stamp\n'), {}, 2, /d.txt /],
    ['an empty file', log('e.txt', ''), {}, 2, /is empty/],
    ['a scenario that is none', log('f.json', '{"ops": 3}'), {}, 2, /is no scenario/],
    ['an operation that is none', log('g.json', '{"ops": [{"op": "fly"}]}'), {}, 2, /operation 0.*fly/],
    ['an address that is cut', 'file:///x.html#1.abc', {}, 2, /cut short or damaged: copy all of it/],
    ['a part of a scenario', `${root}examples/scenario.json`, { from: 2 }, 2, /leave out --format and --from/],
    ['an unknown kernel', undefined, { kernel: ['9x'] }, 2, /there is no kernel profile "9x"; choose/],
    ['too many kernels', undefined, { kernel: ['4.4', '4.9', '5.4', '6.1', '7.3'] }, 2, /compares 4 kernels at most/],
    ['an unknown format', `${root}examples/boot.kmsg`, { format: 'papyrus' }, 2, /papyrus/],
    ['a record beyond the end', `${root}examples/boot.kmsg`, { from: 5000 }, 2, /has no record number 5000/],
    [
      'a page that cannot be written',
      undefined,
      { out: join(folder, 'none/page.html') },
      1,
      /cannot write .*page.html/,
    ],
  ] as const)('refuses %s', async (_, path, options, code, message) => {
    const result = await run(path, options);
    expect(result.code).toBe(code);
    expect(result.err).toMatch(message);
    expect(result.out).toBe('');
  });
});
