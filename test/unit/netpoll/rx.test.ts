import { describe, expect, it } from 'vitest';
import { createKernel, insideOf, type Kernel, type KernelOptions } from '../../../src/kernel/index.js';
import { createMemoryDevice, type MemoryDevice } from '../../../src/net/memory.js';
import type { RxStats } from '../../../src/netpoll/rx.js';
import { type NaiveFrame, naiveChecksum, naiveFrame, naiveIp, naiveMac } from '../../support/naive.js';

const MAC = '52:54:00:12:34:56';
const PEER_MAC = '52:55:0a:00:02:02';
const V4: Omit<NaiveFrame, 'payload'> = {
  srcMac: PEER_MAC,
  dstMac: MAC,
  srcIp: '10.0.2.2',
  dstIp: '10.0.2.15',
  srcPort: 6666,
  dstPort: 6665,
};
const V6 = { ...V4, srcIp: 'fd00::2', dstIp: 'fd00::15' };
const ACK = Buffer.from('nca3');

interface Machine {
  readonly kernel: Kernel;
  readonly device: MemoryDevice;
  readonly stats: RxStats;
}

function machine(param = '+@10.0.2.15/eth0,@10.0.2.2/', options: KernelOptions = {}): Machine {
  const kernel = createKernel({ profile: '6.12', reliable: 'heo-2015', ...options });
  const device = createMemoryDevice('eth0');
  kernel.addDevice(device, { addresses: ['10.0.2.15/24'] });
  kernel.insmod('netconsole', param);
  device.frames.length = 0;
  return { kernel, device, stats: insideOf(kernel).rx.stats };
}

const ipv6 = () => machine('+@fd00::15/eth0,@fd00::2/');
const acked = ({ kernel }: Machine) => insideOf(kernel).modules.targets[0]!.reliable!.ackSeq;

/** A frame with bytes changed, checksums as they were. */
function changed(frame: Buffer, at: number, ...bytes: number[]): Buffer {
  const copy = Buffer.from(frame);
  copy.set(bytes, at);
  return copy;
}

/** With the checksum of the IPv4 header put right. */
function summed(frame: Buffer): Buffer {
  const copy = Buffer.from(frame);
  copy.writeUInt16BE(0, 24);
  copy.writeUInt16BE(naiveChecksum(copy.subarray(14, 14 + (copy[14]! & 15) * 4)), 24);
  return copy;
}

const v4 = (fields: Partial<NaiveFrame> = {}) => naiveFrame({ ...V4, payload: ACK, ...fields });
const v6 = (fields: Partial<NaiveFrame> = {}) => naiveFrame({ ...V6, payload: ACK, ...fields });

describe('a datagram for the target', () => {
  it.each<[string, Buffer]>([
    ['as it comes', v4()],
    ['padded by the wire', Buffer.concat([v4(), Buffer.alloc(14, 0xa5)])],
    ['to everybody’s hardware address', v4({ dstMac: 'ff:ff:ff:ff:ff:ff' })],
    ['without a UDP checksum', v4({ udpChecksum: false })],
    ['with a priority tag', v4({ vlan: 0x2000 })],
    ['with another TTL and id', v4({ ttl: 1, id: 0xffff })],
    ['not to be fragmented', summed(changed(v4(), 20, 0x40, 0))],
  ])('IPv4, %s', (_name, frame) => {
    const m = machine();
    m.device.inject(frame);
    expect(m.stats).toEqual({ frames: 1, malformed: 0, foreign: 0, arpReplies: 0, delivered: 1 });
    expect(acked(m)).toBe(3);
  });

  it('IPv4 with options', () => {
    const frame = v4();
    const options = Buffer.concat([frame.subarray(0, 34), Buffer.from('94040000', 'hex'), frame.subarray(34)]);
    options[14] = 0x46;
    options.writeUInt16BE(frame.length - 14 + 4, 16);
    const m = machine();
    m.device.inject(summed(options));
    expect(acked(m)).toBe(3);
  });

  it('IPv6', () => {
    const m = ipv6();
    m.device.inject(v6());
    expect(m.stats).toMatchObject({ delivered: 1, malformed: 0, foreign: 0 });
    expect(acked(m)).toBe(3);
  });

  it('reaches the target whose ports it names, among several', () => {
    const m = machine('+1001@10.0.2.15/eth0,2001@10.0.2.2/;+1002@10.0.2.15/eth0,2002@10.0.2.2/');
    m.device.inject(v4({ srcPort: 2001, dstPort: 1001 }));
    const state = Object.fromEntries(
      insideOf(m.kernel).modules.targets.map((t) => [t.np.options.localPort, t.reliable!.ackSeq]),
    );
    expect(state).toEqual({ 1001: 3, 1002: 0 });
  });
});

describe('malformed, counted and dropped', () => {
  const good = v4();
  const good6 = v6();
  it.each<[string, Buffer]>([
    ['nothing', Buffer.alloc(0)],
    ['half an Ethernet header', good.subarray(0, 13)],
    ['half an IPv4 header', good.subarray(0, 30)],
    ['half a UDP header', good.subarray(0, 40)],
    ['cut off in its payload', good.subarray(0, good.length - 1)],
    ['another IP version than its type says', changed(good, 14, 0x65)],
    ['a header of 16 bytes', summed(changed(good, 14, 0x44))],
    ['options beyond its end', changed(good, 14, 0x4f)],
    ['a total length below the header’s', summed(changed(good, 16, 0, 19))],
    ['a total length beyond its end', summed(changed(good, 16, 0xff, 0xff))],
    ['a wrong header checksum', changed(good, 24, 0, 0)],
    ['a wrong UDP checksum', changed(good, 40, 0x12, 0x34)],
    ['a damaged payload', changed(good, 43, 0x6d)],
    ['a UDP length of 7', changed(good, 38, 0, 7)],
    ['a UDP length beyond the packet’s', changed(changed(good, 38, 0x05, 0xdc), 40, 0, 0)],
    ['the first fragment of a packet', summed(changed(good, 20, 0x20, 0))],
    ['a later fragment of a packet', summed(changed(good, 20, 0, 1))],
    ['half a tag', v4({ vlan: 0 }).subarray(0, 16)],
    ['ARP cut off', Buffer.concat([good.subarray(0, 12), Buffer.from('0806000108000604', 'hex')])],
  ])('%s', (_name, frame) => {
    const m = machine();
    m.device.inject(frame);
    expect(m.stats).toEqual({ frames: 1, malformed: 1, foreign: 0, arpReplies: 0, delivered: 0 });
    expect(acked(m)).toBe(0);
    expect(m.device.frames).toEqual([]);
  });

  it.each<[string, Buffer]>([
    ['half an IPv6 header', good6.subarray(0, 40)],
    ['a payload length beyond its end', changed(good6, 18, 0xff, 0xff)],
    ['no UDP checksum, which IPv6 wants', v6({ udpChecksum: false })],
    ['a damaged payload', changed(good6, 63, 0x6d)],
  ])('IPv6, %s', (_name, frame) => {
    const m = ipv6();
    m.device.inject(frame);
    expect(m.stats).toMatchObject({ malformed: 1, delivered: 0 });
  });
});

describe('foreign, counted and dropped', () => {
  const frames: [string, Buffer][] = [
    ['for another hardware address', v4({ dstMac: '52:54:00:12:34:57' })],
    ['for another address', v4({ dstIp: '10.0.2.16' })],
    ['for another port', v4({ dstPort: 6664 })],
    ['from another address', v4({ srcIp: '10.0.2.3' })],
    ['from another port', v4({ srcPort: 6667 })],
    ['from itself', v4({ srcIp: '10.0.2.15', srcPort: 6665 })],
    ['on a VLAN', v4({ vlan: 7 })],
    ['TCP', summed(changed(v4(), 23, 6))],
    ['of another family', v6()],
    ['of another protocol than IP and ARP', changed(v4(), 12, 0x88, 0xcc)],
  ];
  it.each(frames)('%s', (_name, frame) => {
    const m = machine();
    m.device.inject(frame);
    expect(m.stats).toEqual({ frames: 1, malformed: 0, foreign: 1, arpReplies: 0, delivered: 0 });
    expect(acked(m)).toBe(0);
  });

  it.each(['@10.0.2.15/eth0,@10.0.2.2/', '+{off}@10.0.2.15/eth0,@10.0.2.2/'])(
    'for a target that does not listen: %s',
    (p) => {
      const m = machine(p);
      m.device.inject(v4());
      expect(m.stats).toMatchObject({ foreign: 1, delivered: 0 });
    },
  );

  it('when the extension is off', () => {
    const kernel = createKernel({ profile: '6.12' });
    const device = createMemoryDevice('eth0');
    kernel.addDevice(device, { addresses: ['10.0.2.15/24'] });
    kernel.insmod('netconsole', '+@10.0.2.15/eth0,@10.0.2.2/');
    device.inject(v4());
    expect(insideOf(kernel).rx.stats).toMatchObject({ foreign: 1, delivered: 0 });
  });

  it('once the target is disabled, or its device gone', () => {
    const m = machine();
    m.kernel.fs.mkdir('netconsole/cmdline0');
    m.kernel.fs.write('netconsole/cmdline0/enabled', '0');
    m.device.inject(v4());
    expect(m.stats).toMatchObject({ foreign: 1, delivered: 0 });
  });

  it('from and to every port: one of them is the target’s', () => {
    const m = machine();
    const frame = v4({ udpChecksum: false });
    for (let port = 0; port < 65536; port++) {
      frame.writeUInt16BE(port, 36);
      m.device.inject(frame);
    }
    frame.writeUInt16BE(6665, 36);
    for (let port = 0; port < 65536; port++) {
      frame.writeUInt16BE(port, 34);
      m.device.inject(frame);
    }
    expect(m.stats).toEqual({ frames: 131_072, malformed: 0, foreign: 131_070, arpReplies: 0, delivered: 2 });
  });
});

describe('ARP', () => {
  const request = (targetIp: string, fields: { hardware?: string; operation?: string; dst?: string } = {}) =>
    Buffer.concat([
      naiveMac(fields.dst ?? 'ff:ff:ff:ff:ff:ff'),
      naiveMac(PEER_MAC),
      Buffer.from(`0806${fields.hardware ?? '0001'}08000604${fields.operation ?? '0001'}`, 'hex'),
      naiveMac(PEER_MAC),
      naiveIp('10.0.2.2'),
      Buffer.alloc(6),
      naiveIp(targetIp),
    ]);

  const reply = Buffer.concat([
    naiveMac(PEER_MAC),
    naiveMac(MAC),
    Buffer.from('08060001080006040002', 'hex'),
    naiveMac(MAC),
    naiveIp('10.0.2.15'),
    naiveMac(PEER_MAC),
    naiveIp('10.0.2.2'),
  ]);

  it.each(['ff:ff:ff:ff:ff:ff', MAC])('a request for a listener’s address, to %s, is answered', (dst) => {
    const m = machine();
    m.device.inject(request('10.0.2.15', { dst }));
    expect(m.device.frames.map((f) => Buffer.from(f))).toEqual([reply]);
    expect(m.stats).toEqual({ frames: 1, malformed: 0, foreign: 0, arpReplies: 1, delivered: 0 });
  });

  it('the answer is padded where the driver pads', () => {
    const kernel = createKernel({ profile: '6.12', reliable: 'heo-2015' });
    const device = createMemoryDevice('eth0', { padding: 'zero60' });
    kernel.addDevice(device, { addresses: ['10.0.2.15/24'] });
    kernel.insmod('netconsole', '+@10.0.2.15/eth0,@10.0.2.2/');
    device.frames.length = 0;
    device.inject(request('10.0.2.15'));
    expect(Buffer.from(device.frames[0]!)).toEqual(Buffer.concat([reply, Buffer.alloc(18)]));
  });

  it.each<[string, Buffer, Machine]>([
    ['for another address', request('10.0.2.16'), machine()],
    ['that is a reply', request('10.0.2.15', { operation: '0002' }), machine()],
    ['where nobody listens', request('10.0.2.15'), machine('@10.0.2.15/eth0,@10.0.2.2/')],
    ['where it is switched off', request('10.0.2.15'), machine(undefined, { answerArp: false })],
  ])('not answered: %s', (_name, frame, m) => {
    m.device.inject(frame);
    expect(m.device.frames).toEqual([]);
    expect(m.stats).toMatchObject({ foreign: 1, arpReplies: 0 });
  });

  it('a flood while the device is busy: no slot is lost, and none is left for ever', () => {
    const m = machine();
    m.device.busy = true;
    for (let i = 0; i < 1000; i++) m.device.inject(request('10.0.2.15'));
    expect(m.device.slab.inUse).toBeLessThanOrEqual(m.device.slab.count);
    m.device.busy = false;
    expect(m.device.slab.inUse).toBe(0);
    expect(m.device.frames.length).toBeGreaterThan(0);
  });
});
