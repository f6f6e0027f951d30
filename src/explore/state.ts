/**
 * What the explorer shows, as data. All that a page shows follows from its state.
 *
 *   encodeState(state)   ->   '1.bVDLTsMwEPyVyCdAJ...'   ->   decodeState(text)
 *
 * The address of a page has its state after `#`: the version of this format, a dot, and JSON,
 * deflated, as base64url. A key that is left out has its default, which keeps addresses short.
 */
import { checkSchema, type Schema } from '../schema.js';
import { RELIABLE_DIALECTS, type ReliableDialect } from '../wire/dialects.js';
import { concatBytes, encodeText } from '../wire/text.js';

/** A record that is to be logged. */
export interface ExplorerRecord {
  /** The text without its final newline, which is added unless `unfinished` is set. */
  readonly text: string;
  /** The bytes of a text that is not UTF-8, in hexadecimal; `text` is then only shown. */
  readonly hex?: string;
  /** Default 4, which is the kernel's own default. */
  readonly level?: number;
  /** Default 0, the kernel itself. */
  readonly facility?: number;
  /** Microseconds since boot. Default: 1 ms after the record before. */
  readonly tsUsec?: number;
  /** The process that logs. Default 1, `init`. With `cpu` but no `pid`, an interrupt logs. */
  readonly pid?: number;
  readonly comm?: string;
  readonly cpu?: number;
  /** The device that the record is about; `subsystem` and `device` go together. */
  readonly subsystem?: string;
  readonly device?: string;
  /** The text has no final newline, and the next record may continue its line. */
  readonly unfinished?: boolean;
  /** From a log: a fragment that its kernel could not join to the record before. */
  readonly cont?: boolean;
  /** The seq in the log that the record comes from. Default: the next seq. */
  readonly seq?: number;
}

/** A netconsole target. Addresses and ports that are left out are those of `DEFAULTS`. */
export interface ExplorerTarget {
  /** Extended or plain messages. Default true. */
  readonly extended?: boolean;
  /** Whether the release is prepended to each message. Default false. */
  readonly release?: boolean;
  readonly localIp?: string;
  readonly localPort?: number;
  readonly remoteIp?: string;
  readonly remotePort?: number;
  readonly remoteMac?: string;
}

/** A scenario, as `run` takes it, which replaces the records and the machine. */
export interface ExplorerScenario {
  /** The text of the scenario file. */
  readonly text: string;
  /** For a recording: its log, in base64, and the release and version of its machine. */
  readonly recorded?: string;
  readonly release?: string;
  readonly version?: string;
}

/** What a kernel can append to extended messages by itself: the names before `_enabled`. */
export const SYSDATA = ['cpu_nr', 'taskname', 'release', 'msgid'] as const;
export type Sysdata = (typeof SYSDATA)[number];

/** What a page shows: records, machine and wire. What is left out is as `DEFAULTS` says. */
export interface ExplorerState {
  /** One to four kernels, each named by profile, release, or distribution. */
  readonly kernels: readonly string[];
  readonly records: readonly ExplorerRecord[];
  readonly targets: readonly ExplorerTarget[];
  readonly scenario?: ExplorerScenario;
  /** What `uname -r` prints. Default: each kernel's own release. */
  readonly release?: string;
  /** Keys and values that extended targets append to each message. */
  readonly userdata?: readonly (readonly [key: string, value: string])[];
  readonly sysdata?: readonly Sysdata[];
  /** Records are sent if their level is below this one. Default 7. */
  readonly loglevel?: number;
  /** The MTU of the link, in bytes. Default 1500. */
  readonly mtu?: number;
  /** The ring holds two to the power of this many bytes of text. Default 17. */
  readonly ring?: number;
  /** CONFIG_PRINTK_CALLER. Default false. */
  readonly caller?: boolean;
  /** Whether consoles wait until the last record is logged. Default false. */
  readonly held?: boolean;
  /** The dialect of the reliable extension of 2015. Default: no such extension. */
  readonly reliable?: ReliableDialect['name'];
  /** The interval, in seconds, at which its emergency timer stops growing. Default 1. */
  readonly emergencyCap?: number;
  /** Milliseconds from one end of the wire to the other. Default 1. */
  readonly latencyMs?: number;
  /** Seconds of virtual time after the last record. Default 30 with `reliable`, otherwise 2. */
  readonly seconds?: number;
  /** Lost datagrams, counted from 0: `o3` is the kernel's fourth, `i3` the receiver's. */
  readonly lost?: readonly string[];
  /** When the wire is cut and mended again, in seconds after the first record. */
  readonly cut?: readonly [from: number, to: number];
}

/** The values that a state may leave out. A first record without a time is at `startUsec`. */
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

/** The most records, kernels and targets of a state; a longer log is shown in part. */
export const RECORDS_MAX = 500;
export const KERNELS_MAX = 4;
export const TARGETS_MAX = 4;
const VERSION = '1';
/** The most bytes of JSON that an address may hold, once inflated. */
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

/** Returns `value` if it is a state. Otherwise throws, and names the place that is wrong. */
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

/** A state that is too large, or an address that holds none. */
export class StateError extends Error {
  override readonly name = 'StateError';
}

/** Returns a state as the fragment of an address, without `#`. */
export async function encodeState(state: ExplorerState): Promise<string> {
  const bytes = await pass(encodeText(JSON.stringify(state)), new CompressionStream('deflate-raw'));
  return `${VERSION}.${toBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')}`;
}

/** Returns the state in a fragment. Throws StateError: what is wrong, and what to do. */
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
  // Errors of the stream are thrown by the reader below.
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
  return concatBytes(parts);
}

/** Returns bytes, however many, as base64. */
export function toBase64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 4096) text += String.fromCharCode(...bytes.subarray(at, at + 4096));
  return btoa(text);
}

export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
}

/** Returns the bytes of a record as printk gets them; an unfinished line has no newline. */
export function recordBytes({ text, hex, unfinished }: ExplorerRecord): Uint8Array {
  const bytes =
    hex === undefined ? encodeText(text) : Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  if (unfinished === true) return bytes;
  const line = new Uint8Array(bytes.length + 1);
  line.set(bytes);
  line[bytes.length] = 0x0a;
  return line;
}

/** Returns when each record is logged, in microseconds since boot. */
export function recordTimes({ records }: ExplorerState): number[] {
  let last = DEFAULTS.startUsec - 1000;
  return records.map(({ tsUsec }) => {
    last = tsUsec ?? last + 1000;
    return last;
  });
}
