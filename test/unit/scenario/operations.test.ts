/** A scenario says what it means, or is refused by name; what it may say is published and documented. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { OPERATIONS, parseScenario, runScenario, SCENARIO_SCHEMA, type Scenario } from '../../../src/scenario/index.js';

const room = new URL('../../../src/scenario/', import.meta.url);

describe('a scenario is refused, with the number of its operation and the name of the field', () => {
  it.each<[object, RegExp]>([
    [{ op: 'advance', seconds: 5 }, /operation 1: it has no "ms"/],
    [{ op: 'advance', ms: {} }, /operation 1: ms is an object, not a number from 0/],
    [{ op: 'advance', ms: -1 }, /operation 1: ms is -1/],
    [{ op: 'advance', ms: 1e15 }, /operation 1: ms is 1000000000000000/],
    [{ op: 'kmsg', data: 5 }, /operation 1: data is 5, not a string/],
    [{ op: 'kmsg', hex: 'f' }, /operation 1: hex is 'f'/],
    [{ op: 'mkdir', path: [] }, /operation 1: path is an array/],
    [{ op: 'mkdir' }, /operation 1: it has no "path"/],
    [{ op: 'write', path: 't1/enabled', date: '1' }, /operation 1: it has a key "date"; did you mean "data"\?/],
    [{ op: 'ip', args: ['link'] }, /operation 1: args is an array/],
    [{ op: 'insmod', module: 'netconsol' }, /operation 1: module is 'netconsol', not one of netconsole,/],
    [{ op: 'datagram', from: 'x', to: '10.0.2.15:1' }, /operation 1: datagram: "x" is not ADDRESS:PORT/],
    [{ op: 'reboot' }, /operation 1: there is no "reboot"; known are insmod,/],
    [{}, /operation 1: it has no "op"/],
  ])('%j', (op, message) => {
    const scenario = { kernel: '6.12', ops: [{ op: 'settle', seconds: 1 }, op] } as Scenario;
    expect(() => runScenario(scenario)).toThrow(message);
  });

  it.each<[unknown, RegExp]>([
    [[], /is an array, not an object/],
    [{}, /has no "ops"/],
    [{ ops: {} }, /ops is an object, not a list/],
    [{ ops: [5] }, /operation 0: it is 5, not an object/],
    [{ ops: [], kernal: '6.12' }, /has a key "kernal"; did you mean "kernel"\?/],
    [{ ops: [], hz: 0 }, /hz is 0/],
    [{ ops: [], start: -1 }, /start is -1/],
    [{ ops: [], reliable: 'tcp' }, /reliable is 'tcp'/],
  ])('%j', (scenario, message) => {
    expect(() => parseScenario(JSON.stringify(scenario), 'x.json')).toThrow(message);
    expect(() => runScenario(scenario as Scenario)).toThrow(message);
  });
});

it('the schema that is published is the one that is checked', async () => {
  const file = new URL('scenario.schema.json', room).pathname;
  await expect(`${JSON.stringify(SCENARIO_SCHEMA, null, 2)}\n`).toMatchFileSnapshot(file);
});

it("every operation is in the room's page", () => {
  const page = readFileSync(new URL('README.md', room), 'utf8');
  for (const [name, { about, needs = [], may = [] }] of Object.entries(OPERATIONS)) {
    const fields = [...needs.map((field) => `**\`${field}\`**`), ...may.map((field) => `\`${field}\``)].join(', ');
    expect(page).toContain(`| \`${name}\` | ${about} | ${fields || '-'} |`);
  }
});
