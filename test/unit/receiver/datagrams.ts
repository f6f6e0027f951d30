/** What a sender puts on the wire and how it reads what comes back, written from the protocol's rules alone. */
import type { ReceivedRecord, Receiver } from '../../../src/receiver/index.js';

export function latin1(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'latin1'));
}

export function string(bytes: Uint8Array | undefined): string | undefined {
  return bytes === undefined ? undefined : Buffer.from(bytes).toString('latin1');
}

/** `6,SEQ,1000,-[,extra];text`. */
export function datagram(seq: number | string, text = `record ${seq}\n`, extra = ''): Uint8Array {
  return latin1(`6,${seq},1000,-${extra};${text}`);
}

/** The pieces of a record, `sizes` bytes each, the last piece what is left. */
export function pieces(
  seq: number,
  body: string,
  size: number,
  form: 'off@i/n' | 'off/total',
  extra = '',
): Uint8Array[] {
  const count = Math.ceil(body.length / size);
  return Array.from({ length: count }, (_, i) => {
    const key = form === 'off/total' ? `${i * size}/${body.length}` : `${i * size}@${i}/${count}`;
    return datagram(seq, body.slice(i * size, (i + 1) * size), `${extra},ncfrag=${key}`);
  });
}

export function drain(receiver: Receiver): ReceivedRecord[] {
  const records: ReceivedRecord[] = [];
  for (let record = receiver.next(); record !== undefined; record = receiver.next()) records.push(record);
  return records;
}

export function seqs(receiver: Receiver): number[] {
  return drain(receiver).map((record) => record.seq);
}

export interface Response {
  /** Undefined: no ack. */
  readonly ack: bigint | undefined;
  readonly missing: readonly bigint[];
}

/**
 * The 2015 kernel's reading of a response: the first token is the prefix and an optional number, every further token a number,
 * all separated by single spaces. Stricter than the kernel: throws at anything that it would skip.
 */
export function readResponse(bytes: Uint8Array, prefix: 'nca' | 'ncrx'): Response {
  if (bytes.length > 1000) throw new Error(`${bytes.length} bytes`);
  const text = string(bytes)!;
  const match = new RegExp(`^${prefix}(\\d*)((?: \\d+)*)$`).exec(text);
  if (match === null) throw new Error(`not a response: ${JSON.stringify(text)}`);
  const missing = match[2]!.split(' ').slice(1).map(BigInt);
  const ack = match[1] === '' ? undefined : BigInt(match[1]!);
  const largest = 2n ** 53n;
  if ([ack ?? 0n, ...missing].some((seq) => seq >= largest)) throw new Error(`seq out of range: ${text}`);
  return { ack, missing };
}
