/**
 * What the explorer shows, as data: the records, the machine, the wire. All that a page shows
 * follows from its state, so a state is enough to show a colleague the same.
 *
 *   encodeState(state)   ->   '1.bVDLTsMwEPyVyCdAJ...'   ->   decodeState(text)
 *
 * In the address it stands behind `#`: the version of this form, a dot, and JSON, deflated, as
 * base64url. What is left out has its default, so a short state has a short address.
 */
import { checkSchema, type Schema } from '../schema.js';
import { RELIABLE_DIALECTS, type ReliableDialect } from '../wire/dialects.js';
import { encodeText } from '../wire/text.js';

/** A record to be logged. */
export interface ExplorerRecord {
  /** Without the newline at its end, which is added unless `unfinished`. */
  readonly text: string;
  /** Bytes of a text that is no UTF-8, as hexadecimal digits; then `text` is only shown. */
  readonly hex?: string;
  /** Default: the kernel's default, 4. */
  readonly level?: number;
  /** Default 0, the kernel's own. */
  readonly facility?: number;
  /** Microseconds since boot. Default: a millisecond after the record before. */
  readonly tsUsec?: number;
  /** The process that logs: 1, `init`, if not given. A `cpu` without it is an interrupt there. */
  readonly pid?: number;
  readonly comm?: string;
  readonly cpu?: number;
  /** The device it is about; both or none. */
  readonly subsystem?: string;
  readonly device?: string;
  /** The line goes on with the next record. */
  readonly unfinished?: boolean;
  /** Of a log: a fragment that its kernel could not join to the record before. */
  readonly cont?: boolean;
  /** The seq it has in the log it comes from; default: the next. */
  readonly seq?: number;
}

/** Where a machine sends its log. */
export interface ExplorerTarget {
  /** Default true. */
  readonly extended?: boolean;
  /** Prepend the release. Default false. */
  readonly release?: boolean;
  readonly localIp?: string;
  readonly localPort?: number;
  readonly remoteIp?: string;
  readonly remotePort?: number;
  readonly remoteMac?: string;
}

/** A scenario in place of records and machine, as `run` takes it. */
export interface ExplorerScenario {
  /** The scenario file's text. */
  readonly text: string;
  /** Of a recording: its log, in base64, and what its machine was. */
  readonly recorded?: string;
  readonly release?: string;
  readonly version?: string;
}

/** What a kernel appends to extended messages by itself, by the attribute's name. */
export const SYSDATA = ['cpu_nr', 'taskname', 'release', 'msgid'] as const;
export type Sysdata = (typeof SYSDATA)[number];

export interface ExplorerState {
  /** One to four: profiles, releases, distributions. */
  readonly kernels: readonly string[];
  readonly records: readonly ExplorerRecord[];
  readonly targets: readonly ExplorerTarget[];
  readonly scenario?: ExplorerScenario;
  /** What `uname -r` prints. Default: each kernel's own. */
  readonly release?: string;
  /** Keys and values that are appended to extended messages. */
  readonly userdata?: readonly (readonly [key: string, value: string])[];
  readonly sysdata?: readonly Sysdata[];
  /** Records below this level leave. Default 7. */
  readonly loglevel?: number;
  /** Of the link. Default 1500. */
  readonly mtu?: number;
  /** The ring has 2 to this many bytes of text. Default 17. */
  readonly ring?: number;
  /** CONFIG_PRINTK_CALLER. Default false. */
  readonly caller?: boolean;
  /** Consoles are held back until the last record is logged. Default false. */
  readonly held?: boolean;
  /** The reliable extension of 2015, by dialect. Default: none. */
  readonly reliable?: ReliableDialect['name'];
  /** Seconds at which its emergency interval stops growing. Default 1. */
  readonly emergencyCap?: number;
  /** From one end of the wire to the other. Default 1. */
  readonly latencyMs?: number;
  /** Seconds that are watched after the last record. Default 30 with `reliable`, else 2. */
  readonly seconds?: number;
  /** Datagrams that are lost: `o3` the kernel's, `i3` the receiver's, counted from 0. */
  readonly lost?: readonly string[];
  /** The wire is cut from and to these times, in seconds after the first record. */
  readonly cut?: readonly [from: number, to: number];
}

export const DEFAULTS = {
  loglevel: 7,
  mtu: 1500,
  ring: 17,
  emergencyCap: 1,
  latencyMs: 1,
  level: 6,
  startUsec: 400_000_000,
  localIp: '192.0.2.1',
  localPort: 6665,
  remoteIp: '192.0.2.2',
  remotePort: 6666,
  remoteMac: '02:00:00:00:00:02',
} as const;

/** So many records are shown; a log has more. */
export const RECORDS_MAX = 500;
export const KERNELS_MAX = 4;
export const TARGETS_MAX = 4;
const VERSION = '1';
/** Of the JSON: an address is no place for more. */
const BYTES_MAX = 8 * 1024 * 1024;

const text: Schema = { type: 'string' };
const flag: Schema = { type: 'boolean' };
const whole = (minimum: number, maximum: number): Schema => ({ type: 'integer', minimum, maximum });
const object = (properties: Readonly<Record<string, Schema>>, ...required: string[]): Schema => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});

const PORT = whole(1, 65_535);
const PID = whole(0, 0x7fffffff);

const SCHEMA: Schema = object(
  {
    kernels: { type: 'array', items: text, minItems: 1 },
    records: {
      type: 'array',
      items: object(
        {
          text,
          hex: { type: 'string', pattern: '^([0-9a-f]{2})*$', description: 'pairs of hexadecimal digits' },
          level: whole(0, 7),
          facility: whole(0, 255),
          tsUsec: whole(0, Number.MAX_SAFE_INTEGER),
          pid: PID,
          comm: text,
          cpu: whole(0, 8191),
          subsystem: text,
          device: text,
          unfinished: flag,
          cont: flag,
          seq: whole(0, Number.MAX_SAFE_INTEGER),
        },
        'text',
      ),
    },
    targets: {
      type: 'array',
      items: object({
        extended: flag,
        release: flag,
        localIp: text,
        localPort: PORT,
        remoteIp: text,
        remotePort: PORT,
        remoteMac: text,
      }),
    },
    scenario: object({ text, recorded: text, release: text, version: text }, 'text'),
    release: text,
    userdata: { type: 'array', items: { type: 'array', items: text, minItems: 2 } },
    sysdata: { type: 'array', items: { enum: SYSDATA } },
    loglevel: whole(1, 8),
    mtu: whole(68, 65_535),
    ring: whole(10, 22),
    caller: flag,
    held: flag,
    reliable: { enum: RELIABLE_DIALECTS.map(({ name }) => name) },
    emergencyCap: { type: 'number', minimum: 0.1, maximum: 3600 },
    latencyMs: { type: 'number', minimum: 0, maximum: 10_000 },
    seconds: { type: 'number', minimum: 0, maximum: 3600 },
    lost: {
      type: 'array',
      items: { type: 'string', pattern: '^[oi]\\d{1,6}$', description: 'a datagram such as o3 or i3' },
    },
    cut: { type: 'array', items: { type: 'number', minimum: 0, maximum: 1e6 }, minItems: 2 },
  },
  'kernels',
  'records',
  'targets',
);

/** EINVAL for what is no state, with the place that is wrong. */
export function checkState(value: unknown): ExplorerState {
  checkSchema('state', value, SCHEMA);
  const state = value as ExplorerState;
  for (const [name, list, max] of [
    ['kernels', state.kernels, KERNELS_MAX],
    ['records', state.records, RECORDS_MAX],
    ['targets', state.targets, TARGETS_MAX],
  ] as const)
    if (list.length > max) throw new StateError(`it has ${list.length} ${name}, and ${max} are the most`);
  return state;
}

/** An address that holds no state. */
export class StateError extends Error {
  override readonly name = 'StateError';
}

/** A state as the fragment of an address, without `#`. */
export async function encodeState(state: ExplorerState): Promise<string> {
  const bytes = await pass(encodeText(JSON.stringify(state)), new CompressionStream('deflate-raw'));
  return `${VERSION}.${toBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')}`;
}

/** The state that a fragment holds. StateError says what is wrong with it, and what to do. */
export async function decodeState(fragment: string): Promise<ExplorerState> {
  const [, version, body] = /^(\d+)\.([\w-]+)$/.exec(fragment) ?? [];
  if (version === undefined) throw new StateError('the address holds no state of the explorer: copy all of it');
  if (version !== VERSION)
    throw new StateError(
      `the address is of version ${version}, and this page knows ${VERSION}: open it in a newer page`,
    );
  let json: string;
  try {
    const packed = fromBase64(body!.replaceAll('-', '+').replaceAll('_', '/'));
    json = new TextDecoder().decode(await pass(packed, new DecompressionStream('deflate-raw')));
  } catch (cause) {
    if (cause instanceof StateError) throw cause;
    throw new StateError('the address is cut short or damaged: copy all of it', { cause });
  }
  try {
    return checkState(JSON.parse(json));
  } catch (cause) {
    throw new StateError(`the address holds a state that makes no sense: ${(cause as Error).message}`, { cause });
  }
}

async function pass(bytes: Uint8Array, stream: CompressionStream | DecompressionStream): Promise<Uint8Array> {
  const writer = stream.writable.getWriter();
  // What goes wrong comes out of the reader, too.
  writer.write(bytes as Uint8Array<ArrayBuffer>).catch(() => {});
  writer.close().catch(() => {});
  const parts: Uint8Array[] = [];
  let length = 0;
  const reader = stream.readable.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > BYTES_MAX) throw new StateError(`the address holds more than ${BYTES_MAX} bytes`);
    parts.push(value);
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Bytes as base64, without a limit of their length. */
export function toBase64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 4096) text += String.fromCharCode(...bytes.subarray(at, at + 4096));
  return btoa(text);
}

export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
}

/** The record's bytes as they are logged, with the newline unless the line goes on. */
export function recordBytes({ text, hex, unfinished }: ExplorerRecord): Uint8Array {
  const bytes =
    hex === undefined ? encodeText(text) : Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  if (unfinished === true) return bytes;
  const line = new Uint8Array(bytes.length + 1);
  line.set(bytes);
  line[bytes.length] = 0x0a;
  return line;
}

/** When each record is logged, in microseconds since boot. */
export function recordTimes({ records }: ExplorerState): number[] {
  let last = DEFAULTS.startUsec - 1000;
  return records.map(({ tsUsec }) => {
    last = tsUsec ?? last + 1000;
    return last;
  });
}
