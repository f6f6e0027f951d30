/**
 * Unpacks compressed input as it is read: gzip, and zstd if this Node has it (22.15 and later). For
 * other packers the error names the command that unpacks.
 *
 *   for await (const chunk of unpack(createReadStream(file))) reader.push(chunk);
 *
 * Memory is bounded, and so is growth: what becomes more than 200 times as long and exceeds 64 MiB
 * is taken for a bomb.
 */
import { pipeline, Readable, type Transform } from 'node:stream';
import * as zlib from 'node:zlib';
import { KernelError } from '../errno.js';

const FREE_BYTES = 64 * 1024 * 1024;
const MAX_GROWTH = 200;
/** The length of the longest magic number below, in bytes. */
export const MAGIC_BYTES = 6;

interface Packer {
  readonly name: string;
  /** The first bytes of such files, in hexadecimal. */
  readonly magic: string;
  /** The command that unpacks to standard output. */
  readonly command: string;
  readonly create?: (() => Transform) | undefined;
}

/** The types of the oldest supported Node do not have this function. */
const { createZstdDecompress } = zlib as unknown as { createZstdDecompress?: () => Transform };

const PACKERS: readonly Packer[] = [
  { name: 'gzip', magic: '1f8b', command: 'gzip -dc', create: () => zlib.createGunzip() },
  { name: 'zstd', magic: '28b52ffd', command: 'zstd -dc', create: createZstdDecompress },
  { name: 'xz', magic: 'fd377a585a00', command: 'xz -dc' },
  { name: 'lzma', magic: '5d0000', command: 'xz -dc --format=lzma' },
  { name: 'bzip2', magic: '425a68', command: 'bzip2 -dc' },
  { name: 'lz4', magic: '04224d18', command: 'lz4 -dc' },
  { name: 'compress', magic: '1f9d', command: 'gzip -dc' },
  { name: 'lzop', magic: '894c5a4f', command: 'lzop -dc' },
  { name: 'zip', magic: '504b0304', command: 'unzip -p' },
  { name: '7z', magic: '377abcaf271c', command: '7z x -so' },
];

/** Packed data ends early, is damaged, or grows beyond belief. What came before is whole. */
export class UnpackError extends KernelError {
  /** `message` says what is wrong with the data. */
  constructor(message: string, options?: ErrorOptions) {
    super('EIO', 'unpack', message, options);
    this.name = 'UnpackError';
  }
}

/**
 * Yields the bytes of `chunks`, unpacked if they are packed. Throws KernelError EINVAL, with the
 * command that unpacks, for an unsupported packer; `UnpackError` for damaged data; and what
 * `chunks` throws.
 */
export async function* unpack(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  const iterator = chunks[Symbol.asyncIterator]();
  let head: Uint8Array = new Uint8Array(0);
  try {
    while (head.length < MAGIC_BYTES) {
      const next = await iterator.next();
      if (next.done === true) break;
      head = head.length === 0 ? next.value : Buffer.concat([head, next.value]);
    }
    const packer = packerOf(head);
    if (packer === undefined) yield* chain(head, iterator);
    else yield* expand(packer, chain(head, iterator));
  } finally {
    await iterator.return?.();
  }
}

async function* chain(head: Uint8Array, rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  if (head.length > 0) yield head;
  for (;;) {
    const next = await rest.next();
    if (next.done === true) return;
    yield next.value;
  }
}

/** Says whether data that begins with `head`, of 6 bytes or more, is packed in a known way. */
export function isPacked(head: Uint8Array): boolean {
  return packerOf(head) !== undefined;
}

function packerOf(head: Uint8Array): Packer | undefined {
  const first = Buffer.from(head.subarray(0, MAGIC_BYTES)).toString('hex');
  return PACKERS.find(({ magic }) => first.startsWith(magic));
}

async function* expand(packer: Packer, packed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, void> {
  const { name, command, create } = packer;
  const remedy = `unpack it first, as in \`${command} FILE | netconsole-emulator ... -\``;
  if (create === undefined) {
    const why = name === 'zstd' ? `which Node ${process.version} cannot read` : 'which is not read';
    throw new KernelError('EINVAL', 'unpack', `it is compressed with ${name}, ${why}: ${remedy}`);
  }
  let taken = 0;
  let given = 0;
  async function* counted(): AsyncGenerator<Uint8Array, void, void> {
    for await (const chunk of packed) {
      taken += chunk.length;
      yield chunk;
    }
  }
  const unpacker = create();
  pipeline(Readable.from(counted(), { objectMode: false }), unpacker, () => {});
  try {
    for await (const chunk of unpacker as AsyncIterable<Uint8Array>) {
      given += chunk.length;
      if (given > FREE_BYTES && given > taken * MAX_GROWTH) {
        throw new UnpackError(`its ${name} grows more than ${MAX_GROWTH} times: if you trust it, ${remedy}`);
      }
      yield chunk;
    }
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    if (!/^(Z_|ZSTD_)/.test(code)) throw error;
    throw new UnpackError(`its ${name} is cut short or damaged: ${message}`, { cause: error });
  }
}
