/** Options are refused by name, or taken. */
import { describe, expect, it } from 'vitest';
import { KernelError } from '../../src/errno.js';
import {
  bytes,
  callback,
  checkArgument,
  checkOptions,
  either,
  flag,
  having,
  listOf,
  number,
  type OptionRule,
  oneOf,
  positive,
  text,
  wholeNumber,
} from '../../src/options.js';

describe('an option is refused by its name, with what it should be', () => {
  const rows: readonly (readonly [rule: OptionRule, wrong: unknown, message: string])[] = [
    [wholeNumber(1, 8), Number.NaN, 'open: x is NaN, not a whole number from 1 to 8'],
    [wholeNumber(1, 8), 1.5, 'open: x is 1.5, not a whole number from 1 to 8'],
    [wholeNumber(1, 8), 9, 'open: x is 9, not a whole number from 1 to 8'],
    [wholeNumber(0), 2 ** 53, 'open: x is 9007199254740992, not a whole number from 0'],
    [wholeNumber(0), '5', "open: x is '5', not a whole number from 0"],
    [wholeNumber(0), 5n, 'open: x is 5n, not a whole number from 0'],
    [number(0, Number.POSITIVE_INFINITY), -1, 'open: x is -1, not a number from 0 (Infinity too)'],
    [number(0), Number.POSITIVE_INFINITY, 'open: x is Infinity, not a number from 0'],
    [positive, 0, 'open: x is 0, not a number above 0'],
    [flag, 1, 'open: x is 1, not true or false'],
    [text, null, 'open: x is null, not a string'],
    [callback, {}, 'open: x is an object, not a function'],
    [oneOf('on', 'off'), 'of', "open: x is 'of', not 'on' or 'off'"],
    [bytes(6), Uint8Array.of(1), 'open: x is a Uint8Array of 1 bytes, not a Uint8Array of 6 bytes'],
    [listOf(text), [1], 'open: x is an array, not an array of a string'],
    [listOf(text, 1), [], 'open: x is an array, not an array of at least 1, each a string'],
    [either(text, flag), Symbol('x'), 'open: x is a symbol, not a string or true or false'],
    [having('a clock', 'now', 'at'), { now: 1 }, 'open: x is an object, not a clock (an object with now, at)'],
  ];
  it.each(rows)('%s', (rule, wrong, message) => {
    const refuse = () => checkOptions<{ x?: unknown }>('open', { x: wrong }, { x: rule });
    expect(refuse).toThrow(new KernelError('EINVAL', 'open', message));
    expect(refuse).toThrow(KernelError);
  });
});

it('options are an object', () => {
  for (const wrong of [null, undefined, 5, 'x', [], () => {}]) {
    expect(() => checkOptions('open', wrong as object, {})).toThrow(/^open: the options are .*, not an object$/);
  }
});

it('an unknown name is refused, with the one that was meant or all there are', () => {
  const rules = { profile: text, HZ: wholeNumber(1), loglevel: wholeNumber(0) };
  const check = (options: object) => () =>
    checkOptions('createKernel', options as Record<keyof typeof rules, unknown>, rules);
  expect(check({ profiel: '6.12' })).toThrow('createKernel: there is no option "profiel"; did you mean "profile"?');
  expect(check({ hz: 100 })).toThrow('did you mean "HZ"?');
  expect(check({ colour: 1 })).toThrow('there is no option "colour"; the options are profile, HZ, loglevel');
  expect(check({ __proto__: { x: 1 }, toString: 1 })).toThrow('there is no option "toString"');
});

it('what is undefined is left out, what is right is taken', () => {
  expect(() => checkOptions<{ x?: string | undefined }>('open', { x: undefined }, { x: text })).not.toThrow();
  expect(() => checkOptions('open', { nothing: undefined }, {} as never)).not.toThrow();
  expect(() =>
    checkOptions(
      'open',
      { a: 1, b: Number.POSITIVE_INFINITY, c: Uint8Array.of(1, 2), d: ['x'], e: 'on', f: () => {}, g: new Map() },
      {
        a: wholeNumber(1, 1),
        b: number(0, Number.POSITIVE_INFINITY),
        c: bytes(2),
        d: listOf(text),
        e: oneOf('on', 'off'),
        f: callback,
        g: having('a map', 'get', 'set'),
      },
    ),
  ).not.toThrow();
});

it('an argument must be there', () => {
  expect(() => checkArgument('decode', 'frame', undefined, bytes(1))).toThrow(
    'decode: frame is undefined, not a Uint8Array of 1 bytes',
  );
  expect(() => checkArgument('decode', 'name', 'x', text)).not.toThrow();
});
