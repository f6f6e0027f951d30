/** Sums of objects of numbers. */
import { expect, it } from 'vitest';
import { added } from '../../../src/net/sums.js';

it('adds numbers wherever they stand, and takes what only one has once', () => {
  const one: object = { a: 1, deep: { b: 2 }, name: 'first', one: 3 };
  const other: object = { a: 10, deep: { b: 20, c: 30 }, name: 'second', other: 40 };
  expect(added(one, other)).toEqual({ a: 11, deep: { b: 22, c: 30 }, name: 'first', one: 3, other: 40 });
  expect(added(other, one)).toEqual({ a: 11, deep: { b: 22, c: 30 }, name: 'second', one: 3, other: 40 });
});

it('keeps the higher of two levels', () => {
  expect(added({ emergencyMs: 5 }, { emergencyMs: 3 })).toEqual({ emergencyMs: 5 });
  expect(added({}, { emergencyMs: 3 })).toEqual({ emergencyMs: 3 });
});
