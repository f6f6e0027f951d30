/**
 * The kernel's own tests of netconsole, step by step with their own assertions: tools/testing/selftests/drivers/net. Where theirs
 * have a receiver in another namespace, these have a UDP socket on loopback, or the memory wire where links and drivers come and go.
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { createKernel, insideOf, type Kernel } from '../../src/kernel/index.js';
import { Heap } from '../../src/memory/heap.js';
import type { Interface } from '../../src/net/interface.js';
import { createMemoryDevice, type MemoryDevice } from '../../src/net/memory.js';
import { printkRecord } from '../../src/printk/record.js';
import { readValid } from '../../src/printk/ring.js';
import { PrintkRingbuffer } from '../../src/printk/ringbuffer.js';
import { profile as profileOf } from '../../src/profile/index.js';
import { openUdp, type UdpDevice } from '../../src/transport/udp.js';
import { decodeFrame } from '../../src/wire/decode.js';
import { errno, MODERN } from '../support/harness.js';

const MAC = '52:54:00:12:34:56';
const TARGET = 'netconsole/netcons_abcde';
const MESSAGE = 'netconsole selftest: netcons_abcde';
const since = (first: string) => MODERN.filter((name) => MODERN.indexOf(name) >= MODERN.indexOf(first));
/** Some kernels, not all: sockets take time. */
const SOME = ['6.12', '6.18', '7.0', '7.3'];

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

interface Lab {
  readonly kernel: Kernel;
  readonly eth: Interface;
  readonly port: number;
  readonly datagrams: string[];
  /** What the receiver got so far. */
  received(): Promise<string>;
  /** Waits for `text`, and returns all that came; '' if it does not come within two seconds. */
  wait(text: string): Promise<string>;
  clear(): void;
}

/** A kernel on the real thing: its frames go through sockets to one that listens. `echo "6 5" > /proc/sys/kernel/printk`. */
async function lab(name: string, version: 4 | 6 = 4): Promise<Lab> {
  const receiver = createSocket(version === 4 ? 'udp4' : 'udp6');
  const datagrams: string[] = [];
  const got = () => datagrams.join('');
  receiver.on('message', (message) => {
    datagrams.push(message.toString('latin1'));
  });
  receiver.bind(0, version === 4 ? '127.0.0.1' : '::1');
  await once(receiver, 'listening');
  const device: UdpDevice = await openUdp({ name: 'eth1' });
  const kernel = createKernel({ profile: name, loglevel: 6, startUsec: 1_000_000 });
  insideOf(kernel).store.defaultMessageLoglevel = 5;
  const eth = kernel.addDevice(device, { addresses: ['127.0.0.1/8', '::1/128'] });
  closers.push(
    () => device.close(),
    () => receiver.close(),
  );
  const wait = async (text: string) => {
    for (let i = 0; i < 400 && !got().includes(text); i++) await sleep(5);
    return got().includes(text) ? got() : '';
  };
  return {
    kernel,
    eth,
    port: receiver.address().port,
    datagrams,
    received: async () => {
      await sleep(60);
      return got();
    },
    wait,
    clear: () => void datagrams.splice(0),
  };
}

const put = (kernel: Kernel, attribute: string, value: string, target = TARGET) =>
  kernel.fs.write(`${target}/${attribute}`, `${value}\n`);
const get = (kernel: Kernel, attribute: string, target = TARGET) => kernel.fs.read(`${target}/${attribute}`).trim();

/** create_dynamic_target of lib_netcons.sh. */
function create(
  { kernel, port }: Lab,
  version: 4 | 6 = 4,
  format: 'basic' | 'extended' = 'extended',
  dev = 'eth1',
): void {
  if (insideOf(kernel).modules.get('netconsole') === undefined) kernel.insmod('netconsole');
  kernel.fs.mkdir(TARGET);
  const address = version === 4 ? '127.0.0.1' : '::1';
  put(kernel, 'remote_ip', address);
  put(kernel, 'local_ip', address);
  put(kernel, 'remote_port', String(port));
  put(kernel, 'remote_mac', MAC);
  put(kernel, 'dev_name', dev);
  if (format === 'basic') {
    if (insideOf(kernel).profile.releaseFeature) put(kernel, 'release', '0');
    put(kernel, 'extended', '0');
  } else {
    put(kernel, 'extended', '1');
    if (insideOf(kernel).profile.releaseFeature) put(kernel, 'release', '1');
  }
  put(kernel, 'enabled', '1');
}

function setUserdata(kernel: Kernel, key: string, value: string): void {
  if (kernel.fs.kind(`${TARGET}/userdata/${key}`) === undefined) kernel.fs.mkdir(`${TARGET}/userdata/${key}`);
  kernel.fs.write(`${TARGET}/userdata/${key}/value`, `${value}\n`);
}

const echo = (kernel: Kernel, text: string) => kernel.kmsg.write(`${text}\n`);

describe('netcons_basic.sh', () => {
  const rows = SOME.flatMap((name) =>
    ([6, 4] as const).flatMap((version) =>
      (['basic', 'extended'] as const).map((format) => [name, version, format] as const),
    ),
  );
  it.each(rows)('%s, IPv%i, %s', async (name, version, format) => {
    const l = await lab(name, version);
    create(l, version, format);
    if (format === 'extended') setUserdata(l.kernel, 'key', 'value');
    l.clear();
    echo(l.kernel, `${MESSAGE}: ${format}`);
    const file = await l.wait(MESSAGE);
    expect(file).toContain(`${MESSAGE}: ${format}`);
    if (format === 'extended') expect(file).toContain('key=value');
    else expect(file).not.toContain('key=value');
  });
});

describe('netcons_cmdline.sh', () => {
  const rows = SOME.flatMap((name) => (['by name', 'by MAC'] as const).map((mode) => [name, mode] as const));
  it.each(rows)('%s, %s', async (name, mode) => {
    const l = await lab(name);
    const dev = mode === 'by name' ? 'eth1' : MAC;
    // Twice: the module can be loaded again.
    for (let i = 0; i < 2; i++) {
      l.kernel.insmod('netconsole', `+${40_000 + (l.port % 9000)}@127.0.0.1/${dev},${l.port}@127.0.0.1/${MAC}`);
      l.clear();
      echo(l.kernel, MESSAGE);
      expect(await l.wait(MESSAGE)).toContain(MESSAGE);
      l.kernel.rmmod('netconsole');
      l.clear();
      echo(l.kernel, 'after unloading');
      expect(await l.received()).toBe('');
    }
  });
});

describe('netcons_fragmented_msg.sh', () => {
  const userdata = Array.from({ length: 60 }, (_, i) => `${i + 1}-`).join('');
  const numbered = (word: string, count: number) =>
    Array.from({ length: count }, (_, i) => `${word}${i + 1}=`).join('');

  it.each(SOME)('%s', async (name) => {
    const l = await lab(name);
    create(l);
    setUserdata(l.kernel, 'key', userdata);
    for (const [message, release] of [
      [numbered('MSG', 150), '1'],
      [numbered('FOOBAR', 100), '0'],
    ] as const) {
      put(l.kernel, 'enabled', '0');
      put(l.kernel, 'release', release);
      put(l.kernel, 'enabled', '1');
      l.clear();
      echo(l.kernel, message);
      const file = await l.wait(userdata.slice(-20));
      expect(file).not.toBe('');
      const HEAD = /^(.*?),?(\d+,\d+,\d+,-),ncfrag=\d+\/\d+;/;
      expect(l.datagrams.length).toBeGreaterThan(1);
      const joined = l.datagrams.map((datagram) => datagram.replace(HEAD, '')).join('');
      expect(joined).toContain(message);
      expect(joined).toContain(userdata);
      const releases = new Set(l.datagrams.map((datagram) => HEAD.exec(datagram)?.[1]));
      expect([...releases]).toEqual([release === '1' ? l.kernel.inspect().release : '']);
    }
  });
});

/** The other tests of theirs need no socket: what is sent is on the memory wire. */
interface Wire {
  readonly kernel: Kernel;
  readonly eth1: Interface;
  readonly device: MemoryDevice;
  take(): string;
}

function wire(name: string, mac = MAC): Wire {
  const kernel = createKernel({ profile: name, loglevel: 6, startUsec: 1_000_000, devkmsg: 'on' });
  const device = createMemoryDevice('eth1', {
    mac: Uint8Array.from(mac.split(':'), (pair) => Number.parseInt(pair, 16)),
  });
  const eth1 = kernel.addDevice(device, { addresses: ['192.0.2.1/24', 'fc00::1/64'] });
  return { kernel, eth1, device, take: () => payloads(device) };
}

function payloads(device: MemoryDevice): string {
  return device.frames
    .splice(0)
    .map((frame) => {
      const { odd, udp, payload } = decodeFrame(frame);
      expect([odd, udp?.checksum]).toEqual([[], 'good']);
      return Buffer.from(payload!).toString('latin1');
    })
    .join('');
}

function createOnWire({ kernel }: Wire, version: 4 | 6 = 4, target = TARGET, dev = 'eth1'): void {
  if (insideOf(kernel).modules.get('netconsole') === undefined) kernel.insmod('netconsole');
  kernel.fs.mkdir(target);
  put(kernel, 'remote_ip', version === 4 ? '192.0.2.2' : 'fc00::2', target);
  put(kernel, 'local_ip', version === 4 ? '192.0.2.1' : 'fc00::1', target);
  put(kernel, 'remote_mac', MAC, target);
  put(kernel, 'dev_name', dev, target);
  put(kernel, 'extended', '1', target);
}

describe('netcons_overflow.sh', () => {
  it.each(since('6.12.0'))('%s', (name) => {
    const w = wire(name);
    createOnWire(w);
    const MAX_USERDATA_ITEMS = MODERN.indexOf(name) >= MODERN.indexOf('6.19') ? 256 : 16;
    for (let i = 0; i < MAX_USERDATA_ITEMS; i++) {
      w.kernel.fs.mkdir(`${TARGET}/userdata/key${i}`);
      w.kernel.fs.write(`${TARGET}/userdata/key${i}/value`, `value${i}\n`);
    }
    expect(errno(() => w.kernel.fs.mkdir(`${TARGET}/userdata/key_that_will_fail`))).toBe('ENOSPC');
  });
});

describe('netcons_sysdata.sh', () => {
  it.each(since('6.17'))('%s', (name) => {
    const w = wire(name);
    const { kernel } = w;
    createOnWire(w);
    put(kernel, 'enabled', '1');
    const fields = ['cpu_nr', 'taskname', 'release', 'msgid'];
    const all = (value: string) => {
      for (const field of fields) put(kernel, `userdata/${field}_enabled`, value);
    };
    const run = (cpu: number) => {
      kernel.current = { pid: 4321, comm: 'echo', cpu };
      w.take();
      echo(kernel, `${MESSAGE} cpu=${cpu}`);
      return w.take();
    };
    const check = (file: string, cpu: number) => {
      for (const text of [MESSAGE, `cpu=${cpu}`, 'taskname=echo', `release=${kernel.inspect().release}`])
        expect(file).toContain(text);
      expect(file).toMatch(/^ msgid=\d+$/m);
    };
    all('1');
    check(run(3), 3);
    setUserdata(kernel, 'userdatakey', 'userdatavalue');
    const second = run(1);
    check(second, 1);
    expect(second).toContain('userdatakey=userdatavalue');
    all('0');
    kernel.current = { pid: 4321, comm: 'echo', cpu: 2 };
    w.take();
    echo(kernel, MESSAGE);
    const third = w.take();
    expect(third).toContain(MESSAGE);
    for (const key of ['cpu=', 'taskname=', 'release=', 'msgid=']) expect(third).not.toContain(key);
  });
});

describe('netcons_torture.sh', () => {
  it.each(since('6.12.0'))('%s', (name) => {
    const w = wire(name);
    const { kernel, eth1, device } = w;
    createOnWire(w, 6);
    put(kernel, 'enabled', '1');
    let sent = 0;
    for (let round = 0; round < 150; round++) {
      for (let i = 0; i < 10; i++) echo(kernel, `${MESSAGE} ${round} ${i}`);
      sent += w.take().split(MESSAGE).length - 1;
      if (round % 2 === 0) {
        // Toggling the target, others coming and going, the interface down and up.
        errno(() => put(kernel, 'enabled', '0'));
        for (const i of [1, 2]) {
          const other = `netconsole/random_${i}`;
          createOnWire(w, i === 1 ? 4 : 6, other);
          errno(() => put(kernel, 'enabled', '1', other));
          echo(kernel, MESSAGE);
        }
        kernel.ip((all) => all.setUp(eth1, false));
        echo(kernel, MESSAGE);
        kernel.ip((all) => {
          all.setUp(eth1, true);
          eth1.addAddress('fc00::1/64');
        });
        errno(() => put(kernel, 'enabled', '1'));
        for (const i of [1, 2]) kernel.fs.rmdir(`netconsole/random_${i}`);
        w.take();
      }
      kernel.advanceTo(kernel.now() + 1000);
    }
    // Where the end of one target silences the others on its interface, only the first round is heard, as on these kernels.
    expect(sent).toBe(['6.12.0', '6.14', '6.16', '6.17'].includes(name) ? 10 : 1500);
    expect(device.slab.inUse).toBe(0);
    kernel.fs.rmdir(TARGET);
    kernel.rmmod('netconsole');
  });
});

describe('netcons_resume.sh', () => {
  const rows = since('7.0').flatMap((name) => (['by name', 'by MAC'] as const).map((mode) => [name, mode] as const));
  it.each(rows)('%s, %s', (name, mode) => {
    const w = wire(name);
    const { kernel } = w;
    const cmdline = 'netconsole/cmdline0';
    kernel.insmod('netconsole', `+6665@192.0.2.1/${mode === 'by name' ? 'eth1' : MAC},6666@192.0.2.2/${MAC}`);
    kernel.fs.mkdir(cmdline);
    expect(get(kernel, 'enabled', cmdline)).toBe('1');
    kernel.removeDevice(w.eth1);
    expect(get(kernel, 'enabled', cmdline)).toBe('0');
    // The driver is back: with another name and address, in the MAC mode set right afterwards.
    const other = Uint8Array.of(0x02, 0, 0, 0, 0, 0x77);
    const mac = Uint8Array.from(w.device.mac);
    const device = createMemoryDevice(mode === 'by name' ? 'eth1' : 'eth5', { mac: mode === 'by name' ? mac : other });
    const eth = kernel.addDevice(device, { addresses: ['192.0.2.1/24'], up: false });
    if (mode === 'by MAC') {
      expect(get(kernel, 'enabled', cmdline)).toBe('0');
      kernel.ip((all) => all.setMac(eth, mac));
      kernel.ip((all) => all.rename(eth, 'eth1'));
    }
    expect(get(kernel, 'enabled', cmdline)).toBe('1');
    device.frames.length = 0;
    echo(kernel, MESSAGE);
    expect(payloads(device)).toContain(MESSAGE);
    kernel.fs.rmdir(cmdline);
    kernel.rmmod('netconsole');
  });
});

describe('netcons_userdata.sh', () => {
  it.each(since('6.12.0'))('%s', (name) => {
    const w = wire(name);
    const { kernel } = w;
    createOnWire(w);
    put(kernel, 'enabled', '1');
    const send = () => {
      w.take();
      echo(kernel, MESSAGE);
      return w.take();
    };
    setUserdata(kernel, 'key', 'first');
    expect(send()).toContain('key=first');
    setUserdata(kernel, 'key', 'second');
    const updated = send();
    expect(updated).toContain('key=second');
    expect(updated).not.toContain('first');
    setUserdata(kernel, 'key', '');
    expect(send()).not.toContain('key=');
    setUserdata(kernel, 'key', 'third');
    expect(send()).toContain('key=third');
    kernel.fs.rmdir(`${TARGET}/userdata/key`);
    expect(send()).not.toContain('key');

    // Values and keys churn while messages are sent, unfragmented and in fragments.
    for (const [keys, bytes] of [
      [1, 10],
      [8, 190],
    ] as const) {
      for (let round = 0; round < 200; round++) {
        for (let k = 0; k < keys; k++)
          setUserdata(kernel, `churn${k}`, String.fromCharCode(97 + (round % 26)).repeat(bytes));
        const file = send();
        expect(file).toContain(MESSAGE);
        const joined = file.replace(/\d+,\d+,\d+,-,ncfrag=\d+\/\d+;/g, '');
        for (let k = 0; k < keys; k++)
          expect(joined).toContain(` churn${k}=${String.fromCharCode(97 + (round % 26)).repeat(bytes)}\n`);
        if (round % 3 === 0) for (let k = 0; k < keys; k++) kernel.fs.rmdir(`${TARGET}/userdata/churn${k}`);
      }
      for (let k = 0; k < keys; k++) errno(() => kernel.fs.rmdir(`${TARGET}/userdata/churn${k}`));
    }
    expect(w.device.slab.inUse).toBe(0);
  });
});

describe('bonding/netcons_over_bonding.sh', () => {
  it.each(since('6.12.0'))('%s', (name) => {
    const w = wire(name);
    const { kernel } = w;
    const link = (dev: string, options = {}) => {
      const device = createMemoryDevice(dev, { mac: Uint8Array.of(2, 0, 0, 0, 1, dev.charCodeAt(dev.length - 1)) });
      return {
        device,
        dev: kernel.addDevice(device, { addresses: dev.startsWith('bond') ? ['192.0.2.1/24'] : [], ...options }),
      };
    };
    const bond = link('bond0');
    const slave = link('netdevsim0');
    kernel.ip((all) => all.enslave(slave.dev, bond.dev));

    // 1. Over a bond.
    createOnWire(w, 4, TARGET, 'bond0');
    put(kernel, 'enabled', '1');
    setUserdata(kernel, 'key', 'value');
    bond.device.frames.length = 0;
    echo(kernel, MESSAGE);
    const file = payloads(bond.device);
    expect(file).toContain(MESSAGE);
    expect(file).toContain('key=value');
    kernel.fs.rmdir(`${TARGET}/userdata/key`);
    kernel.fs.rmdir(TARGET);

    // 2. On a device that is enslaved.
    createOnWire(w, 4, TARGET, 'netdevsim0');
    expect(errno(() => put(kernel, 'enabled', '1'))).toBe('EBUSY');
    expect(get(kernel, 'enabled')).toBe('0');

    // 3. On the former slave of a bond that was deleted.
    kernel.removeDevice(bond.dev);
    put(kernel, 'enabled', '1');
    expect(get(kernel, 'enabled')).toBe('1');

    // 4. The device is enslaved while it has netconsole.
    const again = link('bond1');
    kernel.ip((all) => all.enslave(slave.dev, again.dev));
    expect(get(kernel, 'enabled')).toBe('0');
    kernel.fs.rmdir(TARGET);

    // 5. The bond has netconsole and gets a second slave.
    createOnWire(w, 4, TARGET, 'bond1');
    put(kernel, 'enabled', '1');
    const second = link('netdevsim1');
    kernel.ip((all) => all.enslave(second.dev, again.dev));
    expect(get(kernel, 'enabled')).toBe('1');

    // 6. It gets one that does not support netpoll.
    const veth = link('veth0', { disableNetpoll: true });
    expect(errno(() => kernel.ip((all) => all.enslave(veth.dev, again.dev)))).toBe('EBUSY');
    expect(veth.dev.master).toBeUndefined();
    expect(get(kernel, 'enabled')).toBe('1');
  });
});

describe('netpoll_basic.py', () => {
  it.each(since('6.12.0'))('%s: transmitting polls the device when its rings are full', (name) => {
    const kernel = createKernel({ profile: name, loglevel: 8, devkmsg: 'on', startUsec: 1_000_000 });
    // One queue, a small ring, and traffic of others: full most of the time, drained when polled.
    let hits = 0;
    let ring = 4;
    const device = createMemoryDevice('eth1', { slots: 8 });
    const send = device.startXmit.bind(device);
    device.startXmit = (slot) => {
      if (ring === 0) return 0x10;
      ring--;
      return send(slot);
    };
    device.poll = () => {
      hits++;
      if (hits % 3 === 0) ring = 2;
    };
    kernel.addDevice(device, { addresses: ['192.0.2.1/24'] });
    kernel.insmod('netconsole');
    let sent = 0;
    // The target is made anew some times.
    for (let round = 0; round < 10; round++) {
      kernel.fs.mkdir(TARGET);
      for (const [attribute, value] of [
        ['dev_name', 'eth1'],
        ['remote_ip', '192.0.2.2'],
        ['enabled', '1'],
      ])
        put(kernel, attribute!, value!);
      device.frames.length = 0;
      for (let i = 0; i < 40; i++) echo(kernel, `${MESSAGE} ${i}`);
      sent += device.frames.length;
      kernel.fs.rmdir(TARGET);
    }
    expect(hits).toBeGreaterThan(0);
    for (let i = 0; i < 100 && kernel.nextDeadline() !== undefined; i++) kernel.advanceTo(kernel.nextDeadline()!);
    expect(sent).toBe(400);
    expect(device.slab.inUse).toBe(0);
  });
});

describe('printk_ringbuffer_kunit_test.c', () => {
  it.each(['6.1', '6.18', '7.3'])('%s', (name) => {
    // 256 descriptors; records of 2 to 128 of one letter each, from many writers; one reader that keeps up badly.
    const heap = new Heap({ size: 16 * 65536, lane: 'plain' });
    const ring = new PrintkRingbuffer(heap, 13, profileOf(name));
    const record = printkRecord();
    let random = 1;
    const next = (n: number) => {
      random = (Math.imul(random, 1103515245) + 12345) >>> 0;
      return (random >>> 8) % n;
    };
    let seq = 0;
    let read = 0;
    for (let written = 0; written < 60_000; written++) {
      const writer = next(64);
      const length = 2 + next(127);
      const entry = ring.reserve(length + 1);
      if (entry === undefined) continue;
      heap.bytes.fill(0x41 + writer, entry.textAt, entry.textAt + length);
      entry.textLen = length;
      ring.finalCommit(entry);
      if (next(40) !== 0) continue;
      while (readValid(ring, seq, record)) {
        if (record.seq < seq) throw new Error('the reader went back');
        const first = heap.bytes[record.textAt]!;
        if (record.textLen < 2 || record.textLen > 128) throw new Error(`a record of ${record.textLen}`);
        for (let i = 0; i < record.textLen; i++)
          if (heap.bytes[record.textAt + i] !== first) throw new Error('a torn record');
        seq = record.seq + 1;
        read++;
      }
    }
    expect(ring.nextSeq).toBe(60_000);
    expect(seq).toBeGreaterThan(59_000);
    expect(read).toBeGreaterThan(50_000);
  });
});
