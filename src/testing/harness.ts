/**
 * Both ends on a wire in memory: a kernel with one extended target, and a receiver. Time is virtual and jumps.
 *
 *   kernel --eth0.frames--> receiver        what `lose` picks does not arrive, either way
 *          <--responses----                 only with `reliable`
 */
import { createKernel, type Kernel, type KernelOptions } from '../kernel/index.js';
import { createMemoryDevice, type MemoryDevice } from '../net/memory.js';
import {
  createReceiver,
  type DialectName,
  type ReceivedRecord,
  type ReceiverOptions,
  unescapeText,
} from '../receiver/index.js';
import { decodeFrame } from '../wire/decode.js';
import { emitUdpReply } from '../wire/udp-frame.js';

export interface HarnessOptions extends KernelOptions {
  /** In the syntax of the module parameter, IPv4. Default: an extended one, from 192.0.2.1:6665 to 192.0.2.2:6666. */
  readonly target?: string;
  /** Whether a frame is lost: what the kernel sent (`out`), or an answer (`in`). */
  readonly lose?: (frame: Uint8Array, direction: 'out' | 'in') => boolean;
  readonly receiver?: Omit<ReceiverOptions, 'dialect'>;
}

export interface Harness {
  readonly kernel: Kernel;
  readonly eth0: MemoryDevice;
  /** Every frame that left since the start or the last `clear`, lost ones too. What loading netconsole said is not among them. */
  readonly frames: readonly Uint8Array[];
  /** The UDP payloads of `frames`, one character a byte. */
  payloads(): string[];
  /** What the receiver has delivered since it was asked last. */
  received(): ReceivedRecord[];
  /** The texts of that, without escapes. */
  texts(): string[];
  /** Passes virtual time, with everything that is due on either side. */
  advance(ms: number): void;
  clear(): void;
  close(): void;
}

const TARGET = '+6665@192.0.2.1/eth0,6666@192.0.2.2/02:00:00:00:00:02';

/**
 * A kernel that is loaded and ready. KernelError for what it does not take.
 *
 * @example
 * const { kernel, frames, texts } = createHarness({ profile: '6.12' });
 * kernel.printk('hello\n', { level: 6 });
 * checkFrame(frames[0], udp({ dstPort: 6666 }), ext({ level: 6, text: 'hello' }));
 * expect(texts()).toEqual(['hello']);
 */
export function createHarness(options: HarnessOptions = {}): Harness {
  const ends = new TwoEnds(options);
  return {
    kernel: ends.kernel,
    eth0: ends.eth0,
    frames: ends.frames,
    payloads: () => ends.frames.map((frame) => latin1(decodeFrame(frame).payload ?? new Uint8Array(0))),
    received: () => ends.received(),
    texts: () => ends.received().map((record) => new TextDecoder().decode(unescapeText(record.text))),
    advance: (ms) => ends.advance(ms),
    clear: () => {
      ends.frames.length = 0;
    },
    close: () => {
      ends.kernel.close();
      void ends.eth0.close();
    },
  };
}

class TwoEnds {
  readonly kernel: Kernel;
  readonly eth0: MemoryDevice;
  readonly frames: Uint8Array[] = [];
  readonly #receiver: ReturnType<typeof createReceiver>;
  readonly #lose: (frame: Uint8Array, direction: 'out' | 'in') => boolean;
  /** On the wire, not yet at the receiver. */
  #arriving: Uint8Array[] = [];
  /** The last frame that arrived: responses go back where it came from. */
  #last: Uint8Array | undefined;
  #ready = false;

  constructor(options: HarnessOptions) {
    const { target, lose, receiver, ...kernelOptions } = options;
    this.#lose = lose ?? (() => false);
    const dialect = (kernelOptions.reliable ?? 'mainline') as DialectName;
    this.#receiver = createReceiver({
      ackIntvMs: kernelOptions.reliable === undefined ? 0 : 1000,
      ...receiver,
      dialect,
    });
    // Past the first five minutes, where jiffies are about to wrap.
    this.kernel = createKernel({ startUsec: 400e6, ...kernelOptions });
    this.eth0 = createMemoryDevice('eth0', { onFrame: (frame) => this.#sent(frame.slice()) });
    this.kernel.addDevice(this.eth0, { addresses: ['192.0.2.1/24', '2001:db8::1/64'] });
    this.kernel.insmod('netconsole', target ?? TARGET);
    this.#ready = true;
  }

  received(): ReceivedRecord[] {
    this.#deliver();
    const records: ReceivedRecord[] = [];
    for (let record = this.#receiver.next(); record !== undefined; record = this.#receiver.next()) records.push(record);
    return records;
  }

  advance(ms: number): void {
    const end = this.kernel.now() + ms * 1000;
    this.#deliver();
    for (;;) {
      const receiverUsec = (this.#receiver.nextDeadline() ?? Number.POSITIVE_INFINITY) * 1000;
      const next = Math.min(this.kernel.nextDeadline() ?? end, receiverUsec, end);
      this.kernel.advanceTo(Math.max(next, this.kernel.now()));
      this.#deliver();
      if (next >= end) return;
    }
  }

  #sent(frame: Uint8Array): void {
    if (!this.#ready) return;
    this.frames.push(frame);
    if (!this.#lose(frame, 'out')) this.#arriving.push(frame);
  }

  /** Hands what is on the wire to the receiver, and its answers to the kernel, until all is quiet. */
  #deliver(): void {
    do {
      const frames = this.#arriving;
      this.#arriving = [];
      for (const frame of frames) {
        const { payload } = decodeFrame(frame);
        if (payload === undefined) continue;
        this.#last = frame;
        this.#receiver.process(payload, this.kernel.now() / 1000);
        this.#answer();
      }
      if (frames.length === 0) {
        this.#receiver.process(undefined, this.kernel.now() / 1000);
        this.#answer();
      }
    } while (this.#arriving.length > 0);
  }

  #answer(): void {
    const response = this.#receiver.response();
    if (response === undefined || this.#last === undefined) return;
    const answer = emitUdpReply(this.#last, response);
    if (answer !== undefined && !this.#lose(answer, 'in')) this.eth0.inject(answer);
  }
}

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}
