/** The examples in the comments of `src/` run, as they stand, with what their readers have. Those of the testing room: there. */
import { readdirSync, readFileSync } from 'node:fs';
import ts from 'typescript';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { createMemoryDevice } from '../../src/net/memory.js';
import * as receiver from '../../src/receiver/index.js';
import * as replay from '../../src/replay/index.js';
import { createHarness } from '../../src/testing/index.js';
import { openDevice } from '../../src/transport/index.js';
import * as wire from '../../src/wire/index.js';

const src = new URL('../../src/', import.meta.url);
const examples = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !name.startsWith('testing/'))
  .flatMap((name) =>
    [...readFileSync(new URL(name, src), 'utf8').matchAll(/@example.*\n([\s\S]*?)(?=\n \* @|\n \*\/)/g)].map(
      ([, comment]) => ({ name, code: comment!.replace(/^ \* ?/gm, '') }),
    ),
  );

const printed = vi.spyOn(console, 'log').mockImplementation(() => {});
beforeAll(() => printed.mockClear());
afterAll(() => printed.mockRestore());

function given() {
  const { kernel, frames } = createHarness({ profile: '6.12', reliable: 'netconsd' });
  kernel.printk('hello\n');
  const payload = wire.decodeFrame(frames[0]!).payload!;
  const writer = new wire.PcapWriter();
  const chunk = Buffer.concat([writer.header(), ...frames.map((frame) => writer.record(frame, 0))]);
  return {
    ...{ ...receiver, ...replay, ...wire, openDevice, payload, bytes: payload, nowMs: 0, chunk, file: [chunk] },
    ...{ payloadLength: 5, frame: new Uint8Array(64), src: Uint8Array.of(2, 0, 0, 0, 0, 1), show: console.log },
    ...{ dst: Uint8Array.of(2, 0, 0, 0, 0, 2), device: createMemoryDevice() },
    readLog: () => replay.readLog(new URL('../../examples/boot.kmsg', import.meta.url).pathname),
  };
}

it('there are some', () => expect(examples.length).toBeGreaterThanOrEqual(9));

it.each(examples)('$name: $code', async ({ name, code }) => {
  const values = {
    ...given(),
    ...(name === 'wire/index.ts' && { src: Uint8Array.of(10, 0, 0, 1), dst: Uint8Array.of(10, 0, 0, 2) }),
  };
  const plain = ts.transpileModule(`(async () => {${code}\n})()`, {
    compilerOptions: { target: ts.ScriptTarget.ES2022 },
  });
  printed.mockClear();
  await new Function(...Object.keys(values), `return ${plain.outputText.replace(/^"use strict";\s*/, '')}`)(
    ...Object.values(values),
  );
  expect(printed.mock.calls.length > 0).toBe(/console\.log|show\(/.test(code));
});
