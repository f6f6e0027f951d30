/**
 * `decode FILE`: prints a capture, one line a frame, as text or as JSON. It streams, so memory does
 * not grow with the file.
 *
 * Records that are joined from fragments, and records that stay incomplete, have lines of their own
 * between those of the frames. A summary comes last.
 */
import { createReadStream } from 'node:fs';
import { KernelError, shortened } from '../errno.js';
import { UnpackError, unpack } from '../replay/unpack.js';
import { type CapturePacket, CaptureReader } from '../wire/capture.js';
import { linktypeName, readsLinktype } from '../wire/linktype.js';
import { Listing } from './listing.js';

/** Options of `decode`. */
export interface DecodeOptions {
  /** Print one JSON object a line. */
  readonly json?: boolean;
  /**
   * UDP ports that are netconsole's besides 6665 and 6666. A datagram of such a port counts as
   * plain text unless it is recognised as something else.
   */
  readonly port?: readonly number[];
}

/**
 * Prints the capture `file` (`-` is standard input) to `out`, and what is wrong with it to `err`.
 * Returns the exit code: 0; 1 if the file is cut or damaged after the part that was printed, or if
 * `out` cannot be written; 2 if the file is not a capture that can be read.
 */
export async function decode(
  file: string,
  options: DecodeOptions,
  out: NodeJS.WritableStream,
  err: NodeJS.WritableStream = process.stderr,
): Promise<number> {
  const listing = new Listing({ json: options.json ?? false, ports: new Set(options.port) });
  const fail = (code: number, message: string): number => {
    err.write(shortened(`${file === '-' ? 'standard input' : file}: ${message}\n`));
    return code;
  };
  const finish = async (): Promise<void> => {
    listing.end();
    await write(out, listing.take());
  };
  try {
    const input: AsyncIterable<Uint8Array> = file === '-' ? process.stdin : createReadStream(file);
    const reader = new CaptureReader();
    for await (const chunk of unpack(input)) {
      const packets = reader.push(chunk);
      const only = reader.linktype;
      if (only !== undefined && !readsLinktype(only)) return fail(2, unread([only]));
      for (const packet of packets) add(listing, packet);
      await write(out, listing.take());
      if (reader.problem !== undefined) break;
    }
    const problem = reader.end();
    if (problem?.kind === 'not-pcap') return fail(2, problem.message);
    await finish();
    if (problem !== undefined) return fail(1, problem.message);
    return listing.nothingRead ? fail(2, unread(listing.unreadLinktypes)) : 0;
  } catch (error) {
    if (error instanceof UnpackError) {
      await finish();
      return fail(1, error.message);
    }
    if (error instanceof KernelError) return fail(2, error.message);
    if (!(error instanceof WriteError)) return fail(2, `cannot be read: ${(error as Error).message}`);
    // Nobody reads the output any more, as with `| head`.
    if (error.code === 'EPIPE') return 0;
    return fail(1, `the output cannot be written: ${error.message}`);
  }
}

function add(listing: Listing, packet: CapturePacket): void {
  if (readsLinktype(packet.linktype)) listing.add(packet);
  else listing.skip(packet);
}

function unread(linktypes: readonly number[]): string {
  const names = linktypes.map((type) => `link type ${linktypeName(type)}`).join(', ');
  return `${names} is not read; capture on an Ethernet interface or with \`tcpdump -i any\``;
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
      // `out` emits its error after this callback, so the listener has to stay until then.
      if (error) return;
      out.off('error', onError);
      resolve();
    });
  });
}
