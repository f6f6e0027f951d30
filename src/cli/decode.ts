/** `decode FILE`: a capture as text, one line a frame, or as JSON. Streams: memory does not grow with the file. */
import { createReadStream } from 'node:fs';
import { type Decoded, decodeFrame, formatDecoded, formatMessage, type Message } from '../wire/decode.js';
import { parseBody } from '../wire/extended.js';
import { FragmentJoiner, type IncompleteRecord, type JoinedRecord } from '../wire/joiner.js';
import { LINKTYPE_ETHERNET, LINKTYPE_RAW, type PcapPacket, PcapReader } from '../wire/pcap.js';

export interface DecodeOptions {
  /** One JSON object a line. */
  readonly json?: boolean;
}

/**
 * Prints the capture `file` to `out` and what is wrong with it to `err`. Returns the exit code: 0, 1 when the file is cut or damaged
 * after what was printed, 2 when it is no capture that can be read.
 */
export async function decode(
  file: string,
  options: DecodeOptions,
  out: NodeJS.WritableStream,
  err: NodeJS.WritableStream = process.stderr,
): Promise<number> {
  const reader = new PcapReader();
  const listing = new Listing(options.json ?? false);
  const fail = (code: number, message: string): number => {
    err.write(`${file}: ${message}\n`);
    return code;
  };
  try {
    for await (const chunk of createReadStream(file)) {
      const packets = reader.push(chunk as Buffer);
      const linktype = reader.header?.linktype ?? LINKTYPE_ETHERNET;
      if (linktype !== LINKTYPE_ETHERNET && linktype !== LINKTYPE_RAW) {
        return fail(2, `link type ${linktype} is not supported; capture on an Ethernet (1) or raw IP (101) interface`);
      }
      for (const packet of packets) listing.add(packet, linktype, reader.header?.nanosecond ?? false);
      await write(out, listing.take());
      if (reader.problem !== undefined) break;
    }
    const problem = reader.end();
    if (problem?.kind === 'not-pcap') return fail(2, problem.message);
    listing.end();
    await write(out, listing.take());
    return problem === undefined ? 0 : fail(1, problem.message);
  } catch (error) {
    if (!(error instanceof WriteError)) return fail(2, `cannot be read: ${(error as Error).message}`);
    // Nobody reads any more, as with `| head`.
    if (error.code === 'EPIPE') return 0;
    return fail(1, `the output cannot be written: ${error.message}`);
  }
}

class WriteError extends Error {
  readonly code: string | undefined;

  constructor(cause: NodeJS.ErrnoException) {
    super(cause.message, { cause });
    this.code = cause.code;
  }
}

/** Resolves when `out` has taken the text. */
async function write(out: NodeJS.WritableStream, text: string): Promise<void> {
  if (text === '') return;
  await new Promise<void>((resolve, reject) => {
    const onError = (error: Error): void => reject(new WriteError(error));
    out.once('error', onError);
    out.write(text, (error) => {
      // The event follows the callback, and has to find a listener.
      if (error) return;
      out.off('error', onError);
      resolve();
    });
  });
}

/** Turns packets into lines and counts them. */
class Listing {
  readonly #json: boolean;
  readonly #joiner: FragmentJoiner;
  readonly #count = {
    frames: 0,
    extended: 0,
    plain: 0,
    other: 0,
    fragments: 0,
    joined: 0,
    incomplete: 0,
    udpGood: 0,
    udpBad: 0,
    udpNone: 0,
    udpCut: 0,
    ipBad: 0,
  };
  #lines: string[] = [];

  constructor(json: boolean) {
    this.#json = json;
    this.#joiner = new FragmentJoiner((record) => this.#incomplete(record));
  }

  add(packet: PcapPacket, linktype: number, nanosecond: boolean): void {
    const decoded = decodeFrame(packet.frame, linktype);
    const frame = ++this.#count.frames;
    this.#tally(decoded);
    const { tsUsec, originalLength } = packet;
    if (this.#json) {
      const cut = originalLength === decoded.length ? {} : { originalLength };
      this.#lines.push(JSON.stringify({ frame, tsUsec, ...cut, ...plainData(decoded) }));
    } else {
      this.#lines.push(`${seconds(tsUsec, nanosecond)} ${formatDecoded(decoded)}`);
    }
    const { ip, udp, message } = decoded;
    if (ip === undefined || udp === undefined || message?.kind !== 'extended' || message.fragment === undefined) return;
    const flow = { src: ip.src, srcPort: udp.srcPort, dst: ip.dst, dstPort: udp.dstPort };
    const joined = this.#joiner.push(flow, message);
    if (joined !== undefined) this.#joined(joined);
  }

  end(): void {
    this.#joiner.end();
    const count = this.#count;
    if (this.#json) {
      this.#lines.push(JSON.stringify({ summary: count }));
      return;
    }
    this.#lines.push(
      `${plural(count.frames, 'frame')}: ${count.extended} extended, ${count.plain} plain, ${count.other} other; ` +
        `${plural(count.fragments, 'fragment')}, ${plural(count.joined, 'record')} joined, ${count.incomplete} incomplete; ` +
        `UDP checksums: ${count.udpGood} good, ${count.udpBad} bad, ${count.udpNone} none, ${count.udpCut} not checkable; ` +
        `IP checksums: ${count.ipBad} bad`,
    );
  }

  /** All lines since the last call. */
  take(): string {
    const text = this.#lines.map((line) => `${line}\n`).join('');
    this.#lines = [];
    return text;
  }

  #tally({ ip, udp, message }: Decoded): void {
    const count = this.#count;
    if (ip?.checksum === 'bad') count.ipBad++;
    if (udp?.checksum === 'good') count.udpGood++;
    else if (udp?.checksum === 'bad') count.udpBad++;
    else if (udp?.checksum === 'none') count.udpNone++;
    else if (udp?.checksum === 'cut') count.udpCut++;
    if (message?.kind === 'plain') count.plain++;
    else if (message?.kind === 'extended') count.extended++;
    else count.other++;
    if (message?.kind === 'extended' && message.fragment !== undefined) count.fragments++;
  }

  #joined({ flow, record, pieces }: JoinedRecord): void {
    this.#count.joined++;
    if (this.#json) this.#lines.push(JSON.stringify({ joined: { flow, pieces, message: messageData(record) } }));
    else this.#lines.push(`  joined from ${plural(pieces, 'fragment')}: ${formatMessage(record)}`);
  }

  #incomplete(record: IncompleteRecord): void {
    this.#count.incomplete++;
    if (this.#json) {
      this.#lines.push(JSON.stringify({ incomplete: record }));
      return;
    }
    const { flow, seq, pieces, haveBytes, totalBytes } = record;
    const from = `${flow.src}.${flow.srcPort} > ${flow.dst}.${flow.dstPort}`;
    const have = `${plural(pieces, 'fragment')}, ${haveBytes} of ${totalBytes || 'an unknown number of'} bytes`;
    this.#lines.push(`  incomplete: ${from} seq ${seq}: ${have}`);
  }
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function seconds(tsUsec: number, nanosecond: boolean): string {
  const whole = Math.floor(tsUsec / 1e6);
  const rest = tsUsec - whole * 1e6;
  return nanosecond
    ? `${whole}.${String(Math.floor(rest * 1000)).padStart(9, '0')}`
    : `${whole}.${String(Math.floor(rest)).padStart(6, '0')}`;
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
const text = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');

/** Bytes become hex (`payload`) or text. */
function plainData(decoded: Decoded): object {
  const { payload, message, ...rest } = decoded;
  return {
    ...rest,
    ...(payload !== undefined && { payload: hex(payload) }),
    ...(message !== undefined && { message: messageData(message) }),
  };
}

function messageData(message: Message): object {
  switch (message.kind) {
    case 'plain': {
      const { body, ...rest } = message;
      return { ...rest, text: text(body) };
    }
    case 'extended': {
      const { body, fields, ...rest } = message;
      const common = { ...rest, ...(fields.length > 0 && { fields }) };
      if (message.fragment !== undefined) return { ...common, body: text(body) };
      const { text: line, dictionary, odd } = parseBody(body);
      return { ...common, text: line, dictionary, odd: [...message.odd, ...odd] };
    }
    case 'netoops': {
      const { data, regs, userBlob, ...rest } = message;
      return { ...rest, userBlob: hex(userBlob), regs: hex(regs), text: text(data) };
    }
    case 'netdump': {
      const { payload, ...rest } = message;
      return { ...rest, payload: hex(payload) };
    }
    case 'netconsole2001':
      return { ...message, text: text(message.text) };
  }
}
