/**
 * A plan: what a fleet is, and what happens to it. This file says what a plan may hold, whether it
 * comes from a JSON or YAML file or from a program.
 *
 * All times are seconds from the start of the run, as people write them. What is left out has the
 * default that the schema names. `PLAN_SCHEMA` is published with the package, so that an editor can
 * check a plan while it is written.
 */

import type { Impairments } from '../net/impair.js';
import { having, type OptionRule } from '../options.js';
import { checkSchema, type Schema } from '../schema.js';
import { RELIABLE_DIALECTS, type ReliableDialect } from '../wire/dialects.js';
import { WORKLOADS } from '../workload/index.js';

/** A storm, as its plan file has it. Times are seconds, unless their names say otherwise. */
export interface Plan {
  /** The seed that everything is drawn from. Default 1. */
  readonly seed?: number;
  /** How long the run lasts, in seconds; a week at most. */
  readonly duration: number;
  readonly collector?: Collector;
  readonly groups: readonly Group[];
  /** What happens to several hosts at about the same time. */
  readonly events?: readonly PlannedEvent[];
  /**
   * What the network does to every host's frames, drawn for each host by itself. Times in it are
   * microseconds from the start of the run.
   */
  readonly impair?: Impairments;
  /** Whether each generated message ends in a mark, by which the message verifies itself. */
  readonly mark?: boolean;
}

/** Where all hosts send to. */
export interface Collector {
  readonly ip?: string;
  readonly port?: number;
  /** Default 02:00:00:00:00:02. */
  readonly mac?: string;
}

/** Hosts of one kind. */
export interface Group {
  /** The name of the group, which the names of its hosts begin with. */
  readonly name: string;
  readonly hosts: number;
  /**
   * The network that the hosts' addresses are from. Its own and its broadcast address are left
   * out.
   */
  readonly addresses?: string;
  /** The hardware address of the first host; those of the others follow it. */
  readonly mac?: string;
  readonly port?: number;
  /** Names of profiles, and their shares of the hosts: `{ "6.1": 3, "6.12": 1 }`. */
  readonly kernels?: Readonly<Record<string, number>>;
  /** The shares of the hosts whose targets are extended or plain. */
  readonly formats?: Readonly<Partial<Record<'extended' | 'plain', number>>>;
  /** Whether extended targets prepend the release. */
  readonly release?: boolean;
  /** The userdata of each target; `{name}`, `{group}` and `{ip}` in a value are the host's own. */
  readonly userdata?: Readonly<Record<string, string>>;
  /** When the hosts boot. Default: at the start of the run. */
  readonly boot?: Within;
  /** Each host's clock runs wrong by up to so many parts in a million, too fast or too slow. */
  readonly driftPpm?: number;
  /** The text ring of each kernel has 2^logBufShift bytes. */
  readonly logBufShift?: number;
  /** Records of this level or a higher number are not sent. Default 7. */
  readonly loglevel?: number;
  /** The dialect of 2015's reliable netconsole that extended targets speak. Default: off. */
  readonly reliable?: ReliableDialect['name'];
  /** What each host does again and again. Default: nothing. */
  readonly workloads?: readonly Recurring[];
  /** What the network does to this group's frames, in place of the plan's `impair`. */
  readonly impair?: Impairments;
}

/** A time in seconds that is drawn for each host, from `at` to `at` + `within`. */
export interface Within {
  readonly at?: number;
  readonly within?: number;
}

interface Played {
  /** The name of one of the `WORKLOADS`. */
  readonly workload: string;
  readonly parameters?: Readonly<Record<string, string | number | boolean>>;
}

/** Something that each host of a group does again and again, each at times of its own. */
export interface Recurring extends Played {
  /**
   * Seconds between two starts. Without `every`, `poisson` and `burst` there is one start, when the
   * host has booted.
   */
  readonly every?: number;
  /** Seconds between two starts on average, each independent of the others. */
  readonly poisson?: number;
  /** Starts `size` times, `gap` seconds apart, and again every `every` seconds. */
  readonly burst?: { readonly size: number; readonly gap: number; readonly every: number };
}

/** Something that happens to several hosts at about the same time. */
export interface PlannedEvent extends Played, Within {
  readonly at: number;
  /** The group that it happens to. Default: every group. */
  readonly group?: string;
  /** The share of those hosts that it happens to. Default: all of them. */
  readonly share?: number;
}

/** The most hosts that a group may have. */
export const MAX_HOSTS = 1_000_000;
/** A week: within it, stamps and sizes stay in the range that is tested. */
const MAX_SECONDS = 604_800;
/** A microsecond, in seconds: clocks count no finer. */
const MIN_PERIOD = 1e-6;
const MAX_SHARE = 1e9;

const seconds = (description: string): Schema => ({ type: 'number', minimum: 0, maximum: MAX_SECONDS, description });
const chance: Schema = { type: 'number', minimum: 0, maximum: 1 };
const microseconds: Schema = { type: 'integer', minimum: 0, maximum: MAX_SECONDS * 1e6 };
const share: Schema = { type: 'number', minimum: 0, maximum: MAX_SHARE };
const shares: Schema = { type: 'object', additionalProperties: share };

const IMPAIRMENT: Schema = {
  type: 'object',
  additionalProperties: false,
  description: 'what happens to the frames of one direction; chances from 0 to 1',
  properties: {
    loss: {
      anyOf: [
        chance,
        {
          type: 'object',
          required: ['toBad', 'toGood'],
          additionalProperties: false,
          properties: { toBad: chance, toGood: chance, lossGood: chance, lossBad: chance },
        },
      ],
    },
    duplicate: chance,
    reorder: chance,
    reorderUsec: microseconds,
    delayUsec: microseconds,
    jitterUsec: microseconds,
    truncate: chance,
    corrupt: chance,
  },
};

const IMPAIRMENTS: Schema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    seed: { type: 'integer', minimum: 0 },
    out: IMPAIRMENT,
    in: IMPAIRMENT,
    partitions: {
      type: 'array',
      items: {
        type: 'object',
        required: ['fromUsec', 'untilUsec'],
        additionalProperties: false,
        properties: { fromUsec: microseconds, untilUsec: microseconds, direction: { enum: ['out', 'in'] } },
      },
    },
  },
};

const PLAYED = {
  workload: { enum: [...WORKLOADS.keys()], description: 'what happens; see src/workload/README.md' } satisfies Schema,
  parameters: { type: 'object', description: 'parameters of the workload' } satisfies Schema,
};

const MAC: Schema = {
  type: 'string',
  pattern: '^([0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}$',
  description: 'a hardware address such as 02:00:00:00:00:01',
};
const PORT: Schema = { type: 'integer', minimum: 1, maximum: 65_535 };

const GROUP: Schema = {
  type: 'object',
  required: ['name', 'hosts'],
  additionalProperties: false,
  properties: {
    name: {
      type: 'string',
      pattern: '^[A-Za-z0-9][A-Za-z0-9_.-]{0,47}$',
      description: 'letters, digits, ".", "_" and "-", 48 at most',
    },
    hosts: { type: 'integer', minimum: 1, maximum: MAX_HOSTS },
    addresses: {
      type: 'string',
      pattern: '^\\d+\\.\\d+\\.\\d+\\.\\d+/\\d+$',
      description: 'a network such as 198.18.0.0/16',
      default: '198.18.0.0/15, shared by the groups that name none',
    },
    mac: { ...MAC, default: '02:4e:43:00:00:01, shared by the groups that name none' },
    port: { ...PORT, default: 6665 },
    kernels: { ...shares, description: 'profiles and their shares', default: 'the newest' },
    formats: {
      type: 'object',
      additionalProperties: false,
      properties: { extended: share, plain: share },
      default: { extended: 1 },
    },
    release: { type: 'boolean', default: false },
    userdata: { type: 'object', additionalProperties: { type: 'string' } },
    boot: {
      type: 'object',
      additionalProperties: false,
      properties: { at: seconds('when the first boots'), within: seconds('they boot within so long') },
    },
    driftPpm: { type: 'number', minimum: 0, maximum: 1000, default: 0 },
    logBufShift: { type: 'integer', minimum: 10, maximum: 25, default: 14 },
    loglevel: { type: 'integer', minimum: 1, maximum: 8, default: 7 },
    reliable: { enum: RELIABLE_DIALECTS.map(({ name }) => name) },
    workloads: {
      type: 'array',
      items: {
        type: 'object',
        required: ['workload'],
        additionalProperties: false,
        properties: {
          ...PLAYED,
          every: { type: 'number', minimum: MIN_PERIOD, maximum: MAX_SECONDS },
          poisson: { type: 'number', minimum: MIN_PERIOD, maximum: MAX_SECONDS },
          burst: {
            type: 'object',
            required: ['size', 'gap', 'every'],
            additionalProperties: false,
            properties: {
              size: { type: 'integer', minimum: 1 },
              gap: seconds('seconds between two of a burst'),
              every: { type: 'number', minimum: MIN_PERIOD, maximum: MAX_SECONDS },
            },
          },
        },
      },
    },
    impair: IMPAIRMENTS,
  },
};

/** The rule for arguments that must come from `compilePlan`. */
export const COMPILED: OptionRule = having('a compiled plan', 'plan', 'hosts', 'durationUsec', 'starts');

/** The JSON schema of a plan file. */
export const PLAN_SCHEMA: Schema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'A fleet of netconsole-emulator: what it is, and what happens to it',
  type: 'object',
  required: ['duration', 'groups'],
  additionalProperties: false,
  properties: {
    $schema: { type: 'string' },
    seed: { type: 'integer', minimum: 0, maximum: 2 ** 31 - 1, default: 1 },
    duration: { type: 'number', exclusiveMinimum: 0, maximum: MAX_SECONDS, description: 'seconds' },
    collector: {
      type: 'object',
      additionalProperties: false,
      properties: { ip: { type: 'string' }, port: { ...PORT, default: 6666 }, mac: MAC },
    },
    groups: { type: 'array', minItems: 1, items: GROUP },
    events: {
      type: 'array',
      items: {
        type: 'object',
        required: ['at', 'workload'],
        additionalProperties: false,
        properties: {
          ...PLAYED,
          at: seconds('when it begins'),
          within: seconds('it happens to the hosts within so long'),
          group: { type: 'string' },
          share: { type: 'number', exclusiveMinimum: 0, maximum: 1, default: 1 },
        },
      },
    },
    impair: IMPAIRMENTS,
    mark: { type: 'boolean', default: false },
  },
};

/**
 * Returns `value` as a plan. Throws EINVAL, naming the place, for what the schema does not allow.
 * `compilePlan` checks whether the plan makes sense.
 */
export function checkPlan(value: unknown): Plan {
  checkSchema('plan', value, PLAN_SCHEMA);
  return value as Plan;
}
