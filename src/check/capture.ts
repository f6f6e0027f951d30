/**
 * Reads a capture as if it were a receiver's output: its records are what a perfect receiver makes
 * of the frames. Each sender has a receiver of its own.
 */
import { KernelError } from '../errno.js';
import {
  createPlainReceiver,
  createReceiver,
  dictionaryText,
  type PlainReceiver,
  type ReceivedRecord,
  type Receiver,
} from '../receiver/index.js';
import { CaptureReader } from '../wire/capture.js';
import { type Decoded, decodeFrame } from '../wire/decode.js';
import { IpReassembler } from '../wire/reassembly.js';
import { decodeText, unescapeText } from '../wire/text.js';
import type { Printed } from './payload.js';

/**
 * Yields the records of a capture, several at a time. Throws EINVAL, with the path, for a capture
 * that ends early or contradicts itself.
 */
export async function* captureRecords(path: string, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Printed[]> {
  const reader = new CaptureReader();
  const reassembler = new IpReassembler();
  const flows = new Set<string>();
  const senders = new Map<string, Sender>();
  for await (const chunk of chunks) {
    const records: Printed[] = [];
    for (const { frame, linktype, tsUsec } of reader.push(chunk)) {
      const decoded = decodeFrame(frame, linktype, { reassembler, tsUsec, ports: new Set(), flows });
      const { ip, udp, message, payload } = decoded;
      if (ip === undefined || udp === undefined || payload === undefined || !isWhole(decoded)) continue;
      if (message?.kind !== 'plain' && message?.kind !== 'extended') continue;
      let sender = senders.get(ip.src);
      if (sender === undefined) {
        sender = message.kind === 'plain' ? plainSender(ip.src) : extendedSender(ip.src);
        senders.set(ip.src, sender);
      }
      sender.process(payload, tsUsec / 1000);
      sender.take(records);
    }
    if (records.length > 0) yield records;
  }
  const problem = reader.end();
  if (problem !== undefined) throw new KernelError('EINVAL', 'check', `${path}: ${problem.message}`);
  const last: Printed[] = [];
  for (const sender of senders.values()) {
    sender.flush();
    sender.take(last);
  }
  yield last;
}

/**
 * Says whether checksums and lengths are right: a machine drops other datagrams before a receiver
 * sees them.
 */
function isWhole({ ip, udp }: Decoded): boolean {
  return ip?.checksum !== 'bad' && (udp?.checksum === 'good' || udp?.checksum === 'none');
}

/** A sender of a capture, and the receiver of its datagrams. */
interface Sender {
  process(payload: Uint8Array, nowMs: number): void;
  take(into: Printed[]): void;
  flush(): void;
}

function plainSender(host: string): Sender {
  const receiver: PlainReceiver = createPlainReceiver();
  return {
    process: (payload, nowMs) => void receiver.process(payload, nowMs),
    take(into) {
      for (let line = receiver.next(); line !== undefined; line = receiver.next()) {
        into.push({ host, text: decodeText(line.text) });
      }
    },
    flush: () => receiver.flush(),
  };
}

function extendedSender(host: string): Sender {
  const receiver: Receiver = createReceiver();
  return {
    process: (payload, nowMs) => void receiver.process(payload, nowMs),
    take(into) {
      for (let record = receiver.next(); record !== undefined; record = receiver.next())
        into.push(printed(host, record));
    },
    flush: () => receiver.flush(),
  };
}

function printed(host: string, record: ReceivedRecord): Printed {
  const { seq, tsUsec, level, text } = record;
  const dict = Object.fromEntries(dictionaryText(record));
  return { host, seq, tsUsec, level, text: decodeText(unescapeText(text)), dict };
}
