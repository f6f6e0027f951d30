/**
 * A netconsole payload: plain text, or a record in the extended format, whole or one fragment of it.
 *
 * ```text
 * [RELEASE,]PRIO,SEQ,TS,FLAG[,caller=ID][,KEY=VALUE...];TEXT\n[ KEY=VALUE\n...]
 * ```
 *
 * This describes: it returns what is there and says in `odd` what no kernel would have sent. The receiver has a stricter parser
 * that refuses such records.
 *
 * @example
 * const message = parsePayload(payload);
 * if (message.kind === 'extended' && message.fragment === undefined) console.log(message.seq, parseBody(message.body).text);
 */

/** `bytes`: `ncfrag=OFF/TOTAL`, Linux 4.2 and later. `index`: `ncfrag=OFF@I/N`, the series of April 2015. Offsets count body bytes. */
export type Fragment =
  | { readonly dialect: 'bytes'; readonly offset: number; readonly total: number }
  | { readonly dialect: 'index'; readonly offset: number; readonly index: number; readonly count: number };

export interface PlainText {
  readonly kind: 'plain';
  /** A view of the payload. */
  readonly body: Uint8Array;
  readonly odd: readonly string[];
}

export interface ExtendedRecord {
  readonly kind: 'extended';
  /** `uname -r` in front of the header, when the target prepends it. */
  readonly release?: string;
  /** facility * 8 + level. */
  readonly prio: number;
  /** At most 2^53 - 1. */
  readonly seq: number;
  readonly tsUsec: number;
  /** One character: `-`, `c`, in old kernels also `+`. */
  readonly flag: string;
  /** `T1` or `C0`. */
  readonly caller?: string;
  readonly fragment?: Fragment;
  /** The key that marked an emergency retransmission. */
  readonly emergency?: 'emg' | 'ncemg';
  /** All other header fields, in order. */
  readonly fields: readonly (readonly [key: string, value: string])[];
  /** What follows the first `;`: a view of the payload. */
  readonly body: Uint8Array;
  readonly odd: readonly string[];
}

export interface ExtendedBody {
  /** Unescaped; bytes that are no UTF-8 become U+FFFD. */
  readonly text: string;
  /** In order, keys may repeat. Values as sent: those of userdata were never escaped. */
  readonly dictionary: readonly (readonly [key: string, value: string])[];
  readonly odd: readonly string[];
}

const SEMICOLON = 0x3b;
/** A header is shorter than this. */
const HEADER_LIMIT = 1024;
/** The release ends in its first so many bytes. */
const RELEASE_LIMIT = 64;
const MAX_PRIO = 2047;

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** Total: any bytes are at least plain text. A record with a seq above 2^53 - 1 is taken as text, and said to be odd. */
export function parsePayload(payload: Uint8Array): PlainText | ExtendedRecord {
  const header = headerText(payload);
  if (header === undefined) return plain(payload);
  const parts = header.split(',');
  // "6.12.0,14,..." : a dot before the first comma can only be a release.
  const prepended = header.slice(0, RELEASE_LIMIT).split(',')[0]!.includes('.');
  const release = prepended ? parts.shift() : undefined;
  const [prio, seq, ts, flag] = parts.splice(0, 4);
  if (!isDecimal(prio) || !isDecimal(seq) || !isDecimal(ts) || flag?.length !== 1) return plain(payload);
  if (!Number.isSafeInteger(Number(seq)) || !Number.isSafeInteger(Number(ts))) {
    return plain(payload, [`seq ${seq} or timestamp ${ts} is above 2^53 - 1`]);
  }
  const body = payload.subarray(header.length + 1);
  const odd: string[] = [];
  if (Number(prio) > MAX_PRIO) odd.push(`prio ${prio} is above ${MAX_PRIO}`);
  if (!'-c+'.includes(flag)) odd.push(`flag ${JSON.stringify(flag)} is none of - c +`);
  return {
    kind: 'extended',
    ...(release !== undefined && { release }),
    prio: Number(prio),
    seq: Number(seq),
    tsUsec: Number(ts),
    flag,
    ...parseFields(parts, body.length, odd),
    body,
    odd,
  };
}

/** The text and dictionary of a whole or joined record. */
export function parseBody(body: Uint8Array): ExtendedBody {
  const odd: string[] = [];
  const lines = utf8.decode(body).split('\n');
  if (lines.at(-1) === '') lines.pop();
  else odd.push('no newline at the end');
  const dictionary: [string, string][] = [];
  const [text = '', ...rest] = lines;
  for (const line of rest) {
    const equals = line.indexOf('=');
    const previous = dictionary.at(-1);
    if (line.startsWith(' ') && equals > 1) {
      dictionary.push([line.slice(1, equals), line.slice(equals + 1)]);
    } else if (previous !== undefined) {
      // Userdata may hold newlines, and nothing marks them.
      previous[1] += `\n${line}`;
    } else {
      odd.push(`line ${JSON.stringify(line)} is no KEY=VALUE`);
    }
  }
  return { text: unescapeText(text), dictionary, odd };
}

/** `\xNN` back to bytes, read as UTF-8; anything else stays. Linux: kernel/printk/printk.c msg_add_ext_text(), undone */
export function unescapeText(text: string): string {
  if (!text.includes('\\x')) return text;
  return text.replace(/(?:\\x[0-9a-fA-F]{2})+/g, (run) => {
    const bytes = new Uint8Array(run.length / 4);
    for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(run.slice(i * 4 + 2, i * 4 + 4), 16);
    return utf8.decode(bytes);
  });
}

function plain(payload: Uint8Array, odd: readonly string[] = []): PlainText {
  return { kind: 'plain', body: payload, odd };
}

/** The bytes before the first `;`, when they are printable ASCII. */
function headerText(payload: Uint8Array): string | undefined {
  const length = payload.subarray(0, HEADER_LIMIT).indexOf(SEMICOLON);
  if (length < 0) return undefined;
  let text = '';
  for (let i = 0; i < length; i++) {
    const byte = payload[i]!;
    if (byte < 0x20 || byte > 0x7e) return undefined;
    text += String.fromCharCode(byte);
  }
  return text;
}

type Fields = Pick<ExtendedRecord, 'fields'> & {
  caller?: string;
  fragment?: Fragment;
  emergency?: 'emg' | 'ncemg';
};

function parseFields(parts: readonly string[], bodyLength: number, odd: string[]): Fields {
  const fields: [string, string][] = [];
  const found: Fields = { fields };
  for (const part of parts) {
    const equals = part.indexOf('=');
    const key = equals < 0 ? part : part.slice(0, equals);
    const value = equals < 0 ? '' : part.slice(equals + 1);
    if (key === 'caller' && found.caller === undefined) {
      found.caller = value;
      if (!/^[TC]\d+$/.test(value)) odd.push(`caller ${JSON.stringify(value)} is neither T nor C with a number`);
    } else if (key === 'ncfrag' && found.fragment === undefined) {
      const fragment = parseFragment(value);
      if (fragment === undefined) {
        odd.push(`ncfrag ${JSON.stringify(value)} is neither OFF/TOTAL nor OFF@I/N`);
        fields.push([key, value]);
      } else {
        found.fragment = fragment;
        judge(fragment, bodyLength, odd);
      }
    } else if ((key === 'emg' || key === 'ncemg') && found.emergency === undefined && value === '1') {
      found.emergency = key;
    } else {
      if (equals < 0) odd.push(`field ${JSON.stringify(part)} has no =`);
      if (key === 'ncfrag' || key === 'caller' || key === 'emg' || key === 'ncemg') {
        odd.push(`a second ${key}, or one with a value unknown here`);
      }
      fields.push([key, value]);
    }
  }
  return found;
}

function parseFragment(value: string): Fragment | undefined {
  const match = /^(\d{1,9})(?:@(\d{1,9}))?\/(\d{1,9})$/.exec(value);
  if (match === null) return undefined;
  const [, offset, index, last] = match;
  if (index === undefined) return { dialect: 'bytes', offset: Number(offset), total: Number(last) };
  return { dialect: 'index', offset: Number(offset), index: Number(index), count: Number(last) };
}

function judge(fragment: Fragment, length: number, odd: string[]): void {
  if (length === 0) odd.push('the fragment is empty');
  if (fragment.dialect === 'bytes') {
    const end = fragment.offset + length;
    if (end > fragment.total) odd.push(`the fragment ends at ${end} of ${fragment.total} bytes`);
  } else if (fragment.index >= fragment.count) {
    odd.push(`fragment ${fragment.index} of only ${fragment.count}`);
  } else if ((fragment.index === 0) !== (fragment.offset === 0)) {
    odd.push(`fragment ${fragment.index} begins at byte ${fragment.offset}`);
  }
}

function isDecimal(text: string | undefined): text is string {
  return text !== undefined && /^\d{1,20}$/.test(text);
}
