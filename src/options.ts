/**
 * Checks options once, where they enter: a wrong option is refused by its name, before anything has
 * changed.
 *
 *   const RULES: OptionRules<SlabOptions> = { slots: wholeNumber(1, 4096), name: text, onFrame: callback };
 *   checkOptions('createSlab', options, RULES);
 *   // createSlab: slots is 1.5, not a whole number from 1 to 4096
 *   // createSlab: there is no option "slot"; did you mean "slots"?
 *
 * An option that is `undefined` counts as left out. Every refusal is a KernelError EINVAL, whose
 * `op` is the function that was called. `OptionRules<T>` makes the compiler ask for a rule for
 * each option of `T`, so that none is forgotten.
 */
import { KernelError } from './errno.js';

/** The rule for one option. */
export interface OptionRule {
  /** Describes a right value, in words that follow "not": "a whole number from 1 to 4096". */
  readonly expected: string;
  /** Says whether `value`, which is never undefined, is right. */
  readonly holds: (value: unknown) => boolean;
}

/** A rule for each option of `T`. */
export type OptionRules<T> = { readonly [K in keyof Required<T>]: OptionRule };

/**
 * Throws EINVAL if `options` is not an object, or has a wrong value or an unknown name, or lacks an
 * option that is required.
 */
export function checkOptions<T>(
  op: string,
  options: T,
  rules: OptionRules<T>,
  required: readonly (keyof T & string)[] = [],
): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new KernelError('EINVAL', op, `${op}: the options are ${shown(options)}, not an object`);
  }
  const names = Object.keys(rules);
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || Object.hasOwn(rules, name)) continue;
    const near = nearest(name, names);
    const hint = near === undefined ? `the options are ${names.join(', ')}` : `did you mean "${near}"?`;
    throw new KernelError('EINVAL', op, `${op}: there is no option "${name}"; ${hint}`);
  }
  // Options are looked up by their names, since an object may inherit them: a Map has a size.
  for (const name of names as (keyof T & string)[]) {
    if (options[name] !== undefined || required.includes(name)) checkArgument(op, name, options[name], rules[name]);
  }
}

/** Throws EINVAL if a required value, an argument or option, is undefined or breaks its rule. */
export function checkArgument(op: string, name: string, value: unknown, rule: OptionRule): void {
  if (value === undefined || !rule.holds(value)) {
    throw new KernelError('EINVAL', op, `${op}: ${name} is ${shown(value)}, not ${rule.expected}`);
  }
}

/**
 * Returns the rule for an integer from `min` to `max`. Numbers above 2^53 - 1 are not whole to
 * JavaScript.
 */
export function wholeNumber(min: number, max: number = Number.MAX_SAFE_INTEGER): OptionRule {
  return {
    expected: `a whole number ${range(min, max)}`,
    holds: (value) => Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max,
  };
}

/** Returns the rule for a number from `min` to `max`, never NaN; infinite only if `max` is. */
export function number(min: number, max: number = Number.MAX_SAFE_INTEGER): OptionRule {
  return {
    expected: `a number ${range(min, max)}`,
    holds: (value) => typeof value === 'number' && value >= min && value <= max,
  };
}

/** A number above 0, up to 2^53 - 1. */
export const positive: OptionRule = {
  expected: 'a number above 0',
  holds: (value) => typeof value === 'number' && value > 0 && value <= Number.MAX_SAFE_INTEGER,
};

/** True or false. */
export const flag: OptionRule = { expected: 'true or false', holds: (value) => typeof value === 'boolean' };
/** A string. */
export const text: OptionRule = { expected: 'a string', holds: (value) => typeof value === 'string' };
/** A function. */
export const callback: OptionRule = { expected: 'a function', holds: (value) => typeof value === 'function' };

/** Returns the rule for one of a few strings. */
export function oneOf(...names: readonly string[]): OptionRule {
  return {
    expected: names.map((name) => `'${name}'`).join(' or '),
    holds: (value) => typeof value === 'string' && names.includes(value),
  };
}

/**
 * Says whether a value is a Uint8Array, of this realm or another. A value from another realm, as in
 * test runners that give each file a context of its own, is not an instance of this realm's class.
 */
export function isBytes(value: unknown): value is Uint8Array {
  if (value instanceof Uint8Array) return true;
  return ArrayBuffer.isView(value) && (value as Partial<Uint8Array>)[Symbol.toStringTag] === 'Uint8Array';
}

/** A Uint8Array of any length. */
export const anyBytes: OptionRule = { expected: 'a Uint8Array', holds: isBytes };

/** Returns the rule for a Uint8Array of exactly `length` bytes. */
export function bytes(length: number): OptionRule {
  return {
    expected: `a Uint8Array of ${length} bytes`,
    holds: (value) => isBytes(value) && value.length === length,
  };
}

/** Returns the rule for an array of at least `min` elements, each of which follows `rule`. */
export function listOf(rule: OptionRule, min = 0): OptionRule {
  return {
    expected: `an array of ${min > 0 ? `at least ${min}, each ` : ''}${rule.expected}`,
    holds: (value) =>
      Array.isArray(value) && value.length >= min && value.every((one) => one !== undefined && rule.holds(one)),
  };
}

/** Returns the rule for a value that follows either rule. */
export function either(a: OptionRule, b: OptionRule): OptionRule {
  return { expected: `${a.expected} or ${b.expected}`, holds: (value) => a.holds(value) || b.holds(value) };
}

/**
 * Returns the rule for an object that has at least the methods or properties `members`; `what`
 * names the object in messages: "a clock".
 */
export function having(what: string, ...members: readonly string[]): OptionRule {
  return {
    expected: members.length > 0 ? `${what} (an object with ${members.join(', ')})` : what,
    holds: (value) =>
      typeof value === 'object' &&
      value !== null &&
      !Array.isArray(value) &&
      members.every((member) => member in value),
  };
}

function range(min: number, max: number): string {
  if (max >= Number.MAX_SAFE_INTEGER) return `from ${min}${max === Number.POSITIVE_INFINITY ? ' (Infinity too)' : ''}`;
  return `from ${min} to ${max}`;
}

/** Returns a short text for a value, for a message, without calling any method of the value. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return value.length > 40 ? `'${value.slice(0, 40)}...'` : `'${value}'`;
  if (typeof value === 'bigint') return `${value}n`;
  if (typeof value === 'symbol' || typeof value === 'function') return `a ${typeof value}`;
  if (Array.isArray(value)) return 'an array';
  if (isBytes(value)) return `a Uint8Array of ${value.length} bytes`;
  if (typeof value === 'object' && value !== null) return 'an object';
  return String(value);
}

/** Returns the one of `names` that `name` most likely misspells; undefined if none is close. */
export function nearest(name: string, names: readonly string[]): string | undefined {
  const most = Math.max(1, Math.floor(name.length / 3));
  const [best] = names
    .map((other) => ({ other, distance: editDistance(name.toLowerCase(), other.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  return best !== undefined && best.distance <= most ? best.other : undefined;
}

/** Counts the letters that are changed, left out, added or swapped (optimal string alignment). */
function editDistance(a: string, b: string): number {
  const rows = Array.from({ length: a.length + 1 }, (_, i) => [i, ...new Array<number>(b.length).fill(0)]);
  for (let j = 0; j <= b.length; j++) rows[0]![j] = j;
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const changed = rows[i - 1]![j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped =
        i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
          ? rows[i - 2]![j - 2]! + 1
          : Number.POSITIVE_INFINITY;
      rows[i]![j] = Math.min(rows[i - 1]![j]! + 1, rows[i]![j - 1]! + 1, changed, swapped);
    }
  }
  return rows[a.length]![b.length]!;
}

/**
 * Returns a copy of an object without the members that are undefined: an option that was not given
 * must be absent, as `exactOptionalPropertyTypes` asks.
 */
export function defined<T extends object>(members: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const given = Object.entries(members).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as { [K in keyof T]?: Exclude<T[K], undefined> };
}
