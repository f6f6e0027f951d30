import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decodeFrame } from '../../../src/wire/decode.js';
import { formatDecoded } from '../../../src/wire/format.js';
import { linktypeName, readsLinktype } from '../../../src/wire/linktype.js';
import { IpReassembler } from '../../../src/wire/reassembly.js';
import { ethernet, ipv4, ipv6, naivePcapng, wrappings } from '../../support/encapsulate.js';
import { naiveExtended, naiveFrame } from '../../support/naive.js';

const flow = { srcMac: '52:54:00:00:00:01', dstMac: '12:34:56:78:9a:bc', srcIp: '10.0.0.1', dstIp: '10.0.0.2' };
const payload = naiveExtended({ level: 6, seq: 42, tsUsec: 5, text: 'wrapped' });
const packet = naiveFrame({ ...flow, srcPort: 6665, dstPort: 6666, id: 3, payload }).subarray(14);
const all = wrappings(packet);
const missing = spawnSync('tshark', ['--version'], { stdio: 'ignore' }).error !== undefined;

describe('what lies around a packet', () => {
  it.each(all.map((one) => [one.name, one] as const))('%s', (_name, { frame, linktype }) => {
    const decoded = decodeFrame(frame, linktype);
    expect(decoded.odd).toEqual([]);
    expect(decoded.ip).toMatchObject({ src: '10.0.0.1', dst: '10.0.0.2', checksum: 'good' });
    expect(decoded.udp).toMatchObject({ srcPort: 6665, dstPort: 6666, checksum: 'good' });
    expect(decoded.message).toMatchObject({ kind: 'extended', seq: 42 });
    expect(formatDecoded(decoded)).toContain('seq 42');
  });

  it.each(all.map((one) => [one.name, one] as const))(
    '%s: never throws when cut or broken',
    (_name, { frame, linktype }) => {
      for (let size = 0; size <= frame.length; size++) {
        const decoded = decodeFrame(frame.subarray(0, size), linktype);
        expect(() => formatDecoded(decoded)).not.toThrow();
        if (size < frame.length) expect(decoded.message).toBeUndefined();
      }
      for (let at = 0; at < frame.length - payload.length; at++) {
        for (const value of [0, 0xff, frame[at]! ^ 1]) {
          const broken = Buffer.from(frame);
          broken[at] = value;
          formatDecoded(decodeFrame(broken, linktype));
        }
      }
    },
  );

  it('names the layers, outermost first', () => {
    const names = (name: string) => {
      const { frame, linktype } = all.find((one) => one.name === name)!;
      return decodeFrame(frame, linktype).layers?.map((layer) => layer.name);
    };
    expect(names('VXLAN in GRE')).toEqual(['ethernet', 'ip', 'gre', 'ip', 'vxlan']);
    expect(names('Linux cooked')).toEqual(['sll']);
    expect(names('802.1ad')).toBeUndefined();
    const { frame } = all.find((one) => one.name === '802.1ad')!;
    expect(decodeFrame(frame).ethernet).toMatchObject({ vlan: { id: 100 }, vlans: [{ id: 100 }, { id: 200 }] });
    expect(formatDecoded(decodeFrame(frame))).toMatch(/^vlan 100, p 0, vlan 200, p 0, IP /);
  });

  it('stops at a tunnel in a tunnel without end', () => {
    let deep: Uint8Array = packet;
    for (let i = 0; i < 40; i++) deep = ipv4(4, deep);
    expect(decodeFrame(ethernet(0x0800, deep)).odd).toContain('more than 24 headers');
  });

  it('names what it does not read', () => {
    const carries = (etherType: number, bytes: Uint8Array) => decodeFrame(ethernet(etherType, bytes)).carries;
    expect(carries(0x88cc, Buffer.alloc(20))).toBe('LLDP');
    expect(carries(0x88e5, Buffer.alloc(20))).toBe('MACsec');
    expect(carries(0x1234, Buffer.alloc(20))).toBe('ethertype 0x1234');
    expect(carries(0x0800, ipv4(6, Buffer.alloc(20)))).toBe('TCP');
    expect(carries(0x0800, ipv4(50, Buffer.alloc(20)))).toBe('ESP');
    expect(carries(0x86dd, ipv6(58, Buffer.alloc(20)))).toBe('ICMPv6');
    expect(linktypeName(220)).toBe('220 (USB of Linux, padded)');
    expect([readsLinktype(1), readsLinktype(220), readsLinktype(9999)]).toEqual([true, false, false]);
  });

  // tshark must be told the byte order of NFLOG, and what an MPLS label stands for.
  const told = new Set(['NFLOG, big-endian', 'MPLS pseudowire']);
  it.skipIf(missing)(`tshark finds the same datagram${missing ? ' (skipped: tshark is not installed)' : ''}`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'encapsulation-'));
    try {
      const file = join(folder, 'all.pcapng');
      const some = all.filter(({ name }) => !told.has(name));
      writeFileSync(file, naivePcapng(some));
      const decodeAs = ['-d', 'udp.port==8472,vxlan', '-d', 'udp.port==37008,tzsp'];
      const fields = ['-Y', 'udp', '-T', 'fields', '-e', 'udp.payload', '-E', 'occurrence=l'];
      const { stdout } = spawnSync('tshark', ['-n', '-r', file, ...decodeAs, ...fields], { encoding: 'utf8' });
      const found = stdout.split('\n').slice(0, -1);
      expect(found.length).toBe(some.length);
      expect(some.filter((_, i) => found[i] !== payload.toString('hex')).map(({ name }) => name)).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('IP fragments', () => {
  const whole = packet.subarray(20);
  const piece = (from: number, to: number, id = 7) =>
    ethernet(0x0800, ipv4(17, whole.subarray(from, to), (to < whole.length ? 0x2000 : 0) | (from / 8), id));
  const decode = (frames: readonly Uint8Array[], stamps: readonly number[] = []) => {
    const lost: unknown[] = [];
    const reassembler = new IpReassembler((datagram) => lost.push(datagram));
    const decoded = frames.map((frame, i) => decodeFrame(frame, 1, { reassembler, tsUsec: stamps[i] ?? i }));
    reassembler.end();
    return { seqs: decoded.map(({ message }) => message?.kind === 'extended' && message.seq), decoded, lost };
  };

  it('are joined in any order, and copies begin nothing', () => {
    const [a, b, c] = [piece(0, 16), piece(16, 24), piece(24, whole.length)];
    expect(decode([a, b, c]).seqs).toEqual([false, false, 42]);
    expect(decode([c, a, b]).seqs).toEqual([false, false, 42]);
    const { seqs, lost, decoded } = decode([a, a, c, b, b, a]);
    expect(seqs).toEqual([false, false, false, 42, false, false]);
    expect(lost).toEqual([]);
    expect(decoded[3]).toMatchObject({ fragments: 3, udp: { dstPort: 6666 } });
  });

  it('are not mixed: other numbers, other bytes, other times', () => {
    expect(decode([piece(0, 16, 1), piece(16, whole.length, 2)]).lost).toHaveLength(2);
    const other = Buffer.from(piece(0, 16));
    other[40]! ^= 0xff;
    const mixed = decode([piece(0, 16), other, piece(16, whole.length)]);
    expect(mixed.seqs).toEqual([false, false, false]);
    expect(mixed.decoded[1]!.odd).toContain('it contradicts another fragment of its datagram');
    expect(decode([piece(0, 16), piece(16, whole.length)], [0, 61e6]).seqs).toEqual([false, false]);
    expect(decode([piece(0, 24), piece(16, whole.length)]).seqs).toEqual([false, false]);
  });

  it('of IPv6 too', () => {
    const udp = Buffer.from(whole);
    udp.writeUInt16BE(0, 6);
    const six = (from: number, to: number) => {
      const header = Buffer.from('11000000000000aa', 'hex');
      header.writeUInt16BE(from | (to < udp.length ? 1 : 0), 2);
      return ethernet(0x86dd, ipv6(44, Buffer.concat([header, udp.subarray(from, to)])));
    };
    expect(decode([six(0, 24), six(24, udp.length)]).seqs).toEqual([false, 42]);
  });

  it('a fragment that the capture cut is not joined', () => {
    const cut = piece(16, whole.length).subarray(0, -3);
    expect(decode([piece(0, 16), cut]).seqs).toEqual([false, false]);
  });
});
