/**
 * Reads a line of JSON as a record, and says why if it is none: a field of another type or out of
 * its range, a key that is there twice, no object at all. What JSON.parse would make of such a line
 * is not what its writer meant, so it is never used.
 */
import { firstFault, type Schema } from '../schema.js';
import { encodeText } from '../wire/text.js';

const WHOLE: Schema = { type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER };
const RECORD = {
  host: { type: 'string' },
  seq: WHOLE,
  tsUsec: WHOLE,
  level: { type: 'integer', minimum: 0, maximum: 7 },
  text: { type: 'string' },
  dict: { type: 'object', additionalProperties: { type: 'string' } },
} as const;

/** The largest number of a boot: it is kept in a word. */
export const BOOT_MAX: number = 2 ** 31 - 1;

/** What is read of a line of `receive --json`. */
export const RECEIVED: Schema = { type: 'object', properties: RECORD, required: ['host', 'text'] };

/** What is read of a line of a manifest. */
export const TRUE_RECORD: Schema = {
  type: 'object',
  properties: {
    ...RECORD,
    name: { type: 'string' },
    boot: { type: 'integer', minimum: 0, maximum: BOOT_MAX },
    lost: { enum: ['network'] },
  },
  required: ['host', 'name', 'boot', 'text'],
};

/** The fault of a line that is not JSON, or not an object. */
export const NO_OBJECT = 'it is not one whole object of JSON';

/**
 * Returns the object of a line that has what `schema` says; else the fault, as a sentence: "seq is
 * '7', not a whole number". Keys that the schema does not name may hold anything.
 */
export function readObject(line: string, schema: Schema): Readonly<Record<string, unknown>> | string {
  if (!line.startsWith('{')) return NO_OBJECT;
  let value: object;
  try {
    value = JSON.parse(line) as object;
  } catch {
    return NO_OBJECT;
  }
  // A line that is the same when it is written again has lost nothing, and so no key twice.
  const twice = JSON.stringify(value) === line ? undefined : doubledKey(line, schema.properties ?? {});
  if (twice !== undefined) return `it has the key "${twice}" twice`;
  return firstFault(value, schema, '') ?? (value as Record<string, unknown>);
}

const HEAD = encodeText('{"manifest":');

/** Says whether bytes begin as a manifest does. */
export function isManifest(bytes: Uint8Array): boolean {
  return HEAD.every((byte, i) => bytes[i] === byte);
}

const TOKENS = /"(?:[^"\\]|\\.)*"|[{}[\]:]/g;

/**
 * Returns a key that stands twice in the object of a line of valid JSON, or in an object that it
 * holds; undefined if there is none. Keys that are not `known`, and what they hold, are not looked
 * at.
 */
function doubledKey(line: string, known: Readonly<Record<string, Schema>>): string | undefined {
  const open: { readonly keys: Set<string>; last: string }[] = [];
  let text = '';
  for (const [token] of line.matchAll(TOKENS)) {
    if (token === '{' || token === '[') open.push({ keys: new Set(), last: '' });
    else if (token === '}' || token === ']') open.pop();
    else if (token !== ':') text = token;
    else {
      const object = open.at(-1)!;
      const key = JSON.parse(text) as string;
      object.last = key;
      if (!Object.hasOwn(known, open.length === 1 ? key : open[0]!.last)) continue;
      if (object.keys.has(key)) return key;
      object.keys.add(key);
    }
  }
  return undefined;
}
