/** What a harness serves, what it refuses, and what can happen to its machine. */
import { describe, expect, it } from 'vitest';
import { KernelError } from '../../../src/errno.js';
import { tallyOf } from '../../../src/kernel/index.js';
import { recordText } from '../../../src/receiver/index.js';
import { checkFrame, createHarness, ext, type Harness, ipv6, plain } from '../../../src/testing/index.js';
import { decodeFrame } from '../../../src/wire/index.js';

describe('targets', () => {
  it.each(['4.2', '6.12', '7.3'])('that %s cannot set up are refused, with what the kernel said', (profile) => {
    const refused = (target: string) => () => createHarness({ profile, target });
    expect(refused('nonsense')).toThrow(/does not take the target "nonsense": it says ".*couldn't parse config/);
    expect(refused('nonsense')).toThrow(KernelError);
    expect(refused('+@/eth1,@192.0.2.2/')).toThrow(/eth1 doesn't exist/);
    expect(refused('+@/eth0,@192.0.2.2/;x')).toThrow(/couldn't parse config/);
  });

  it('that are plain give lines', () => {
    const { kernel, frames, texts, received } = createHarness({ profile: '6.12', target: '@/eth0,@192.0.2.2/' });
    kernel.printk('one\n');
    kernel.printk('two\n');
    checkFrame(frames[0], plain({ text: '[  400.000000] one\n' }));
    expect(received()).toEqual([]);
    kernel.printk('three\n');
    expect(texts()).toEqual(['[  400.000000] three']);
  });

  it('of both kinds, both families and several ports have a receiver each', () => {
    const target = ['@/eth0,@192.0.2.2/', '+@/eth0,@2001:db8::2/', '+7000@/eth0,7001@192.0.2.3/'];
    const harness = createHarness({ profile: '6.12', target });
    harness.kernel.printk('x\n');
    expect(harness.frames.length).toBe(3);
    const overIpv6 = harness.frames.find((frame) => decodeFrame(frame).ip?.version === 6);
    checkFrame(overIpv6, ipv6({ dst: '2001:db8::2' }), ext({ text: 'x' }));
    expect(harness.texts().sort()).toEqual(['[  400.000000] x', 'x', 'x']);
  });

  it.each(['@2001:db8::1', '@192.0.2.1'])('that listen hear the acks, from %s', (source) => {
    let count = 0;
    const target = `+${source}/eth0,@${source.includes(':') ? '2001:db8::2' : '192.0.2.2'}/`;
    const lose = (_: Uint8Array, direction: 'out' | 'in') => direction === 'out' && ++count % 3 === 0;
    const harness = createHarness({ profile: '6.12', target, reliable: 'netconsd', lose });
    for (let i = 0; i < 30; i++) {
      harness.kernel.printk(`record ${i}\n`);
      harness.advance(100);
    }
    harness.advance(60_000);
    const texts = harness.texts().filter((text) => text.startsWith('record'));
    expect(texts).toEqual(Array.from({ length: 30 }, (_, i) => `record ${i}`));
  });
});

describe('what happens to a machine', () => {
  it('a stall overflows the ring, and the receiver sees the gap', () => {
    const harness = createHarness({ profile: '6.12', logBufShift: 12 });
    harness.kernel.printk('before\n');
    harness.stall(() => {
      for (let i = 0; i < 500; i++) harness.kernel.printk(`line ${i}\n`);
    });
    harness.advance(1000);
    const records = harness.received();
    expect(recordText(records[0]!)).toBe('before');
    expect(records[1]!.skipped).toBeGreaterThan(300);
    expect(recordText(records.at(-1)!)).toBe('line 499');
  });

  it('a reboot begins the log and the clock anew, and is a stream of its own once enough has come', () => {
    const harness = createHarness({ profile: '6.12' });
    for (let i = 0; i < 5000; i++) harness.kernel.printk(`old ${i}\n`);
    harness.advance(10_000);
    expect(harness.received().length).toBe(5000);
    const old = harness.kernel;
    harness.reboot();
    expect(harness.kernel).not.toBe(old);
    for (let i = 0; i < 40; i++) harness.kernel.printk(`new ${i}\n`);
    harness.advance(60_000);
    const records = harness.received();
    expect(records.some((record) => record.seqReset)).toBe(true);
    expect(recordText(records.at(-1)!)).toBe('new 39');
    expect(records.at(-1)!.tsUsec).toBe(400e6);
  });

  it.each([
    ['6.12', []],
    ['7.3', ['back']],
  ])('on %s what is logged while the NIC is out is lost, afterwards: %j', (profile, expected) => {
    const harness = createHarness({ profile });
    harness.unplug();
    harness.unplug();
    harness.kernel.printk('out\n');
    harness.plug();
    harness.plug();
    harness.advance(1000);
    harness.clear();
    harness.texts();
    harness.kernel.printk('back\n');
    harness.advance(60_000);
    expect(harness.texts()).toEqual(expected);
    harness.close();
  });
});

describe('time', () => {
  it.each([Number.NaN, -1, Number.POSITIVE_INFINITY, '5', undefined])('advance(%s) is refused at once', (ms) => {
    const harness = createHarness();
    expect(() => harness.advance(ms as number)).toThrow(RangeError);
    expect(harness.kernel.now()).toBe(400e6);
  });

  it('calls what is scheduled when it is due', () => {
    const harness = createHarness({ profile: '6.12' });
    harness.at(20, (kernel) => kernel.printk('second\n'));
    harness.at(10, (kernel) => kernel.printk('first\n'));
    harness.advance(15);
    expect(harness.received().map(({ tsUsec }) => tsUsec)).toEqual([400_010_000]);
    harness.advance(5);
    expect(harness.texts()).toEqual(['second']);
    expect(() => harness.at(-1, () => {})).toThrow(/afterMs is -1/);
  });

  it('for await gives records as they come, and ends when nothing more can', async () => {
    const harness = createHarness({ profile: '6.12', reliable: 'heo-2015', lose: (frame) => frame.length === 77 });
    harness.kernel.printk('one\n');
    harness.at(1000, (kernel) => kernel.printk('two\n'));
    const texts: string[] = [];
    for await (const record of harness) {
      texts.push(recordText(record));
      if (texts.length === 2) harness.kernel.printk('three\n');
    }
    expect(texts.filter((text) => /^(one|two|three)$/.test(text))).toEqual(['one', 'two', 'three']);
  });
});

it('is closed at the end of its block, once', () => {
  const harness = createHarness();
  harness[Symbol.dispose]();
  harness.close();
});

it('says what may be amiss when a frame is not there', () => {
  const { kernel, frames } = createHarness({ profile: '6.12' });
  kernel.printk('no newline');
  expect(() => checkFrame(frames[0])).toThrow(/there is no such frame; a line without a newline waits/);
});

describe('impair', () => {
  const say = (harness: Harness, texts: readonly string[]) => {
    for (const text of texts) harness.kernel.printk(`${text}\n`);
  };

  it('delays in virtual time, and doubles', () => {
    const harness = createHarness({ profile: '6.12', impair: { out: { delayUsec: 5000, duplicate: 1 } } });
    say(harness, ['a']);
    harness.advance(4.9);
    expect(harness.received()).toEqual([]);
    expect(harness.frames.length).toBe(1);
    harness.advance(0.2);
    expect(harness.texts()).toEqual(['a']);
    expect(harness.network.out).toMatchObject({ carried: 1, duplicated: 1, lost: 0 });
    harness.close();
  });

  it('cuts the wire from one time until another', () => {
    const impair = { partitions: [{ fromUsec: 1000, untilUsec: 2000 }] };
    const harness = createHarness({ profile: '6.12', target: '6665@192.0.2.1/eth0,6666@192.0.2.2/', impair });
    for (const text of ['before', 'meanwhile', 'after']) {
      say(harness, [text]);
      harness.advance(1);
    }
    expect(harness.texts().map((text) => text.split('] ')[1])).toEqual(['before', 'after']);
    expect(harness.network.out.partitioned).toBe(1);
    harness.close();
  });

  it('judges both directions: what is lost comes again, as often as its acks are lost', () => {
    const impair = { seed: 3, out: { loss: 0.3, delayUsec: 300 }, in: { loss: 0.3, delayUsec: 300 } };
    const harness = createHarness({ reliable: 'netconsd', impair });
    const texts = Array.from({ length: 40 }, (_, i) => `line ${i}`);
    for (const text of texts) {
      say(harness, [text]);
      harness.advance(10);
    }
    harness.advance(60_000);
    const got = harness.texts().filter((text) => text.startsWith('line'));
    // What is lost before anything has arrived, no receiver can miss.
    expect(got).toEqual(texts.slice(texts.indexOf(got[0]!)));
    expect(got.length).toBeGreaterThan(35);
    expect(harness.network.out.lost).toBeGreaterThan(0);
    expect(harness.network.in.lost).toBeGreaterThan(0);
    harness.close();
  });

  it('does nothing without being asked', () => {
    const harness = createHarness();
    say(harness, ['a']);
    expect(harness.texts()).toEqual(['a']);
    expect(harness.network.out.carried).toBe(0);
    harness.close();
  });
});

describe('a receiver under test', () => {
  it('hears what arrives, at once, and keeps it', () => {
    const heard: string[] = [];
    let count = 0;
    const { kernel, frames } = createHarness({
      profile: '6.12',
      lose: () => ++count === 2,
      onDatagram: (payload, { address, port }) => {
        heard.push(`${address}:${port} ${new TextDecoder().decode(payload).split(';')[1]}`);
        payload.fill(0);
      },
    });
    for (const text of ['one', 'two', 'three']) {
      kernel.printk(`${text}\n`);
      expect(heard.length).toBe(text === 'one' ? 1 : count - 1);
    }
    expect(heard).toEqual(['192.0.2.1:6665 one\n', '192.0.2.1:6665 three\n']);
    expect(frames.map((frame) => decodeFrame(frame).message?.kind)).toEqual(Array(3).fill('extended'));
  });

  it('hears late what is late, in virtual time', () => {
    const heard: Uint8Array[] = [];
    const impair = { seed: 1, out: { delayUsec: 5000 } };
    const { kernel, advance } = createHarness({
      profile: '6.12',
      impair,
      onDatagram: (payload) => heard.push(payload),
    });
    kernel.printk('x\n');
    advance(4);
    expect(heard).toEqual([]);
    advance(2);
    expect(heard.length).toBe(1);
  });

  it.each([
    ['heo-2015', 'nca'],
    ['netconsd', 'ncrx'],
  ] as const)('answers, and the kernel (%s) sends nothing again', (reliable, ack) => {
    const run = (answers: number) => {
      let answered = 0;
      const harness = createHarness({
        ...{ profile: '6.12', reliable },
        onDatagram: (payload, _from, reply) => {
          const seq = new TextDecoder().decode(payload).split(',')[1];
          if (answered++ < answers) reply(new TextEncoder().encode(`${ack}${seq}`));
        },
      });
      for (let i = 0; i < 20; i++) {
        harness.kernel.printk(`r${i}\n`);
        harness.advance(100);
      }
      harness.advance(120_000);
      const acked = tallyOf(harness.kernel);
      harness.close();
      return acked;
    };
    expect(run(Number.POSITIVE_INFINITY)).toMatchObject({ acks: expect.toSatisfy((n) => n >= 20), emergencies: 0 });
    // Whoever has been acked once sends again what is not.
    expect(run(10)).toMatchObject({ acks: 10, emergencies: expect.toSatisfy((n) => n > 0) });
    expect(run(0)).toMatchObject({ acks: 0, emergencies: 0 });
  });

  it('throws out of printk, and hears the next one', () => {
    const heard: Uint8Array[] = [];
    let armed = true;
    const onDatagram = (payload: Uint8Array) => {
      if (armed) throw new Error('mine');
      heard.push(payload);
    };
    const { kernel, eth0 } = createHarness({ profile: '6.12', onDatagram });
    for (let i = 0; i < 100; i++) expect(() => kernel.printk('x\n')).toThrow('mine');
    armed = false;
    kernel.printk('x\n');
    expect([heard.length, eth0.slab.inUse]).toEqual([1, 0]);
  });

  it('may log, advance and close in the middle of it', () => {
    const heard: string[] = [];
    const harness = createHarness({
      profile: '6.12',
      onDatagram: (payload) => {
        const text = new TextDecoder().decode(payload);
        heard.push(text);
        if (/one/.test(text)) harness.kernel.printk('two\n');
        if (/two/.test(text)) harness.advance(10);
        if (/three/.test(text)) harness.close();
      },
    });
    harness.kernel.printk('one\n');
    harness.kernel.printk('three\n');
    expect(harness.kernel.printk('four\n')).toBe(0);
    expect(heard.map((text) => /;(.*)/.exec(text)![1])).toEqual(['one', 'two', 'three']);
  });

  it.each([undefined, 'x', null, 5])('cannot answer %j', (answer) => {
    const onDatagram = (_: Uint8Array, __: object, reply: (payload: never) => void) => reply(answer as never);
    const { kernel } = createHarness({ profile: '6.12', onDatagram });
    expect(() => kernel.printk('x\n')).toThrow(/reply: payload is .*, not a Uint8Array|reply.*payload/);
  });
});
