/**
 * Nothing that arrives on a device makes the kernel throw, grow, or answer out of proportion; and what a receiver answers, whatever it
 * was sent, the kernel can read.
 */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createKernel, insideOf, type Kernel } from '../../src/kernel/index.js';
import { createMemoryDevice, type MemoryDevice } from '../../src/net/memory.js';
import { createRandom } from '../../src/net/random.js';
import { createReceiver } from '../../src/receiver/index.js';
import { datagramFrame } from '../../src/scenario/datagram.js';
import { decodeFrame } from '../../src/wire/decode.js';
import { reachableBytes } from '../support/reachable.js';

const SEED = Number(process.env['SEED'] ?? 20150416);
const corpus = (
  JSON.parse(readFileSync(new URL('../support/corpus/frames.json', import.meta.url), 'utf8')) as {
    name: string;
    hex: string;
  }[]
).map(({ name, hex }) => ({ name, frame: new Uint8Array(Buffer.from(hex, 'hex')) }));

/** The most frames that one frame may cause: a response of 1000 bytes asks for 498 records, of 3 pieces each here. */
const CAUSED_MAX = 498 * 3;

/** A kernel with a target in each dialect and over IPv6, watched from outside after every frame. */
class Watched {
  readonly kernel: Kernel;
  readonly device: MemoryDevice;
  caused = 0;
  frames = 0;
  #acked = [0, 0, 0];
  #malformedOut = 0;

  constructor() {
    this.kernel = createKernel({ profile: '6.12', reliable: 'heo-2015', logBufShift: 12, startUsec: 400_000_000 });
    this.device = createMemoryDevice('eth0', { onFrame: (frame) => this.#out(frame) });
    this.kernel.addDevice(this.device, { addresses: ['10.0.2.15/24', 'fd00::15/64'] });
    const targets = [
      '+6665@10.0.2.15/eth0,6666@10.0.2.2/',
      '+6667@fd00::15/eth0,6668@fd00::2/',
      '+{netconsd}6669@10.0.2.15/eth0,6670@10.0.2.2/',
    ];
    this.kernel.insmod('netconsole', targets.join(';'));
  }

  #out(frame: Uint8Array): void {
    this.caused++;
    this.frames++;
    // Decoding all of them would take longer than the rest.
    if (this.frames % 101 !== 0) return;
    const decoded = decodeFrame(frame);
    const arp = frame[12] === 8 && frame[13] === 6;
    if (!arp && (decoded.udp?.checksum !== 'good' || decoded.odd.length > 0)) this.#malformedOut++;
  }

  take(frame: Uint8Array): void {
    const { kernel, device } = this;
    this.caused = 0;
    device.inject(frame);
    const { stats } = insideOf(kernel).rx;
    if (stats.malformed + stats.foreign + stats.arpReplies + stats.delivered !== stats.frames) {
      throw new Error(`uncounted: ${JSON.stringify(stats)}`);
    }
    if (this.caused > CAUSED_MAX) throw new Error(`one frame caused ${this.caused}`);
    if (device.slab.inUse !== 0) throw new Error(`${device.slab.inUse} slots in use`);
    const last = insideOf(kernel).ring.nextSeq - 1;
    for (const [i, { reliable }] of insideOf(kernel).modules.targets.entries()) {
      const { ackSeq } = reliable!;
      if (!(ackSeq >= this.#acked[i]! && ackSeq <= last)) throw new Error(`acked ${ackSeq} after ${this.#acked[i]}`);
      this.#acked[i] = ackSeq;
    }
  }

  /** Time goes on, and now and then something is logged. */
  pass(usec: number, text?: string): void {
    this.caused = 0;
    this.kernel.advanceTo(this.kernel.now() + usec);
    if (text !== undefined) this.kernel.printk(text);
  }

  end(): void {
    expect(this.#malformedOut).toBe(0);
  }
}

/** A response in a frame with right checksums. */
function respond(data: string, target: number): Uint8Array {
  const port = 6665 + 2 * target;
  const [from, to] = target === 1 ? ['[fd00::2]', '[fd00::15]'] : ['10.0.2.2', '10.0.2.15'];
  const mac = Uint8Array.of(0x52, 0x54, 0, 0x12, 0x34, 0x56);
  return datagramFrame({ op: 'datagram', from: `${from}:${port + 1}`, to: `${to}:${port}`, data }, mac);
}

it.each(corpus)('the corpus: $name', ({ frame }) => {
  const watched = new Watched();
  watched.take(frame);
  for (let cut = 0; cut < frame.length; cut++) watched.take(frame.subarray(0, cut));
  for (let at = 0; at < Math.min(frame.length, 80); at++) {
    for (let bit = 0; bit < 8; bit++) {
      const changed = frame.slice();
      changed[at] = changed[at]! ^ (1 << bit);
      watched.take(changed);
    }
  }
  watched.end();
});

const seq = fc.oneof(
  fc.nat(40).map(String),
  fc.constantFrom('', '0', '-1', '0x10', '9007199254740991', '9007199254740992', '18446744073709551616'),
  fc.bigInt({ min: 0n, max: 2n ** 70n }).map(String),
  fc.string({ unit: 'binary', maxLength: 8 }),
);
const response = fc
  .tuple(
    fc.constantFrom('nca', 'ncrx', 'nc', '', 'NCA', ' nca'),
    fc.array(seq, { maxLength: 80 }),
    fc.constantFrom(' ', '  ', '\t'),
  )
  .map(([prefix, seqs, blank]) => prefix + seqs.join(blank));

it('structured responses and random bytes', () => {
  const step = fc.oneof(
    fc.tuple(response, fc.nat(2)).map(([data, target]) => respond(data, target)),
    fc.uint8Array({ maxLength: 1600 }),
    fc.constantFrom(...corpus.map(({ frame }) => frame)),
    fc.nat(30_000_000),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const watched = new Watched();
      for (const next of steps) {
        if (typeof next === 'number') watched.pass(next, 'something\n');
        else watched.take(next);
      }
      watched.end();
    }),
    { seed: SEED, numRuns: 300 },
  );
});

describe('a million mutated frames', () => {
  const random = createRandom(SEED);
  const pick = (below: number) => Math.floor(random() * below);
  const out = new Uint8Array(4096);

  function mutate(frame: Uint8Array): Uint8Array {
    out.set(frame);
    let { length } = frame;
    for (let edits = 1 + pick(4); edits > 0; edits--) {
      const at = pick(length + 1);
      const kind = pick(5);
      if (kind === 0) out[at] = pick(256);
      else if (kind === 1) out[at] = out[at]! ^ (1 << pick(8));
      else if (kind === 2) length = at;
      else if (kind === 3) {
        const other = corpus[pick(corpus.length)]!.frame;
        const from = pick(other.length + 1);
        const insert = other.subarray(from, Math.min(other.length, from + pick(40)));
        out.copyWithin(at + insert.length, at, length);
        out.set(insert, at);
        length = Math.min(2000, length + insert.length);
      } else {
        const end = Math.min(length, at + pick(10));
        out.copyWithin(at, end, length);
        length -= end - at;
      }
    }
    return out.subarray(0, length);
  }

  it('through the receive path', () => {
    const watched = new Watched();
    const { kernel } = watched;
    const before = reachableBytes();
    // Responses whose numbers are near what the log has, so that they go all the way.
    const good = Array.from({ length: 300 }, (_, i) => {
      const seqs = Array.from({ length: pick(6) }, () => 20 + pick(400));
      return respond(`${i % 3 === 2 ? 'ncrx' : 'nca'}${pick(3) === 0 ? '' : 20 + pick(400)} ${seqs.join(' ')}`, i % 3);
    });
    for (let i = 0; i < 1_000_000; i++) {
      const kind = pick(8);
      if (kind === 0) watched.take(good[pick(good.length)]!);
      else if (kind === 1) watched.take(mutate(good[pick(good.length)]!));
      else watched.take(mutate(corpus[pick(corpus.length)]!.frame));
      if (i % 1000 === 0) watched.pass(pick(2_000_000), `${i} ${'\x01'.repeat(pick(500))}\n`);
      // Somebody has the console for a while, now and then.
      if (i % 5000 === 0) insideOf(kernel).consoles.trylock();
      else if (i % 5000 === 500) insideOf(kernel).call(() => insideOf(kernel).consoles.unlock());
    }
    watched.end();
    const { stats } = insideOf(kernel).rx;
    // The run is worth something only if it goes everywhere.
    for (const name of ['malformed', 'foreign', 'arpReplies', 'delivered'] as const) {
      expect(stats[name], name).toBeGreaterThan(1000);
    }
    for (const { reliable, stats: sent } of insideOf(kernel).modules.targets) {
      expect(reliable!.ackSeq).toBeGreaterThan(100);
      expect(reliable!.stats.overrun + reliable!.stats.malformed).toBeGreaterThan(0);
      expect(sent.retransmits).toBeGreaterThan(100);
      expect(sent.emergencies).toBeGreaterThan(10);
    }
    expect(reachableBytes() - before).toBeLessThan(16 << 20);
  });

  it.each(['heo-2015', 'netconsd'] as const)('through a receiver whose answers come back: %s', (dialect) => {
    const kernel = createKernel({ profile: '6.12', reliable: dialect, logBufShift: 14, startUsec: 400_000_000 });
    const payloads: Uint8Array[] = [];
    const device = createMemoryDevice('eth0', { onFrame: (frame) => payloads.push(frame.slice(42)) });
    kernel.addDevice(device, { addresses: ['10.0.2.15/24'] });
    kernel.insmod('netconsole', '+@10.0.2.15/eth0,@10.0.2.2/');
    const receiver = createReceiver({ dialect, ackIntvMs: 50, nrSlots: 512, retxStride: 64 });
    const state = insideOf(kernel).modules.targets[0]!.reliable!;
    let responses = 0;
    for (let i = 0; i < 30_000; i++) {
      if (i % 4 === 0) kernel.printk(`${i} ${'\x01'.repeat(pick(400))}\n`);
      kernel.advanceTo(kernel.now() + pick(20_000));
      const payload = payloads.length > 0 ? payloads[pick(payloads.length)]! : new Uint8Array(0);
      if (payloads.length > 50) payloads.splice(0, 25);
      receiver.process(pick(3) === 0 ? mutate(payload) : payload, kernel.now() / 1000);
      while (receiver.next() !== undefined);
      const answer = receiver.response();
      if (answer === undefined) continue;
      responses++;
      expect(answer.length).toBeLessThanOrEqual(1000);
      device.inject(respondBytes(answer, device.mac));
    }
    expect(responses).toBeGreaterThan(1000);
    expect(state.stats).toMatchObject({ responses, malformed: 0 });
    expect(state.ackSeq).toBeGreaterThan(1000);
  });
});

function respondBytes(payload: Uint8Array, mac: Uint8Array): Uint8Array {
  const hex = Buffer.from(payload).toString('hex');
  return datagramFrame({ op: 'datagram', from: '10.0.2.2:6666', to: '10.0.2.15:6665', hex }, mac);
}
