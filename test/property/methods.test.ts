/**
 * Every argument of the verbs of a kernel, and of the matchers, set to each of many wrong values:
 * refused at once, by its name, and the kernel sends on as if nothing had been.
 */
import { describe, expect, it } from 'vitest';
import '../../src/vitest/index.js';
import { createKernel, type Kernel, KernelError } from '../../src/index.js';
import { createMemoryDevice } from '../../src/net/memory.js';
import type { IpCalls } from '../../src/net/netdevs.js';
import { checkFrame, createHarness } from '../../src/testing/index.js';

const detached = new Uint8Array(8);
structuredClone(detached.buffer, { transfer: [detached.buffer] });
const WRONG: Readonly<Record<string, unknown>> = {
  ...{ NaN: Number.NaN, '-1': -1, '1.5': 1.5, '2^60': 2 ** 60, Infinity: Number.POSITIVE_INFINITY },
  ...{ empty: '', x: 'x', '6': '6', undefined, null: null, true: true, '{}': {}, '[]': [], '[5]': [5] },
  ...{ '5n': 5n, symbol: Symbol('s'), function: () => {}, Map: new Map(), Date: new Date(0) },
  ...{ bytes: Uint8Array.of(1), 'without a prototype': Object.create(null), frozen: Object.freeze({ a: 1 }) },
  ...{ Proxy: new Proxy({}, {}), detached, shared: new Uint8Array(new SharedArrayBuffer(4)) },
};

type Right = (value: unknown) => boolean;
const never: Right = () => false;
const text: Right = (value) => typeof value === 'string';
const fn: Right = (value) => typeof value === 'function';
const isBytes: Right = (value) => value instanceof Uint8Array;
const left: Right = (value) => value === undefined;
const either =
  (...rights: readonly Right[]): Right =>
  (value) =>
    rights.some((right) => right(value));

const eth0 = (ip: IpCalls) => ip.byName('eth0')!;

/** Any value goes in where a right one belongs. */
type Given = never;

/** What is called, how a refusal names the argument, and which of the values are right. */
const VERBS: Readonly<
  Record<string, readonly [call: (kernel: Kernel, value: Given) => unknown, name: RegExp, right: Right]>
> = {
  'printk, text': [
    (kernel, value) => kernel.printk(value),
    /the text|detached/,
    (v) => text(v) || (isBytes(v) && v !== detached),
  ],
  'printk, options': [
    (kernel, value) => kernel.printk('x\n', value),
    /options/,
    (v) => left(v) || (typeof v === 'object' && v !== null),
  ],
  'printk, level': [(kernel, value) => kernel.printk('x\n', { level: value }), /level/, (v) => left(v) || v === -1],
  'printk, facility': [(kernel, value) => kernel.printk('x\n', { facility: value }), /facility/, left],
  'printk, tsUsec': [(kernel, value) => kernel.printk('x\n', { tsUsec: value }), /tsUsec/, (v) => left(v) || v === 1.5],
  'printk, dev': [(kernel, value) => kernel.printk('x\n', { dev: value }), /dev/, left],
  current: [
    (kernel, value) => {
      kernel.current = value;
    },
    /current/,
    never,
  ],
  'current, pid': [
    (kernel, value) => {
      kernel.current = { pid: value, cpu: 0, comm: 'a' };
    },
    /pid/,
    never,
  ],
  batch: [(kernel, value) => kernel.batch(value), /fn/, fn],
  skipTo: [(kernel, value) => kernel.skipTo(value), /skipTo|seq/, never],
  insmod: [(kernel, value) => kernel.insmod(value), /name|module/, never],
  rmmod: [(kernel, value) => kernel.rmmod(value), /name|module|loaded/, never],
  'fs.mkdir': [(kernel, value) => kernel.fs.mkdir(value), /path|mkdir/, never],
  'fs.rmdir': [(kernel, value) => kernel.fs.rmdir(value), /path|rmdir|directory/, never],
  'fs.readdir': [(kernel, value) => kernel.fs.readdir(value), /path|readdir|directory/, (v) => v === ''],
  'fs.read': [(kernel, value) => kernel.fs.read(value), /path|read|directory/, never],
  'fs.kind': [(kernel, value) => kernel.fs.kind(value), /path/, text],
  'fs.write, data': [
    (kernel, value) => kernel.fs.write('netconsole/cmdline0/enabled', value),
    /data|ENOENT|no such|EINVAL/,
    never,
  ],
  'kmsg.write': [(kernel, value) => kernel.kmsg.write(value), /data/, either(text, isBytes)],
  addDevice: [(kernel, value) => kernel.addDevice(value), /device/, never],
  removeDevice: [(kernel, value) => kernel.removeDevice(value), /dev/, never],
  ip: [(kernel, value) => kernel.ip(value), /fn/, fn],
  'ip, setUp, dev': [(kernel, value) => kernel.ip((ip) => ip.setUp(value, true)), /setUp: dev/, never],
  'ip, setUp, up': [(kernel, value) => kernel.ip((ip) => ip.setUp(eth0(ip), value)), /setUp: up/, (v) => v === true],
  'ip, rename, dev': [(kernel, value) => kernel.ip((ip) => ip.rename(value, 'a')), /rename: dev/, never],
  'ip, rename, name': [
    (kernel, value) => kernel.ip((ip) => ip.rename(eth0(ip), value)),
    /rename: name|interface name/,
    (v) => text(v) && v !== '',
  ],
  'ip, setMac, dev': [
    (kernel, value) => kernel.ip((ip) => ip.setMac(value, Uint8Array.of(2, 0, 0, 0, 0, 1))),
    /setMac: dev/,
    never,
  ],
  'ip, setMac, mac': [(kernel, value) => kernel.ip((ip) => ip.setMac(eth0(ip), value)), /setMac: mac/, never],
  'ip, setIpv6': [(kernel, value) => kernel.ip((ip) => ip.setIpv6(value)), /setIpv6: dev/, never],
  'ip, enslave, dev': [(kernel, value) => kernel.ip((ip) => ip.enslave(value, eth0(ip))), /enslave: dev/, never],
  'ip, enslave, master': [(kernel, value) => kernel.ip((ip) => ip.enslave(eth0(ip), value)), /enslave: master/, never],
  'ip, free': [(kernel, value) => kernel.ip((ip) => ip.free(value)), /free: dev/, never],
  retarget: [(kernel, value) => kernel.retarget(value), /change/, fn],
  'retarget, remoteIp': [(kernel, value) => kernel.retarget(() => ({ remoteIp: value })), /remoteIp|address/, left],
  'retarget, remotePort': [(kernel, value) => kernel.retarget(() => ({ remotePort: value })), /remotePort|port/, left],
  addConsole: [(kernel, value) => kernel.addConsole(value), /console/, never],
  advanceTo: [(kernel, value) => kernel.advanceTo(value), /advanceTo/, (v) => v === 1.5],
  onDeadline: [
    (kernel, value) => {
      kernel.onDeadline = value;
    },
    /onDeadline/,
    either(fn, left),
  ],
  'oops, trace': [(kernel, value) => kernel.oops(value), /trace/, fn],
  'oops, regs': [(kernel, value) => kernel.oops(() => {}, value), /regs/, either(isBytes, left)],
  'panic, message': [(kernel, value) => kernel.panic(value), /message/, text],
  'panic, options': [
    (kernel, value) => kernel.panic('x', value),
    /panic/,
    (v) => left(v) || (typeof v === 'object' && v !== null),
  ],
  'panic, trace': [(kernel, value) => kernel.panic('x', { trace: value }), /trace/, either(fn, left)],
  'sysrq, key': [(kernel, value) => kernel.sysrq(value), /key/, text],
  'sysrq, header': [(kernel, value) => kernel.sysrq('h', { header: value }), /header/, either(fn, left)],
};

describe.each(Object.keys(VERBS))('%s', (verb) => {
  const [call, name, right] = VERBS[verb]!;
  it.each(Object.keys(WRONG))('%s', (label) => {
    const value = WRONG[label];
    if (right(value)) return;
    const sent: Uint8Array[] = [];
    const kernel = createKernel({ profile: '6.12', logBufShift: 14 });
    kernel.addDevice(createMemoryDevice('eth0', { onFrame: (frame) => sent.push(frame) }), {
      addresses: ['10.0.0.1/24'],
    });
    kernel.insmod('netconsole', '+@/eth0,@10.0.0.2/02:00:00:00:00:02');
    const before = sent.length;
    const { nextSeq } = kernel.inspect().log;
    let error: unknown;
    try {
      call(kernel, value as Given);
    } catch (thrown) {
      error = thrown;
    }
    expect([KernelError, RangeError, TypeError].some((kind) => error instanceof kind)).toBe(true);
    expect((error as Error).message).toMatch(name);
    expect([sent.length, kernel.inspect().log.nextSeq]).toEqual([before, nextSeq]);
    kernel.printk('after\n');
    expect(sent.length).toBe(before + 1);
    kernel.close();
  });
});

describe('a frame that is none, and predicates that are none', () => {
  const { kernel, frames } = createHarness({ profile: '6.12' });
  kernel.printk('x\n');

  it.each(Object.keys(WRONG).filter((label) => !isBytes(WRONG[label])))('%s', (label) => {
    const value = WRONG[label];
    expect(() => checkFrame(value as Given)).toThrow(/is .*, not a Uint8Array|no such frame/);
    expect(() => expect(value).toBeFrame()).toThrow(/no frame|no such frame/);
    expect(() => expect(value).toBeRecord({})).toThrow(/no frame|no such frame/);
    if (fn(value)) return;
    expect(() => checkFrame(frames[0], value as Given)).toThrow(/predicate is .*, not a function/);
    expect(() => expect(frames[0]).toBeFrame(value as Given)).toThrow(/predicate is .*, not a function/);
    // With `not`, too: it is no frame's fault.
    expect(() => expect(frames[0]).not.toBeFrame(value as Given)).toThrow(/predicate is .*, not a function/);
  });
});
