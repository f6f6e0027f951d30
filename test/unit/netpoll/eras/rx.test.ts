import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMemoryDevice } from '../../../../src/net/memory.js';
import { Netdevs } from '../../../../src/net/netdevs.js';
import { type Client2003, receive2003 } from '../../../../src/netpoll/eras/index.js';
import { profile } from '../../../../src/profile/index.js';

const hex = (text: string) => Uint8Array.from(Buffer.from(text.replaceAll(' ', ''), 'hex'));

function client(withDefects: boolean, heard: [number, string][] = []): Client2003 {
  const netdevs = new Netdevs(() => 0, profile());
  const dev = netdevs.register(createMemoryDevice('eth0', { slots: 1 }), { addresses: ['10.0.2.15/24'] });
  return {
    dev,
    needArp: true,
    arpRules: 'from-remote',
    withDefects,
    options: {
      name: 'np',
      devName: 'eth0',
      devMac: new Uint8Array(6),
      localPort: 6666,
      remotePort: 6666,
      localIp: Uint8Array.of(10, 0, 2, 15, 0, 0),
      remoteIp: Uint8Array.of(10, 0, 2, 2, 0, 0),
      ipv6: false,
      remoteMac: hex('00163e0a0b0c'),
    },
    rxHook: (port, payload) => heard.push([port, Buffer.from(payload).toString('latin1')]),
  };
}

/** 10.0.2.2:4000 to 10.0.2.15:6666, "hello!", with a checksum: 0a00+0202+0a00+020f+0011+000e+0fa0+1a0a+000e+6865+6c6c+6f21 = 185da, folded 85db. */
const UDP = hex(
  '525400123456 00163e0a0b0c 0800 45000022 00000000 401162bb 0a000202 0a00020f 0fa01a0a000e 7a24 68656c6c6f21',
);
const ARP = hex('ffffffffffff 00163e0a0b0c 0806 0001080006040001 00163e0a0b0c0a000202 000000000000 0a00020f');

function change(frame: Uint8Array, at: number, value: number): Uint8Array {
  const changed = frame.slice();
  changed[at] = value;
  return changed;
}

describe('UDP', () => {
  it('goes to the hook with the port it came from', () => {
    const heard: [number, string][] = [];
    const c = client(false, heard);
    expect(receive2003(c, c.dev, UDP)).toEqual({ taken: true });
    expect(heard).toEqual([[4000, 'hello!']]);
  });

  it('withDefects: 4 bytes short', () => {
    const heard: [number, string][] = [];
    const c = client(true, heard);
    receive2003(c, c.dev, UDP);
    expect(heard).toEqual([[4000, 'he']]);
  });

  it('a wrong checksum is noticed, but not in 2003', () => {
    const wrong = change(UDP, 41, 0x1a);
    const now = client(false);
    expect(receive2003(now, now.dev, wrong).taken).toBe(false);
    const then = client(true);
    expect(receive2003(then, then.dev, wrong).taken).toBe(true);
  });

  it.each([
    ['another protocol', 23, 6],
    ['a wrong header checksum', 25, 0],
    ['another station', 5, 0],
    ['a fragment', 20, 0x20],
    ['UDP shorter than IP says', 39, 13],
  ])('%s is not for it', (_, at, value) => {
    const c = client(true);
    expect(receive2003(c, c.dev, change(UDP, at, value)).taken).toBe(false);
  });

  it('an address or port that is not set matches any', () => {
    const c = client(false);
    c.options.localIp.fill(0);
    c.options.remoteIp.fill(0);
    c.options.localPort = 0;
    expect(receive2003(c, c.dev, UDP).taken).toBe(true);
    c.options.localPort = 1;
    expect(receive2003(c, c.dev, UDP).taken).toBe(false);
  });
});

it('no frame makes it throw, and no changed one is answered with more than 42 bytes', () => {
  const change = fc.array(fc.tuple(fc.nat(80), fc.nat(255)), { maxLength: 4 });
  fc.assert(
    fc.property(fc.constantFrom(UDP, ARP), change, fc.nat(60), fc.boolean(), (frame, changes, cut, withDefects) => {
      const c = client(withDefects);
      const broken = frame.slice();
      for (const [at, value] of changes) broken[at % broken.length] = value;
      for (const bytes of [broken, broken.subarray(0, cut)]) {
        const { reply } = receive2003(c, c.dev, bytes);
        if (reply !== undefined) expect(reply).toHaveLength(42);
      }
    }),
    { numRuns: 300 },
  );
});
