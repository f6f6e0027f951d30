/** The examples in the comments of the testing room run, as they stand. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { recordText } from '../../../src/receiver/index.js';
import * as testing from '../../../src/testing/index.js';

const room = new URL('../../../src/testing/', import.meta.url);
const examples = readdirSync(room)
  .filter((name) => name.endsWith('.ts'))
  .flatMap((name) =>
    [...readFileSync(new URL(name, room), 'utf8').matchAll(/@example\n([\s\S]*?)(?:\n \* @|\*\/)/g)].map(
      ([, comment]) => ({
        name,
        code: comment!.replace(/^ *\* ?/gm, '').replace(/^import .*$/gm, ''),
      }),
    ),
  );

it('there are some', () => expect(examples.length).toBeGreaterThanOrEqual(3));

it.each(examples)('$name: $code', ({ code }) => {
  const handled: Uint8Array[] = [];
  const given = {
    ...testing,
    recordText,
    expect,
    test: (_: string, fn: () => void) => fn(),
    myReceiver: { handle: (frame: Uint8Array) => handled.push(frame) },
  };
  new Function(...Object.keys(given), code)(...Object.values(given));
  expect(handled.length > 0).toBe(code.includes('myReceiver'));
});
