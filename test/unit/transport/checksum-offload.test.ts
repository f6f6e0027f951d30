import { describe, expect, it } from 'vitest';
import { finishChecksum } from '../../../src/transport/checksum-offload.js';
import { naiveFrame } from '../../support/naive.js';

const base = { srcMac: '02:00:00:00:00:01', dstMac: '02:00:00:00:00:02', srcPort: 6666, dstPort: 6665 };
const cases = [
  ['IPv4, even length', { srcIp: '10.0.0.1', dstIp: '10.0.0.2' }, 'acks', 40],
  ['IPv4, odd length', { srcIp: '255.255.255.254', dstIp: '10.0.0.2' }, 'ack', 40],
  ['IPv6', { srcIp: 'fd00::1', dstIp: 'fd00::2' }, 'ack', 60],
] as const;

/** The sum of the pseudo header, carries added, not complemented. */
function pseudoSum(frame: Buffer, checksumAt: number): number {
  const addresses = checksumAt === 40 ? frame.subarray(26, 34) : frame.subarray(22, 54);
  let sum = 17 + frame.readUInt16BE(checksumAt - 2);
  for (let i = 0; i < addresses.length; i += 2) sum += addresses.readUInt16BE(i);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return sum;
}

describe('finishChecksum', () => {
  it.each(cases)('completes an unfinished checksum: %s', (_, ips, text, at) => {
    const whole = naiveFrame({ ...base, ...ips, payload: Buffer.from(text) });
    const unfinished = Buffer.from(whole);
    unfinished.writeUInt16BE(pseudoSum(whole, at), at);
    expect(unfinished.equals(whole)).toBe(false);
    finishChecksum(unfinished, 14);
    expect(unfinished.toString('hex')).toBe(whole.toString('hex'));
  });

  it.each(cases)('leaves right, wrong and missing ones alone: %s', (_, ips, text, at) => {
    const whole = naiveFrame({ ...base, ...ips, payload: Buffer.from(text) });
    for (const checksum of [whole.readUInt16BE(at), 0x1234, 0]) {
      const frame = Buffer.from(whole);
      frame.writeUInt16BE(checksum, at);
      const before = Buffer.from(frame);
      finishChecksum(frame, 14);
      expect(frame.equals(before)).toBe(true);
    }
  });

  it('touches nothing in a frame cut anywhere', () => {
    const whole = naiveFrame({ ...base, srcIp: '10.0.0.1', dstIp: '10.0.0.2', payload: Buffer.from('acks') });
    whole.writeUInt16BE(pseudoSum(whole, 40), 40);
    for (let length = 0; length < whole.length; length++) {
      const cut = whole.subarray(0, length);
      const before = Buffer.from(cut);
      finishChecksum(cut, 14);
      expect(cut.equals(before)).toBe(true);
    }
  });
});
