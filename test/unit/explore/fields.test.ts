/** The fields of frames: they cover every byte, and say what the decoder says. */
import { describe, expect, it } from 'vitest';
import { EXAMPLES } from '../../../src/explore/examples.js';
import { FIELD_KINDS, fieldsOf } from '../../../src/explore/fields.js';
import { explore } from '../../../src/explore/run.js';
import { decodeFrame } from '../../../src/wire/decode.js';
import { capturedFrames, readGolden } from '../../support/compare.js';
import { HELD } from '../../support/recordings.js';

const goldens = HELD.filter(({ scenario }) =>
  ['basic', 'fragments', 'release', 'boot-plain', 'ipv6', 'vlan', 'sysdata', 'userdata-values', 'devices'].includes(
    scenario,
  ),
);

/** What is wrong with the fields of a frame. */
function faults(frame: Uint8Array): string[] {
  const fields = fieldsOf(frame);
  const found: string[] = [];
  const same = (what: string, a: unknown, b: unknown) => {
    if (a !== b) found.push(`${what}: ${a} is not ${b}`);
  };
  let at = 0;
  for (const { start, end, kind, name, meaning } of fields) {
    same(`the start of ${name}`, start, at);
    if (end <= start || !(kind in FIELD_KINDS) || !meaning.endsWith('.')) found.push(`${name} is odd`);
    at = end;
  }
  same('the end', at, frame.length);
  const { message, ip, udp, ethernet } = decodeFrame(frame);
  const value = (name: string) => fields.find((field) => field.name === name)?.value;
  same('MAC', value('destination MAC'), ethernet?.dst);
  same('source', value('source address'), ip?.src);
  same('port', value('destination port'), udp && String(udp.dstPort));
  if (message?.kind !== 'extended') return found;
  same('seq', value('seq'), String(message.seq));
  same('release', fields.find(({ kind }) => kind === 'release')?.value, message.release);
  same('flag', value('flag'), message.flag);
  same('ncfrag', value('ncfrag') !== undefined, message.fragment !== undefined);
  return found;
}

/** Of each recording. */
const FRAMES = 80;

describe('fields', () => {
  it.each(EXAMPLES.map(({ name, state }) => [name, state] as const))('of %s', (_, state) => {
    for (const kernel of state.kernels)
      for (const { frame } of explore(state, kernel).transmissions) expect(faults(frame)).toEqual([]);
  });

  it('of recordings of real kernels', () => {
    let frames = 0;
    for (const { folder } of goldens) {
      for (const frame of capturedFrames(readGolden(folder).pcap).slice(0, FRAMES)) {
        expect(faults(frame)).toEqual([]);
        frames++;
      }
    }
    expect(frames).toBeGreaterThan(1000);
  });

  it('of anything at all cover it', () => {
    for (let length = 0; length < 200; length++) {
      const frame = Uint8Array.from({ length }, (_, i) => (i * 37 + length) & 255);
      expect(fieldsOf(frame).at(-1)?.end ?? 0).toBe(length);
    }
  });
});
