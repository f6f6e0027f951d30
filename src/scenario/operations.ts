/**
 * The operations of scenarios, with the fields that each needs and may have, and the JSON Schema of
 * a scenario file that follows from these. The package exports the schema as
 * `netconsole-emulator/scenario.schema.json`. What the operations do is in `machine.ts`;
 * `README.md` lists them for authors.
 */
import { firstFault, type Schema } from '../schema.js';
import { RELIABLE_DIALECTS } from '../wire/dialects.js';

/** The name of a field that operations may have. */
export type OperationField =
  | 'module'
  | 'params'
  | 'path'
  | 'data'
  | 'hex'
  | 'args'
  | 'name'
  | 'level'
  | 'key'
  | 'run'
  | 'seconds'
  | 'ms'
  | 'from'
  | 'to'
  | 'withDefects';

/** What an operation does, the fields that it needs, and further ones that it may have. */
export interface Operation {
  /** What it does, as half a sentence. */
  readonly about: string;
  /** The fields that must be there. */
  readonly needs?: readonly OperationField[];
  /** Fields that may be there. */
  readonly may?: readonly OperationField[];
}

const FIELDS: Readonly<Record<OperationField, Schema>> = {
  module: {
    type: 'string',
    enum: ['netconsole', 'netconsole-2001', 'netconsole-2003', 'netoops'],
    description: 'the module that the operation is on; netconsole unless named',
  },
  params: { type: 'string', description: "the module's parameter" },
  path: { type: 'string', description: "a path in configfs, below the module's own directory" },
  data: { type: 'string', description: 'text to write' },
  hex: {
    type: 'string',
    pattern: '^([0-9A-Fa-f]{2} *)*$',
    description: 'bytes to write as pairs of hexadecimal digits',
  },
  args: { type: 'string', description: 'what stands behind `ip`' },
  name: { type: 'string', description: 'the name of a parameter in /sys/module/netconsole/parameters' },
  level: { type: 'integer', description: 'a loglevel' },
  key: { type: 'string', description: 'a key of SysRq' },
  run: { type: 'string', description: 'a line for the shell of a recorded machine' },
  seconds: { type: 'number', minimum: 0, maximum: 1e9 },
  ms: { type: 'number', minimum: 0, maximum: 1e12 },
  from: { type: 'string', description: 'ADDRESS:PORT, IPv6 in brackets' },
  to: { type: 'string', description: 'ADDRESS:PORT, IPv6 in brackets' },
  withDefects: { type: 'boolean', description: "with the system's known defects, or without" },
};

/** Every operation of a scenario, by name. */
export const OPERATIONS: Readonly<Record<string, Operation>> = {
  insmod: { about: 'loads a module', may: ['params', 'module', 'withDefects'] },
  rmmod: { about: 'takes a module out', may: ['module'] },
  mkdir: { about: 'makes a directory in configfs', needs: ['path'], may: ['module'] },
  rmdir: { about: 'removes a directory in configfs', needs: ['path'], may: ['module'] },
  read: { about: 'reads an attribute; the outcome has its text as `data`', needs: ['path'], may: ['module'] },
  write: { about: 'writes an attribute', needs: ['path'], may: ['data', 'hex', 'module'] },
  kmsg: { about: 'writes to /dev/kmsg', may: ['data', 'hex'] },
  ip: { about: 'changes interfaces: `link ...` or `addr ...`, as ip(8) has them', needs: ['args'] },
  param: { about: "writes a parameter of netconsole's", needs: ['name'], may: ['data', 'hex'] },
  loglevel: { about: 'sets the console loglevel, as `dmesg -n`', needs: ['level'] },
  ipv6: { about: 'switches IPv6 on; eth0 gets fd00::15/64' },
  unplug: { about: 'takes the NIC out' },
  plug: { about: 'puts it back' },
  sysrq: { about: 'presses a key of SysRq', needs: ['key'] },
  settle: { about: 'waits; with a recorded log, whose stamps say when, nothing', may: ['seconds'] },
  advance: { about: 'passes virtual time', needs: ['ms'] },
  holdconsole: { about: 'somebody else has the console lock for so long', needs: ['ms'] },
  datagram: { about: 'a UDP datagram comes in', needs: ['from', 'to'], may: ['data', 'hex'] },
  memory: { about: '2001: allocations fail (`short`), or do not', needs: ['module'], may: ['data'] },
  sh: { about: 'runs something on a recorded machine; nothing here', may: ['run'] },
};

function operationSchema(op: string, { about, needs = [], may = [] }: Operation): Schema {
  const fields = Object.fromEntries([...needs, ...may].map((name) => [name, FIELDS[name]]));
  return {
    type: 'object',
    description: about,
    properties: {
      op: { type: 'string', enum: [op] },
      ...fields,
      about: { type: 'string' },
      outcome: { description: 'what a recorded machine answered; not used here' },
    },
    required: ['op', ...needs],
    additionalProperties: false,
  };
}

const SCHEMAS: ReadonlyMap<string, Schema> = new Map(
  Object.entries(OPERATIONS).map(([name, operation]) => [name, operationSchema(name, operation)]),
);

/** The JSON Schema of a scenario file. */
export const SCENARIO_SCHEMA: Schema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'a scenario of netconsole-emulator',
  type: 'object',
  properties: {
    $schema: { type: 'string' },
    about: { type: 'string' },
    cmdline: {
      type: 'string',
      description: 'loglevel=, quiet, ignore_loglevel, log_buf_len=, printk.devkmsg=, panic=',
    },
    kernel: { type: 'string', description: 'the profile, as `netconsole-emulator profiles` lists them' },
    reliable: {
      type: 'string',
      enum: RELIABLE_DIALECTS.map(({ name }) => name),
      description: 'the dialect of acks; off unless named',
    },
    hz: { type: 'integer', minimum: 12, maximum: 1e6 },
    start: { type: 'number', minimum: 0, maximum: 1e15, description: 'microseconds since boot' },
    smp: { type: 'integer', minimum: 1, description: 'processors of a recorded machine' },
    timeout: { type: 'number', minimum: 0, description: 'seconds that a recorded machine may take' },
    modules: { type: 'array', items: { type: 'string' }, description: 'what a recorded machine also loads' },
    ops: { type: 'array', items: { anyOf: [...SCHEMAS.values()] } },
  },
  required: ['ops'],
  additionalProperties: false,
};

/** The schema of everything but the operations, which are checked one by one. */
const HEAD: Schema = { ...SCENARIO_SCHEMA, properties: { ...SCENARIO_SCHEMA.properties, ops: { type: 'array' } } };
const ANY_OPERATION: Schema = { type: 'object', properties: { op: { type: 'string' } }, required: ['op'] };

/** Returns what is wrong with a scenario, or undefined. Fields of operations are not checked. */
export function scenarioFault(scenario: unknown): string | undefined {
  const fault = firstFault(scenario, HEAD, '');
  if (fault !== undefined) return fault;
  for (const [i, op] of (scenario as { readonly ops: readonly unknown[] }).ops.entries()) {
    const wrong = firstFault(op, ANY_OPERATION, '');
    if (wrong !== undefined) return `operation ${i}: ${wrong}`;
  }
  return undefined;
}

/** Returns what is wrong with an operation, or undefined. */
export function operationFault(op: { readonly op: string }): string | undefined {
  const schema = SCHEMAS.get(op.op);
  return schema === undefined
    ? `there is no "${op.op}"; known are ${[...SCHEMAS.keys()].join(', ')}`
    : firstFault(op, schema, '');
}
