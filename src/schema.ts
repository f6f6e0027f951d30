/**
 * Checks a value, such as a plan that was read from a file, against a JSON Schema, which is also
 * published with the package.
 *
 *   checkSchema('plan', value, PLAN_SCHEMA);
 *   // plan: groups[2].hosts is 0, not a whole number from 1 to 16777214
 *   // plan: groups[2] has a key "host"; did you mean "hosts"?
 *
 * A schema may use only the keywords of JSON Schema that `Schema` has, so that an editor accepts
 * what is accepted here, and nothing else.
 */
import { KernelError } from './errno.js';
import { nearest, shown } from './options.js';

/** The part of JSON Schema (draft 2020-12) that is used. */
export interface Schema {
  /** The dialect of JSON Schema, for editors: its URI. */
  readonly $schema?: string;
  /** The URI under which the schema is published. */
  readonly $id?: string;
  /** A name for people, which editors show. */
  readonly title?: string;
  /** A text that editors show, and that the message of a refusal has in place of a `pattern`. */
  readonly description?: string;
  /** The kind of value; absent: any kind, or the kinds that `anyOf` names. */
  readonly type?: 'object' | 'array' | 'string' | 'number' | 'integer' | 'boolean';
  /** What each key of an object holds. */
  readonly properties?: Readonly<Record<string, Schema>>;
  /** The keys that an object must have. */
  readonly required?: readonly string[];
  /** With `false` there may be no other keys; a schema says what other keys hold. */
  readonly additionalProperties?: false | Schema;
  /** What each element of an array must be. */
  readonly items?: Schema;
  /** How many elements an array has at least. */
  readonly minItems?: number;
  /** The least number that is allowed. */
  readonly minimum?: number;
  /** A number that is too small itself: all that is above it is allowed. */
  readonly exclusiveMinimum?: number;
  /** The greatest number that is allowed. */
  readonly maximum?: number;
  /** The only values that are allowed. */
  readonly enum?: readonly (string | number)[];
  /** A regular expression that a string must match somewhere. It has the flag `u`. */
  readonly pattern?: string;
  /** Schemas of which one must hold; the keywords beside it are not looked at then. */
  readonly anyOf?: readonly Schema[];
  /** The value that counts when the key is absent. It is only shown: nobody fills it in here. */
  readonly default?: unknown;
}

/**
 * Throws EINVAL for the first place at which a value is not what the schema allows. The message
 * begins with `op`.
 */
export function checkSchema(op: string, value: unknown, schema: Schema): void {
  const wrong = firstFault(value, schema, '');
  if (wrong !== undefined) throw new KernelError('EINVAL', op, `${op}: ${wrong}`);
}

/** Returns the first fault, as a sentence; undefined if there is none. `path` leads to `value`. */
export function firstFault(value: unknown, schema: Schema, path: string): string | undefined {
  if (schema.anyOf !== undefined) {
    const faults = schema.anyOf.map((one) => firstFault(value, one, path));
    if (faults.includes(undefined)) return undefined;
    // The form that has the type of the value is the one that was meant: its fault lies deeper.
    const deeper = faults.find((fault, i) => kindOf(value) === schema.anyOf![i]!.type && fault !== undefined);
    return deeper ?? `${path || 'it'} is ${shown(value)}, not ${expected(schema)}`;
  }
  if (schema.type !== undefined && !isOf(value, schema.type)) {
    return `${path || 'it'} is ${shown(value)}, not ${expected(schema)}`;
  }
  if (Array.isArray(value)) return listFault(value, schema, path);
  if (typeof value === 'object' && value !== null) return objectFault(value, schema, path);
  return holds(value, schema) ? undefined : `${path || 'it'} is ${shown(value)}, not ${expected(schema)}`;
}

function listFault(list: readonly unknown[], schema: Schema, path: string): string | undefined {
  if (list.length < (schema.minItems ?? 0)) return `${path || 'it'} is empty: it needs at least ${schema.minItems}`;
  for (const [i, one] of list.entries()) {
    const fault = schema.items && firstFault(one, schema.items, `${path}[${i}]`);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function objectFault(object: object, schema: Schema, path: string): string | undefined {
  const known = schema.properties ?? {};
  const within = (key: string) => (path === '' ? key : `${path}.${key}`);
  for (const key of schema.required ?? []) {
    if (!Object.hasOwn(object, key)) return `${path || 'it'} has no "${key}": ${expected(known[key] ?? {})} is needed`;
  }
  for (const [key, value] of Object.entries(object)) {
    const rule = Object.hasOwn(known, key) ? known[key] : schema.additionalProperties;
    if (rule === false) {
      const near = nearest(key, Object.keys(known));
      const hint = near === undefined ? `the keys are ${Object.keys(known).join(', ')}` : `did you mean "${near}"?`;
      return `${path || 'it'} has a key "${key}"; ${hint}`;
    }
    const fault = rule && firstFault(value, rule, within(key));
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function isOf(value: unknown, type: NonNullable<Schema['type']>): boolean {
  return type === 'number' ? typeof value === 'number' && Number.isFinite(value) : kindOf(value) === type;
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (value === null) return 'null';
  return Number.isSafeInteger(value) ? 'integer' : typeof value;
}

function holds(value: unknown, { minimum, exclusiveMinimum, maximum, enum: names, pattern }: Schema): boolean {
  if (names !== undefined) return names.includes(value as string);
  if (typeof value === 'number') {
    return (
      (minimum === undefined || value >= minimum) &&
      (exclusiveMinimum === undefined || value > exclusiveMinimum) &&
      (maximum === undefined || value <= maximum)
    );
  }
  return pattern === undefined || new RegExp(pattern, 'u').test(String(value));
}

const A: Readonly<Record<string, string>> = {
  object: 'an object',
  array: 'a list',
  string: 'a string',
  boolean: 'true or false',
  integer: 'a whole number',
  number: 'a number',
};

function expected(schema: Schema): string {
  const { type, minimum, exclusiveMinimum, maximum, enum: names, anyOf, pattern, description } = schema;
  if (anyOf !== undefined) return anyOf.map(expected).join(', or ');
  if (names !== undefined) return `one of ${names.join(', ')}`;
  if (pattern !== undefined && description !== undefined) return description;
  const low =
    exclusiveMinimum !== undefined ? ` above ${exclusiveMinimum}` : minimum !== undefined ? ` from ${minimum}` : '';
  const high = maximum !== undefined ? ` to ${maximum}` : '';
  const keys = type === 'object' && schema.required !== undefined ? ` with ${schema.required.join(', ')}` : '';
  return `${A[type ?? ''] ?? 'something else'}${low}${high}${keys}`;
}
