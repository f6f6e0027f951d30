/**
 * A log that netoops sent: how it is put together from its packets, and how it is printed.
 *
 * The log is the packets from the last to packet 0. Zeros at a packet's end are padding: a log has
 * none. A packet of nothing but zeros is the sender's known defect: the 1024 newest bytes of a
 * segment, lost.
 */
import { NETOOPS_DATA_BYTES } from '../wire/netoops.js';
import { concatBytes, decodeText, hexText } from '../wire/text.js';
import { printable } from './print.js';

/** A piece of a log, or the place of what is missing. */
export type LogPiece =
  | { readonly text: Uint8Array }
  /** `sender`: it never left, the known defect. */
  | { readonly missingBytes: number; readonly sender: boolean };

/** A log. The caller owns it. */
export interface NetoopsDump {
  /** The number of the dump: the seconds on the kernel's tick counter, of 16 bits. */
  readonly dumpId: number;
  /** What user space chose for this boot, 32 bits. */
  readonly bootId: number;
  /** Whether SysRq asked for the dump; if not, the kernel oopsed or panicked. */
  readonly soft: boolean;
  readonly kernelVersion: string;
  /** What user space put into the header: 128 bytes with padding, none in older forms. */
  readonly userBlob: Uint8Array;
  /** The registers of the processor that trapped; zeros if none did. */
  readonly regs: Uint8Array;
  readonly packetCount: number;
  /** Packets that never came. */
  readonly missing: number;
  /** Oldest first. Neighbours of one kind are one piece. */
  readonly pieces: readonly LogPiece[];
}

/**
 * Returns the text of the packets there are, by their numbers, oldest first, and the gaps between.
 */
export function assemble(data: ReadonlyMap<number, Uint8Array>, packetCount: number): LogPiece[] {
  const pieces: LogPiece[] = [];
  let run: Uint8Array[] = [];
  const endRun = () => {
    if (run.length > 0) pieces.push({ text: concatBytes(run) });
    run = [];
  };
  const gap = (sender: boolean) => {
    endRun();
    const last = pieces.at(-1);
    const more = last !== undefined && 'missingBytes' in last && last.sender === sender ? last.missingBytes : 0;
    if (more > 0) pieces.pop();
    pieces.push({ missingBytes: more + NETOOPS_DATA_BYTES, sender });
  };
  for (let no = packetCount - 1; no >= 0; no--) {
    const chunk = data.get(no);
    let end = chunk?.length ?? 0;
    while (end > 0 && chunk![end - 1] === 0) end--;
    if (end > 0) run.push(chunk!.subarray(0, end));
    else gap(chunk !== undefined);
  }
  endRun();
  return pieces;
}

/**
 * Returns a dump for people: what it is, then the log as the kernel had it, with a line for each
 * gap. The lines have no newlines.
 */
export function netoopsLines(dump: NetoopsDump): string[] {
  const { dumpId, bootId, soft, kernelVersion, packetCount, missing, pieces } = dump;
  const whole = missing === 0 ? `${packetCount}` : `${packetCount - missing} of ${packetCount}`;
  const packets = `${whole} packet${packetCount === 1 ? '' : 's'}`;
  const lines = [
    `-- netoops ${soft ? 'soft dump' : 'dump'} ${dumpId}, boot ${bootId}, ${printable(kernelVersion)}, ${packets}`,
  ];
  for (const piece of pieces) {
    if ('missingBytes' in piece) {
      lines.push(`-- ${piece.missingBytes} bytes ${piece.sender ? 'were never sent' : 'missing'} here`);
      continue;
    }
    lines.push(...decodeText(piece.text).replace(/\n$/, '').split('\n').map(printable));
  }
  return lines;
}

/** Returns a dump as plain data: bytes as hexadecimal, text as text. */
export function netoopsJson(dump: NetoopsDump): object {
  const { userBlob, regs, pieces, ...rest } = dump;
  return {
    ...rest,
    userBlob: hexText(userBlob),
    regs: hexText(regs),
    pieces: pieces.map((piece) => ('text' in piece ? { text: decodeText(piece.text) } : piece)),
  };
}
