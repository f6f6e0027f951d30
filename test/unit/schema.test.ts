import { describe, expect, it } from 'vitest';
import { checkSchema, type Schema } from '../../src/schema.js';

const SCHEMA: Schema = {
  type: 'object',
  required: ['hosts'],
  additionalProperties: false,
  properties: {
    hosts: { type: 'integer', minimum: 1, maximum: 100 },
    share: { type: 'number', exclusiveMinimum: 0, maximum: 1 },
    format: { enum: ['plain', 'extended'] },
    at: { type: 'string', pattern: '^\\d+s$', description: 'seconds such as "5s"' },
    loss: {
      anyOf: [
        { type: 'number', minimum: 0 },
        { type: 'object', required: ['toBad'], additionalProperties: false, properties: { toBad: { type: 'number' } } },
      ],
    },
    kernels: { type: 'object', additionalProperties: { type: 'number', minimum: 0 } },
    events: {
      type: 'array',
      minItems: 1,
      items: { type: 'object', required: ['id'], properties: { id: { type: 'string' } } },
    },
  },
};

const said = (value: unknown): string => {
  try {
    checkSchema('plan', value, SCHEMA);
    return 'right';
  } catch (error) {
    return (error as Error).message;
  }
};

describe('a schema', () => {
  it('takes what it allows', () => {
    expect(said({ hosts: 1 })).toBe('right');
    expect(
      said({
        hosts: 100,
        share: 1,
        format: 'plain',
        at: '5s',
        loss: { toBad: 0.1 },
        kernels: { '6.1': 2 },
        events: [{ id: 'x', more: 1 }],
      }),
    ).toBe('right');
    expect(said({ hosts: 3, loss: 0.5 })).toBe('right');
  });

  it.each([
    [[], 'plan: it is an array, not an object with hosts'],
    [null, 'plan: it is null, not an object with hosts'],
    [{}, 'plan: it has no "hosts": a whole number from 1 to 100 is needed'],
    [{ hosts: 0 }, 'plan: hosts is 0, not a whole number from 1 to 100'],
    [{ hosts: 1.5 }, 'plan: hosts is 1.5, not a whole number from 1 to 100'],
    [{ hosts: Number.NaN }, 'plan: hosts is NaN, not a whole number from 1 to 100'],
    [{ hosts: '5' }, "plan: hosts is '5', not a whole number from 1 to 100"],
    [{ hosts: 1, host: 2 }, 'plan: it has a key "host"; did you mean "hosts"?'],
    [
      { hosts: 1, zebra: 2 },
      'plan: it has a key "zebra"; the keys are hosts, share, format, at, loss, kernels, events',
    ],
    [{ hosts: 1, share: 0 }, 'plan: share is 0, not a number above 0 to 1'],
    [{ hosts: 1, share: Number.POSITIVE_INFINITY }, 'plan: share is Infinity, not a number above 0 to 1'],
    [{ hosts: 1, format: 'both' }, "plan: format is 'both', not one of plain, extended"],
    [{ hosts: 1, at: '5' }, 'plan: at is \'5\', not seconds such as "5s"'],
    [{ hosts: 1, loss: -1 }, 'plan: loss is -1, not a number from 0, or an object with toBad'],
    [{ hosts: 1, loss: { toBad: 'x' } }, "plan: loss.toBad is 'x', not a number"],
    [{ hosts: 1, kernels: { '6.1': -2 } }, 'plan: kernels.6.1 is -2, not a number from 0'],
    [{ hosts: 1, events: [] }, 'plan: events is empty: it needs at least 1'],
    [{ hosts: 1, events: [{ id: 'a' }, { name: 'b' }] }, 'plan: events[1] has no "id": a string is needed'],
    [JSON.parse('{"hosts": 1, "__proto__": 5}'), /plan: it has a key "__proto__"; the keys are/],
    [{ hosts: 1, toString: 5 }, /plan: it has a key "toString"; the keys are/],
  ])('refuses %j by the place', (value, message) => {
    if (typeof message === 'string') expect(said(value)).toBe(message);
    else expect(said(value)).toMatch(message);
  });
});
