/**
 * When emergency frames leave, to the jiffy, against tables worked out by hand.
 *
 * Every case begins at 0 ms: the module is loaded and logs the records 0 to 9, all of them written, so the oldest unacked send is at
 * 0 ms. The first ack accepted logs record 10, `ACK timeout enabled`. Times are milliseconds since; all that are expected are whole
 * jiffies at each HZ. `E6` is record 6 sent as an emergency, `R6` sent again on request, `N11` sent for the first time.
 */
import { describe, expect, it } from 'vitest';
import { createKernel, insideOf, type Kernel } from '../../src/kernel/index.js';
import type { ReliableState } from '../../src/modules/netconsole/reliable.js';
import type { Interface } from '../../src/net/interface.js';
import { createMemoryDevice, type MemoryDevice } from '../../src/net/memory.js';
import { datagramFrame } from '../../src/scenario/datagram.js';

const START_USEC = 400_000_000;

class Bench {
  readonly kernel: Kernel;
  readonly dev: Interface;
  readonly reliable: ReliableState;
  /** `MS: WHAT`, of every frame after 0 ms. */
  readonly log: [jiffies: number, what: string][] = [];
  readonly #device: MemoryDevice;
  readonly #sent = new Set<number>();
  readonly #base: number;

  constructor(HZ: number, emergencyCap: number, logBufShift = 17) {
    this.kernel = createKernel({
      profile: '6.12',
      HZ,
      emergencyCap,
      reliable: 'heo-2015',
      startUsec: START_USEC,
      logBufShift,
    });
    this.#base = insideOf(this.kernel).jiffies;
    this.#device = createMemoryDevice('eth0', { onFrame: (frame) => this.#frame(frame) });
    this.dev = this.kernel.addDevice(this.#device, { addresses: ['10.0.2.15/24'] });
    this.kernel.insmod('netconsole', '+@10.0.2.15/eth0,@10.0.2.2/');
    expect(insideOf(this.kernel).ring.nextSeq).toBe(10);
    this.reliable = insideOf(this.kernel).modules.targets[0]!.reliable!;
    this.log.length = 0;
  }

  #frame(frame: Uint8Array): void {
    const text = Buffer.from(frame.subarray(42)).toString('latin1');
    const [header = ''] = text.split(';');
    const seq = Number(header.split(',')[1]);
    const kind = header.includes(',emg=1') ? 'E' : this.#sent.has(seq) ? 'R' : 'N';
    this.#sent.add(seq);
    this.log.push([insideOf(this.kernel).jiffies - this.#base, `${kind}${seq}`]);
  }

  /** Passes time, one deadline after the other. */
  until(ms: number): this {
    const { kernel } = this;
    const end = START_USEC + ms * 1000;
    for (let next = kernel.nextDeadline(); next !== undefined && next <= end; next = kernel.nextDeadline()) {
      kernel.advanceTo(next);
    }
    kernel.advanceTo(end);
    return this;
  }

  /** A response arrives. */
  nca(data: string): this {
    const op = { op: 'datagram', from: '10.0.2.2:6666', to: '10.0.2.15:6665', data: `nca${data}` };
    this.#device.inject(datagramFrame(op, this.#device.mac));
    // Armed for now: the tick is this jiffy's.
    this.kernel.advanceTo(this.kernel.now());
    return this;
  }

  say(level: 4 | 7 = 4): this {
    this.kernel.printk('x\n', { level });
    return this;
  }

  /** When the next tick is, in jiffies. */
  get next(): number | undefined {
    const next = insideOf(this.kernel).timers.nextExpiry();
    return next === undefined ? undefined : next - this.#base;
  }
}

describe.each([100, 250, 1000])('HZ %d', (HZ) => {
  const jiffies = (ms: number) => {
    const j = (ms * HZ) / 1000;
    expect(j).toBe(Math.floor(j));
    return j;
  };
  /** Written as `MS WHAT`. */
  const table = (...lines: string[]) =>
    lines.map((line) => {
      const [ms, what] = line.split(' ');
      return [jiffies(Number(ms)), what];
    });
  const bench = (cap = 1, shift?: number) => new Bench(HZ, cap, shift);

  it('no ack ever: no timer, nothing is sent again, not in a day', () => {
    const b = bench();
    expect(b.next).toBeUndefined();
    b.until(86_400_000);
    expect(b.log).toEqual([]);
  });

  it('the first ack arms the timer for now; that tick finds 10 s not yet over', () => {
    // 0 + 10,000 is when the oldest unacked send is 10 s old. The ack at 2,000 does not move that.
    const b = bench().until(2000).nca('5');
    expect(b.log).toEqual(table('2000 N10'));
    expect(b.next).toBe(jiffies(10_000));
  });

  it('nothing acked for 10 s: one record a tick, 100 ms apart, from the first unacked on', () => {
    // Unacked 6 to 10. 10,000 + n * 100.
    const b = bench().until(2000).nca('5').until(10_300);
    expect(b.log).toEqual(table('2000 N10', '10000 E6', '10100 E7', '10200 E8', '10300 E9'));
  });

  it('a pass is complete: the doubled interval holds before the next one already', () => {
    // 10 ends the first pass at 10,400: 2 * 100 = 200 from there on. It ends the second at 10,600 + 4 * 200 = 11,400: 400.
    const b = bench().until(2000).nca('5').until(12_200);
    expect(b.log.slice(1)).toEqual(
      table(
        ...['10000 E6', '10100 E7', '10200 E8', '10300 E9', '10400 E10'],
        ...['10600 E6', '10800 E7', '11000 E8', '11200 E9', '11400 E10'],
        ...['11800 E6', '12200 E7'],
      ),
    );
  });

  it('doubling up to the cap of 1 s: a pass of one record', () => {
    // Each tick is a pass: 10,000 +200 +400 +800 +1000 (not 1600) +1000 +1000.
    const b = bench(1).until(2000).nca('9').until(14_400);
    const times = [10_000, 10_200, 10_600, 11_400, 12_400, 13_400, 14_400];
    expect(b.log.slice(1)).toEqual(table(...times.map((ms) => `${ms} E10`)));
  });

  it('doubling up to the cap of 10 s, as the text of the series has it', () => {
    // 10,000 +200 +400 +800 +1600 +3200 +6400 +10,000 (not 12,800) +10,000.
    const b = bench(10).until(2000).nca('9').until(42_600);
    const times = [10_000, 10_200, 10_600, 11_400, 13_000, 16_200, 22_600, 32_600, 42_600];
    expect(b.log.slice(1)).toEqual(table(...times.map((ms) => `${ms} E10`)));
  });

  it('a stale ack during a session: it begins anew, 100 ms apart, at the tick that was due', () => {
    // Unacked 8 to 10: passes at 10,000..10,200 and, 200 ms apart, from 10,400. The ack at 10,500 says 3 and lowers nothing; the
    // tick at 10,600 begins with 8 again, and 9 follows 100 ms later.
    const b = bench().until(2000).nca('7').until(10_500).nca('3').until(10_800);
    expect(b.reliable.ackSeq).toBe(7);
    expect(b.log.slice(1)).toEqual(
      table('10000 E8', '10100 E9', '10200 E10', '10400 E8', '10600 E8', '10700 E9', '10800 E10'),
    );
  });

  it('a partial ack during a session: it begins anew at once, behind what is acked', () => {
    // Unacked 6 to 10; the ack of 8 at 10,160. The tick that was due at 10,200 sends 9: not 10 s later, for not all is acked.
    const b = bench().until(2000).nca('5').until(10_160).nca('8').until(10_500);
    expect(b.log.slice(1)).toEqual(table('10000 E6', '10100 E7', '10200 E9', '10300 E10', '10500 E9'));
  });

  it('everything acked during a session: the next tick ends it and looks again 10 s later', () => {
    // The tick at 10,200 finds all acked: nothing pending, 10,200 + 10,000 = 20,200.
    const b = bench().until(2000).nca('5').until(10_160).nca('10').until(20_100);
    expect(b.log.slice(1)).toEqual(table('10000 E6', '10100 E7'));
    expect(b.reliable.ackTstmp).toBe(0);
    expect(b.next).toBe(jiffies(20_200));
  });

  it('a record after everything was acked: 10 s from when it was sent, not from the tick', () => {
    // As above; record 11 at 15,000. The tick at 20,200 finds 5,200 ms gone: 15,000 + 10,000 = 25,000.
    const b = bench().until(2000).nca('5').until(10_160).nca('10').until(15_000).say().until(20_200);
    expect(b.next).toBe(jiffies(25_000));
    b.until(25_200);
    expect(b.log.slice(-3)).toEqual(table('15000 N11', '25000 E11', '25200 E11'));
  });

  it('later records do not move the 10 s of the oldest', () => {
    // Written at 0, 5,000 and 9,980; due at 10,000 all the same.
    const b = bench().until(2000).nca('9').until(5000).say().until(9980).say().until(10_000);
    expect(b.log.slice(1)).toEqual(table('5000 N11', '9980 N12', '10000 E10'));
  });

  it('a record logged in a session leaves at once, and lengthens the pass', () => {
    // Unacked 9 and 10; 11 is logged at 10,060, before 10 would have ended the pass at 10,100. 11 ends it at 10,200.
    const b = bench().until(2000).nca('8').until(10_060).say().until(10_800);
    // 10,060 is no whole jiffy at HZ 250: 2515.
    expect(b.log[2]).toEqual([Math.floor((10_060 * HZ) / 1000), 'N11']);
    b.log.splice(2, 1);
    expect(b.log.slice(1)).toEqual(table('10000 E9', '10100 E10', '10200 E11', '10400 E9', '10600 E10', '10800 E11'));
  });

  it('records overwritten during a session are passed over without a tick of their own', () => {
    // A log of 1 KiB: 32 descriptors. Unacked 6 on; at 10,060 forty records go by, so 7 is gone when its turn comes at 10,100.
    const b = bench(1, 10).until(2000).nca('5').until(10_060);
    for (let i = 0; i < 40; i++) b.say();
    b.log.length = 0;
    b.until(10_100);
    const first = insideOf(b.kernel).ring.nextSeq;
    const oldest = Number(b.log[0]![1].slice(1));
    expect(b.log).toEqual([[jiffies(10_100), `E${oldest}`]]);
    expect(oldest).toBeGreaterThan(15);
    expect(oldest).toBeLessThan(first);
    b.until(10_200);
    expect(b.log[1]).toEqual([jiffies(10_200), `E${oldest + 1}`]);
  });

  it('the console is taken: a try every jiffy', () => {
    // Taken at 9,900, let go at 10,060 after that jiffy's try has failed: the next is one jiffy later.
    const b = bench().until(2000).nca('5').until(9900);
    expect(insideOf(b.kernel).consoles.trylock()).toBe(true);
    b.until(10_060);
    expect(b.log.slice(1)).toEqual([]);
    const now = Math.floor((10_060 * HZ) / 1000);
    expect(b.next).toBe(now + 1);
    insideOf(b.kernel).call(() => insideOf(b.kernel).consoles.unlock());
    b.until(10_080);
    expect(b.log.slice(1)).toEqual([[now + 1, 'E6']]);
    // And 100 ms from then.
    expect(b.next).toBe(now + 1 + HZ / 10);
  });

  it('an ack that arrives while the console is taken counts when it is let go', () => {
    const b = bench().until(2000).nca('5').until(10_060);
    insideOf(b.kernel).consoles.trylock();
    b.nca('10');
    expect(b.reliable.ackSeq).toBe(5);
    insideOf(b.kernel).call(() => insideOf(b.kernel).consoles.unlock());
    expect(b.reliable.ackSeq).toBe(10);
    b.until(20_000);
    expect(b.log.slice(1)).toEqual(table('10000 E6'));
  });

  it('a record that met no running device counts as sent: 10 s later it leaves for the first time', () => {
    // Armed at 2,000 for 10,000, which finds all acked and looks again at 20,000. The record is written at 13,000 into nothing: at
    // 20,000 it is 7 s old, so 13,000 + 10,000 = 23,000.
    const b = bench().until(2000).nca('9').nca('10').until(13_000);
    b.kernel.ip((all) => all.setUp(b.dev, false));
    b.say().until(14_000);
    b.kernel.ip((all) => all.setUp(b.dev, true));
    b.until(23_200);
    expect(b.log.slice(1)).toEqual(table('23000 E11', '23200 E11'));
  });

  it('a session whose device is down goes on, unheard', () => {
    // Unacked 9, 10: sent at 10,000, 10,100, then 200 ms apart: 10,300, 10,500, then 400.
    const b = bench().until(2000).nca('8').until(10_060);
    b.kernel.ip((all) => all.setUp(b.dev, false));
    b.until(10_400);
    b.kernel.ip((all) => all.setUp(b.dev, true));
    b.until(10_900);
    expect(b.log.slice(1)).toEqual(table('10000 E9', '10500 E10', '10900 E9'));
  });

  it('a record filtered by its level was never written: it is an emergency at the next tick', () => {
    // Armed at 2,000 for 10,000, which finds all acked: nothing pending, next at 20,000. Record 11 at 15,000 is below the console's
    // level, so no time is noted; the tick at 20,000 compares with jiffy 0 + 10 s, long past on a 64-bit machine.
    const b = bench().until(2000).nca('9').nca('10').until(15_000).say(7).until(20_000);
    expect(b.reliable.ackTstmp).toBe(0);
    expect(b.log.slice(1)).toEqual(table('20000 E11'));
  });

  it.each(['0', '10', '99', '', 'x', '-5', '18446744073709551615', '9007199254740993'])(
    'a first ack of "%s" is none: no timer, no message',
    (ack) => {
      const b = bench().until(2000).nca(ack);
      expect(b.next).toBeUndefined();
      b.until(60_000);
      expect(b.log).toEqual([]);
      expect(b.reliable).toMatchObject({ ackSeq: 0, stats: { responses: 1, malformed: 0 } });
    },
  );

  it.each(['0', '11', '99'])('an ack of %s in a session does not end it', (ack) => {
    // Unacked 9, 10: 10,000, 10,100, then 200 ms apart.
    const b = bench().until(2000).nca('8').until(10_160).nca(ack).until(10_500);
    expect(b.log.slice(1)).toEqual(table('10000 E9', '10100 E10', '10300 E9', '10500 E10'));
  });

  it('a request without an ack is answered at once and leaves the session alone', () => {
    const b = bench().until(2000).nca('8').until(10_160).nca(' 3 4').until(10_300);
    const at = Math.floor((10_160 * HZ) / 1000);
    expect(b.log.slice(3, 5)).toEqual([
      [at, 'R3'],
      [at, 'R4'],
    ]);
    expect([b.log[1], b.log[2], b.log[5]]).toEqual(table('10000 E9', '10100 E10', '10300 E9'));
  });

  it('further acks do not move the timer', () => {
    // Armed at 2,000 for 10,000.
    const b = bench().until(2000).nca('5').until(3000).nca('6').until(9980).nca('7');
    expect(b.next).toBe(jiffies(10_000));
    b.until(10_000);
    expect(b.log.slice(1)).toEqual(table('10000 E8'));
  });

  it('disabled: the timer stops. Enabled: it goes on where it was', () => {
    const b = bench().until(2000).nca('5');
    b.kernel.fs.mkdir('netconsole/cmdline0');
    b.until(4000);
    b.kernel.fs.write('netconsole/cmdline0/enabled', '0');
    expect(b.next).toBeUndefined();
    b.until(13_000);
    b.kernel.fs.write('netconsole/cmdline0/enabled', '1');
    b.log.length = 0;
    // More than 10 s have gone: the first tick is an emergency, at the time of enabling.
    b.until(13_100);
    expect(b.log).toEqual(table('13000 E6', '13100 E7'));
  });

  it('two targets have a timer each; what is due together goes in the order of arming', () => {
    const kernel = createKernel({ profile: '6.12', HZ, reliable: 'heo-2015', startUsec: START_USEC });
    const ports: string[] = [];
    const device = createMemoryDevice('eth0', {
      onFrame: (frame) => {
        const text = Buffer.from(frame.subarray(42)).toString('latin1');
        if (text.includes(',emg=1')) ports.push(`${(frame[34]! << 8) | frame[35]!} ${text.split(',')[1]}`);
      },
    });
    kernel.addDevice(device, { addresses: ['10.0.2.15/24'] });
    kernel.insmod('netconsole', '+1001@/eth0,@10.0.2.2/;+1002@/eth0,@10.0.2.2/');
    for (const port of [1002, 1001]) {
      const op = { op: 'datagram', from: '10.0.2.2:6666', to: `10.0.2.15:${port}`, data: 'nca2' };
      device.inject(datagramFrame(op, device.mac));
    }
    kernel.advanceTo(START_USEC + 10_100_000);
    expect(ports).toEqual(['1002 3', '1001 3', '1002 4', '1001 4']);
  });
});
