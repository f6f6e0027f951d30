/** A state and its address. */
import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EXAMPLES } from '../../../src/explore/examples.js';
import { decodeState, encodeState } from '../../../src/explore/state.js';
import { STATES } from '../../support/explorer.js';

const address = (value: unknown, version = 1) =>
  `${version}.${deflateRawSync(JSON.stringify(value)).toString('base64url')}`;

describe('an address', () => {
  it('holds any state', () =>
    fc.assert(
      fc.asyncProperty(STATES, async (state) => {
        const fragment = await encodeState(state);
        expect(fragment).toMatch(/^1\.[\w-]+$/);
        expect(await decodeState(fragment)).toEqual(state);
      }),
      { seed: 15, numRuns: 50 },
    ));

  it('is short', async () => {
    for (const { state } of EXAMPLES) expect((await encodeState(state)).length).toBeLessThan(600);
  });

  it.each([
    ['hello', /holds no state of the explorer: copy all of it/],
    ['2.abc', /version 2, and this page knows 1/],
    ['1.abc', /cut short or damaged: copy all of it/],
    [address({ kernels: ['6.12'], targets: [] }), /has no "records"/],
    [address({ kernels: [], records: [], targets: [] }), /kernels is empty/],
    [address({ kernels: ['6.12'], records: [{ text: 'x', level: 9 }], targets: [] }), /records\[0\].level is 9/],
    [address({ kernels: ['6.12'], records: [{ txt: 'x' }], targets: [] }), /records\[0\]/],
    [address({ kernels: ['1', '2', '3', '4', '5'], records: [], targets: [] }), /5 kernels, and 4 are the most/],
    [address('x'.repeat(9e6)), /more than \d+ bytes/],
  ])('that is none is refused, with what to do: %s', async (fragment, message) => {
    await expect(decodeState(fragment)).rejects.toThrow(message);
  });

  it('that is cut anywhere is refused', async () => {
    const whole = await encodeState(EXAMPLES[0]!.state);
    for (let end = 0; end < whole.length; end += 7) await expect(decodeState(whole.slice(0, end))).rejects.toThrow();
  });
});
