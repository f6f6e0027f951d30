/** Responses: what counts as one, what it does. The timer is in `test/reliable/timeline.test.ts`. */
import { describe, expect, it } from 'vitest';
import { KernelError } from '../../../../src/errno.js';
import { createKernel, insideOf, type Kernel, type KernelOptions } from '../../../../src/kernel/index.js';
import type { Target } from '../../../../src/modules/netconsole/target.js';
import type { NetDevice } from '../../../../src/net/device.js';
import { createMemoryDevice, type MemoryDevice } from '../../../../src/net/memory.js';
import { datagramFrame } from '../../../../src/scenario/datagram.js';
import { naiveFragments, naiveFragments2015 } from '../../../support/naive.js';

const START_USEC = 400_000_000;

class Machine {
  readonly kernel: Kernel;
  readonly device: MemoryDevice;
  readonly target: Target;

  constructor(options: KernelOptions = {}, param = '+@10.0.2.15/eth0,@10.0.2.2/', wrap = (d: NetDevice) => d) {
    this.kernel = createKernel({ profile: '6.12', reliable: 'heo-2015', startUsec: START_USEC, ...options });
    this.device = createMemoryDevice('eth0');
    this.kernel.addDevice(wrap(this.device), { addresses: ['10.0.2.15/24', 'fd00::15/64'] });
    this.kernel.insmod('netconsole', param);
    this.target = insideOf(this.kernel).modules.targets[0]!;
    this.device.frames.length = 0;
  }

  get state() {
    return this.target.reliable!;
  }

  /** Takes the payloads sent since. */
  sent(): string[] {
    return this.device.frames.splice(0).map((frame) => Buffer.from(frame.subarray(42)).toString('latin1'));
  }

  seqs(): number[] {
    return this.sent().map((payload) => Number(payload.split(',')[1]));
  }

  respond(data: string | Uint8Array, from = '10.0.2.2:6666', to = '10.0.2.15:6665'): this {
    const bytes = typeof data === 'string' ? { data } : { hex: Buffer.from(data).toString('hex') };
    this.device.inject(datagramFrame({ op: 'datagram', from, to, ...bytes }, this.device.mac));
    return this;
  }
}

describe('a response', () => {
  // Records 0 to 9 are in the log, and nothing was acked before.
  it.each<[string, { ack: number; resent: number[] }]>([
    ['nca5', { ack: 5, resent: [] }],
    ['nca9', { ack: 9, resent: [] }],
    ['nca5 6 7', { ack: 5, resent: [6, 7] }],
    ['nca 6 7', { ack: 0, resent: [6, 7] }],
    ['nca', { ack: 0, resent: [] }],
    ['nca5x', { ack: 5, resent: [] }],
    ['nca05', { ack: 5, resent: [] }],
    ['nca5 6x 7', { ack: 5, resent: [6, 7] }],
    ['nca5  7', { ack: 5, resent: [7] }],
    ['nca5 ', { ack: 5, resent: [] }],
    ['nca5 6\n', { ack: 5, resent: [6] }],
    ['nca5\0', { ack: 5, resent: [] }],
    ['nca5 7 6 7', { ack: 5, resent: [7, 6, 7] }],
    ['nca5 x -3 +4 0x8', { ack: 5, resent: [0] }],
    ['nca0 4', { ack: 0, resent: [4] }],
    ['nca10', { ack: 0, resent: [] }],
    ['nca5 10 11 4294967296', { ack: 5, resent: [] }],
    ['nca9007199254740993 4', { ack: 0, resent: [4] }],
    ['nca18446744073709551621 4', { ack: 0, resent: [4] }],
    ['nca5 9007199254740993 18446744073709551620 4', { ack: 5, resent: [4] }],
    [`nca${'9'.repeat(990)}`, { ack: 0, resent: [] }],
  ])('%j', (data, { ack, resent }) => {
    const m = new Machine().respond(data);
    const sent = m.seqs();
    // The first ack logs a message.
    expect(sent.splice(resent.length)).toEqual(ack > 0 ? [10] : []);
    expect(sent).toEqual(resent);
    expect(m.state).toMatchObject({ ackSeq: ack, stats: { responses: 1, malformed: 0 } });
    expect(m.target.stats.retransmits).toBe(resent.length);
  });

  it.each<[string, string | Uint8Array]>([
    ['nothing', ''],
    ['a blank', ' '],
    ['a blank first', ' nca5'],
    ['another prefix', 'ncrx5'],
    ['in capitals', 'NCA5'],
    ['half a prefix', 'nc'],
    ['a number', '5'],
    ['a record', '6,5,7,-;text'],
    ['bytes', Uint8Array.of(0, 255, 128)],
    ['1001 bytes', `nca5 ${'6 '.repeat(498)}`],
  ])('refused, and counted: %s', (_name, data) => {
    const m = new Machine().respond(data);
    expect(m.sent()).toEqual([]);
    expect(m.state).toMatchObject({ ackSeq: 0, stats: { responses: 0, malformed: 1 } });
    expect(m.kernel.nextDeadline()).toBeUndefined();
  });

  it('of 1000 bytes is read to its end', () => {
    const data = `nca5${' 6'.repeat(497)} 7`;
    expect(data.length).toBe(1000);
    expect(new Machine().respond(data).seqs()).toEqual([...new Array<number>(497).fill(6), 7, 10]);
  });

  it('acks move forwards only', () => {
    const m = new Machine();
    for (const [data, ack] of [
      ['nca5', 5],
      ['nca3', 5],
      ['nca10', 10],
      ['nca0', 10],
      ['nca11', 10],
      ['nca', 10],
    ] as const) {
      expect(m.respond(data).state.ackSeq).toBe(ack);
    }
  });

  it('the first ack is told to the log, once', () => {
    const m = new Machine().respond('nca5').respond('nca6');
    expect(m.sent().map((payload) => payload.split(';')[1])).toEqual([
      'netconsole: ACK timeout enabled for 10.0.2.2:6666\n',
    ]);
  });

  it('over IPv6', () => {
    const m = new Machine({}, '+@fd00::15/eth0,@fd00::2/');
    m.respond('nca5 6', '[fd00::2]:6666', '[fd00::15]:6665');
    const [resent, said] = m.device.frames.map((f) => Buffer.from(f.subarray(62)).toString('latin1'));
    expect(resent).toMatch(/^\d,6,/);
    expect(said).toContain(';netconsole: ACK timeout enabled for [fd00::2]:6666\n');
  });

  it('what the log no longer has is passed over in silence', () => {
    const m = new Machine({ logBufShift: 10 });
    for (let i = 0; i < 100; i++) m.kernel.printk(`${i}\n`);
    m.sent();
    expect(m.respond('nca 5 108 6 109').seqs()).toEqual([108, 109]);
    expect(m.state.stats.unavailable).toBe(2);
  });

  it.each(['4.2', '6.1', '6.12', '7.2'])('what is resent is what was sent, continuations too: %s', (profile) => {
    const m = new Machine({ profile });
    const first = insideOf(m.kernel).ring.nextSeq;
    m.kernel.printk('one\n');
    m.kernel.printk('begun ', { level: 4 });
    m.kernel.printk('\x01cand ');
    m.kernel.current = { pid: 7, comm: 'other', cpu: 1 };
    m.kernel.printk('between\n');
    m.kernel.current = { pid: 1, comm: 'init', cpu: 0 };
    m.kernel.printk('\x01cended\n');
    m.kernel.printk(`${'long\x01'.repeat(150)}\n`);
    m.kernel.printk('last\n');
    const sent = m.sent();
    expect(sent.length).toBeGreaterThan(4);
    if (profile === '4.2') expect(sent.map((payload) => payload.split(';')[0]!.at(-1))).toContain('+');
    const wanted: number[] = [];
    for (let seq = first; seq < insideOf(m.kernel).ring.nextSeq; seq++) wanted.push(seq);
    m.respond(`nca ${wanted.join(' ')}`);
    expect(m.sent()).toEqual(sent);
  });

  it('of a target with two dialects on one device: each hears its own', () => {
    const m = new Machine({}, '+{netconsd}1001@10.0.2.15/eth0,@10.0.2.2/;+1002@10.0.2.15/eth0,@10.0.2.2/');
    for (const port of [1001, 1002]) {
      m.respond('nca5', '10.0.2.2:6666', `10.0.2.15:${port}`).respond('ncrx6', '10.0.2.2:6666', `10.0.2.15:${port}`);
    }
    const acked = insideOf(m.kernel).modules.targets.map((t) => [
      t.np.options.localPort,
      t.reliable!.ackSeq,
      t.reliable!.stats.malformed,
    ]);
    expect(acked.sort()).toEqual([
      [1001, 6, 1],
      [1002, 5, 1],
    ]);
  });
});

describe('an emergency transmission', () => {
  /** Logs `text`, leaves it unacked, and takes what the first tick sends of it. */
  function emergency(dialect: 'heo-2015' | 'netconsd', text: string): { normal: string[]; emergency: string[] } {
    const m = new Machine({ reliable: dialect });
    const prefix = dialect === 'heo-2015' ? 'nca' : 'ncrx';
    m.respond(`${prefix}9`);
    m.kernel.advanceTo(START_USEC);
    m.respond(`${prefix}10`);
    m.sent();
    m.kernel.printk(`${text}\n`);
    const normal = m.sent();
    for (let sent: string[] = []; ; ) {
      m.kernel.advanceTo(m.kernel.nextDeadline()!);
      sent = m.sent();
      if (sent.length > 0) return { normal, emergency: sent };
    }
  }

  // The header is `4,11,400000000,-`: 16 bytes. 1000 - 16 - 25 = 959 to a piece.
  const HEADER = '4,11,400000000,-';

  it.each([1, 100, 957, 958, 959, 960, 982, 983])('heo-2015, a body of %d bytes and a newline', (length) => {
    const text = 'x'.repeat(length);
    const message = Buffer.from(`${HEADER};${text}\n`);
    const { normal, emergency: sent } = emergency('heo-2015', text);
    expect(normal).toEqual(naiveFragments2015(message).map(String));
    expect(sent).toEqual(naiveFragments2015(message, true).map(String));
    // A record that went out whole is cut where the mark leaves no room.
    expect(sent.length).toBe(length + 1 <= 959 ? 1 : 2);
    expect(sent[0]!.startsWith(`${HEADER},emg=1${sent.length > 1 ? ',ncfrag=0@0/2' : ''};`)).toBe(true);
  });

  it('heo-2015, several pieces', () => {
    const message = Buffer.from(`${HEADER};${'\\x01'.repeat(500)}\n`);
    const { normal, emergency: sent } = emergency('heo-2015', '\x01'.repeat(500));
    expect(normal).toEqual(naiveFragments2015(message).map(String));
    expect(sent).toEqual(naiveFragments2015(message, true).map(String));
    expect(sent.map((payload) => payload.split(';')[0])).toEqual([
      `${HEADER},emg=1,ncfrag=0@0/3`,
      `${HEADER},emg=1,ncfrag=959@1/3`,
      `${HEADER},emg=1,ncfrag=1918@2/3`,
    ]);
  });

  it('netconsd, several pieces: 1000 - 16 - 26 = 958 bytes each', () => {
    const { normal, emergency: sent } = emergency('netconsd', '\x01'.repeat(500));
    expect(normal.map((payload) => payload.split(';')[0])).toEqual(
      ['0/2001', '958/2001', '1916/2001'].map((at) => `${HEADER},ncfrag=${at}`),
    );
    expect(sent.map((payload) => payload.split(';')[0])).toEqual(
      ['0/2001', '958/2001', '1916/2001'].map((at) => `${HEADER},ncemg=1,ncfrag=${at}`),
    );
    expect(sent.map((payload) => payload.split(';')[1]).join('')).toBe(`${'\\x01'.repeat(500)}\n`);
  });

  it('without the extension a long record is cut as the merged driver does', () => {
    const kernel = createKernel({ profile: '6.12', startUsec: START_USEC });
    const device = createMemoryDevice('eth0');
    kernel.addDevice(device, { addresses: ['10.0.2.15/24'] });
    kernel.insmod('netconsole', '+@10.0.2.15/eth0,@10.0.2.2/');
    device.frames.length = 0;
    kernel.printk(`${'\x01'.repeat(500)}\n`);
    const message = Buffer.from(`4,10,400000000,-;${'\\x01'.repeat(500)}\n`);
    expect(device.frames.map((f) => Buffer.from(f.subarray(42)).toString())).toEqual(
      naiveFragments(message).map(String),
    );
  });
});

describe('the ordinary path does not know about acks', () => {
  /** Frames that left while something was logged; `respond` is called between. */
  function ordinary(respond: (m: Machine, i: number) => void, before?: (m: Machine) => void): string[] {
    const m = new Machine();
    before?.(m);
    m.sent();
    const frames: string[] = [];
    for (let i = 0; i < 500; i++) {
      m.kernel.advanceTo(START_USEC + i * 100_000);
      m.device.frames.length = 0;
      m.kernel.printk(`${i} ${'x'.repeat((i * 37) % 1000)}\n`);
      frames.push(...m.device.frames.splice(0).map((f) => Buffer.from(f).toString('hex')));
      respond(m, i);
    }
    return frames;
  }

  /** The message that the first ack logs, logged by hand. */
  const said = (m: Machine) => insideOf(m.kernel).log(6, 'netconsole: ACK timeout enabled for 10.0.2.2:6666');

  it('acks of everything: the same frames, byte for byte', () => {
    const silent = ordinary(() => undefined, said);
    const acks = ordinary(
      (m) => m.respond(`nca${insideOf(m.kernel).ring.nextSeq - 1}`),
      (m) => m.respond('nca5'),
    );
    expect(acks).toEqual(silent);
  });

  it('bad acks, foreign ones, floods: the same frames, byte for byte', () => {
    const silent = ordinary(() => undefined);
    const bad = ordinary((m, i) => {
      m.respond('nca')
        .respond('nca0')
        .respond('nca99999')
        .respond('garbage')
        .respond(`nca5 ${'9'.repeat(2000)}`);
      m.respond('nca5', '10.0.2.3:6666')
        .respond('nca5', '10.0.2.2:6667')
        .respond('nca5', '10.0.2.2:6666', '10.0.2.15:1');
      if (i === 50) for (let k = 0; k < 5000; k++) m.respond('nca18446744073709551615');
    });
    expect(bad).toEqual(silent);
  });

  it('with requests and emergencies between: the same payloads, and only the identification goes on', () => {
    // Without the identification, the two checksums that cover it or the stamp's, and nothing else.
    const payloads = (frames: string[]) => frames.map((hex) => hex.slice(0, 36) + hex.slice(40, 48) + hex.slice(52));
    const silent = ordinary(() => undefined, said);
    let extra = 0;
    const busy = ordinary(
      (m, i) => {
        if (i % 3 === 0) m.respond(`nca ${i} 5`);
        if (i % 97 === 0) m.respond(`nca${i}`);
        extra = m.target.stats.emergencies + m.target.stats.retransmits;
      },
      (m) => m.respond('nca5'),
    );
    expect(extra).toBeGreaterThan(300);
    expect(payloads(busy)).toEqual(payloads(silent));
  });
});

describe('bad input', () => {
  it('a megabyte, where the medium carries it', () => {
    const asUdp = (device: NetDevice): NetDevice =>
      Object.assign(device, { caps: { ...device.caps, medium: 'udp' as const } });
    const m = new Machine({}, undefined, asUdp);
    const packet = Buffer.alloc(1 << 20, ' 5');
    packet.write('nca5', 8);
    packet.writeUInt16BE(6666, 0);
    packet.writeUInt16BE(6665, 2);
    packet.writeUInt16BE(0xffff, 4);
    m.device.inject(packet);
    expect(m.state).toMatchObject({ ackSeq: 0, stats: { malformed: 1 } });
  });

  it('a million missing seqs in one response are refused; as many in a thousand are answered frame by frame', () => {
    const m = new Machine();
    const asUdp = Array.from({ length: 200 }, (_, i) => ` ${i}`).join('');
    m.respond(`nca5${' 7'.repeat(600)}`);
    expect(m.state.stats.malformed).toBe(1);
    expect(m.sent()).toEqual([]);
    for (let i = 0; i < 1000; i++) {
      m.respond(`nca${asUdp}`);
      // 10 records are there.
      expect(m.device.frames.splice(0).length).toBe(10);
    }
    expect(m.state.stats.unavailable).toBe(190_000);
  });

  it('the most that one response can cause is known: a frame for every two bytes, for every piece of a record', () => {
    const m = new Machine();
    m.kernel.printk(`${'\x01'.repeat(500)}\n`);
    m.sent();
    m.respond(`nca${' 10'.repeat(332)}`);
    expect(m.device.frames.length).toBe(332 * 3);
    expect(m.device.slab.inUse).toBe(0);
  });

  it('a flood while the console is taken waits in bounded space, and the rest is counted', () => {
    const m = new Machine();
    insideOf(m.kernel).consoles.trylock();
    for (let i = 0; i < 10_000; i++) m.respond('nca5 6');
    expect(m.state.stats).toEqual({ responses: 0, malformed: 0, unavailable: 0, overrun: 9744 });
    insideOf(m.kernel).call(() => insideOf(m.kernel).consoles.unlock());
    expect(m.state).toMatchObject({ ackSeq: 5, stats: { responses: 256 } });
    // All of them before the message, which is told once.
    expect(m.seqs()).toEqual([...new Array<number>(256).fill(6), 10]);
  });

  it('what waited for the console is gone when the target is disabled meanwhile', () => {
    const m = new Machine();
    m.kernel.fs.mkdir('netconsole/cmdline0');
    insideOf(m.kernel).consoles.trylock();
    m.respond('nca5 6');
    insideOf(m.kernel).modules.targets[0]!.reliable!.stop();
    insideOf(m.kernel).call(() => insideOf(m.kernel).consoles.unlock());
    expect(m.state.ackSeq).toBe(0);
  });

  it('a flood of acks leaves one timer and no memory', () => {
    const m = new Machine();
    const { inject } = m.device;
    const frames: Uint8Array[] = [];
    m.device.inject = (frame) => frames.push(frame.slice());
    for (let seq = 1; seq <= 9; seq++) m.respond(`nca${seq}`);
    for (let i = 0; i < 100_000; i++) inject.call(m.device, frames[i % 9]!);
    expect(m.state).toMatchObject({ ackSeq: 9, stats: { responses: 100_000 } });
    m.kernel.advanceTo(START_USEC);
    const next = m.kernel.nextDeadline()!;
    expect(next).toBe(START_USEC + 10_000_000);
    expect(m.device.slab.inUse).toBe(0);
  });

  it.each(['', 'heo', 'HEO-2015', 'mainline', '__proto__'])('there is no dialect "%s"', (reliable) => {
    expect(() => createKernel({ reliable: reliable as 'netconsd' })).toThrow(KernelError);
  });

  it('a dialect in the parameter that is none: the target is not made', () => {
    const m = new Machine({}, '+{nonsense}@10.0.2.15/eth0,@10.0.2.2/;+{netconsd}@10.0.2.15/eth0,@10.0.2.2/');
    expect(insideOf(m.kernel).modules.targets.map((t) => t.reliable?.dialect.name)).toEqual(['netconsd']);
  });
});

describe('the attribute', () => {
  const PATH = 'netconsole/t';

  it('exists with the extension, and shows the dialect', () => {
    const m = new Machine();
    m.kernel.fs.mkdir(PATH);
    expect(m.kernel.fs.read(`${PATH}/reliable`)).toBe('heo-2015\n');
    m.kernel.fs.write(`${PATH}/reliable`, 'netconsd\n');
    expect(m.kernel.fs.read(`${PATH}/reliable`)).toBe('netconsd\n');
    m.kernel.fs.write(`${PATH}/reliable`, 'off\n');
    expect(m.kernel.fs.read(`${PATH}/reliable`)).toBe('off\n');
    expect(() => m.kernel.fs.write(`${PATH}/reliable`, 'nonsense\n')).toThrow(KernelError);
  });

  it('does not exist without', () => {
    const kernel = createKernel({ profile: '6.12' });
    kernel.insmod('netconsole');
    kernel.fs.mkdir(PATH);
    expect(kernel.fs.kind(`${PATH}/reliable`)).toBeUndefined();
  });

  it('is not changed while the target is enabled', () => {
    const m = new Machine();
    m.kernel.fs.mkdir('netconsole/cmdline0');
    expect(() => m.kernel.fs.write('netconsole/cmdline0/reliable', 'off')).toThrow(KernelError);
    expect(m.target.reliable?.dialect.name).toBe('heo-2015');
  });
});
