/**
 * A workload: a named event of a machine with documented parameters, which is data (`steps`) or is
 * played into a kernel.
 *
 *   oomKill(kernel, { seed: 7, victim: 'postgres' });          plays it: time passes by the workload's own pauses
 *   oomKill.steps({ seed: 7 });                                the same as data
 *
 * The steps depend on the seed, the machine, the time of the start and the parameters, and on
 * nothing else.
 */

import { KernelError } from '../errno.js';
import {
  callback,
  checkArgument,
  checkOptions,
  having,
  number,
  type OptionRules,
  text,
  wholeNumber,
} from '../options.js';
import { Draw } from './draw.js';
import { DEFAULT_MACHINE, type MachineFacts, type Message, type Step } from './step.js';

/** What any workload is told beside its own parameters. */
export interface WorkloadOptions {
  /** Default 1. */
  readonly seed?: number;
  readonly machine?: Partial<MachineFacts>;
  /**
   * Microseconds since the machine's boot, where texts name a time. Default: the kernel's, or 0.
   */
  readonly nowUsec?: number;
}

/** What a workload draws its steps from. */
export interface Scene {
  readonly draw: Draw;
  readonly machine: MachineFacts;
  readonly nowUsec: number;
}

/** The verbs of a kernel that a workload needs. */
export interface Player {
  /** Microseconds since boot. */
  now(): number;
  /** Passes virtual time. */
  advanceTo(usec: number): void;
  /** Logs a message; with its newline the line is finished. */
  printk(text: string, options?: object): number;
  /** The kernel oopses; `trace` logs what it prints. */
  oops(trace: () => void): void;
  /** The kernel panics. */
  panic(message: string, options?: { readonly trace?: () => void }): void;
  /** The consoles get no turn before `fn` has returned. */
  batch<T>(fn: () => T): T;
}

type Value = string | number | boolean;

/** What a parameter means. The kind of its default is its kind. */
export interface Parameter<T extends Value = Value> {
  readonly default: T;
  readonly about: string;
  /** For numbers: whole, and within these. */
  readonly min?: number;
  readonly max?: number;
}

/** A parameter that is a whole number, with its default in the type. */
export type Count<N extends number> = Required<Parameter<N>>;

type Widened<T> = T extends number ? number : T extends string ? string : boolean;
type Parameters = Readonly<Record<string, Parameter>>;
/** The values of a workload's parameters. */
export type ValuesOf<P extends Parameters> = { readonly [K in keyof P]: Widened<P[K]['default']> };

/** What a workload is given: any parameter where its own are not known. */
type Given<P extends Parameters> = WorkloadOptions & (string extends keyof P ? object : Partial<ValuesOf<P>>);

/** A workload, as a function that plays it and as data. `WORKLOADS` has all of them. */
export interface Workload<P extends Parameters = Parameters> {
  /**
   * Plays the steps into `kernel`, and returns how many messages they were. A reboot or a carrier
   * is passed over.
   */
  (kernel: Player, options?: Given<P>): number;
  /** As in plans: `oom-kill`. */
  readonly id: string;
  readonly about: string;
  readonly parameters: P;
  /** EINVAL, with the parameter's name, for an unknown one or a wrong value. */
  steps(options?: Given<P>): Iterable<Step>;
}

/** What `workload` makes a workload of. */
export interface Definition<P extends Parameters> {
  readonly id: string;
  readonly about: string;
  readonly parameters: P;
  /** The steps, drawn from the scene: the same scene and values give the same steps. */
  readonly steps: (scene: Scene, values: ValuesOf<P>) => Iterable<Step>;
}

const COMMON: OptionRules<WorkloadOptions> = { seed: wholeNumber(0), machine: having('an object'), nowUsec: number(0) };
const MACHINE: OptionRules<MachineFacts> = {
  release: text,
  cpus: wholeNumber(1),
  memoryMiB: wholeNumber(1),
  nic: text,
  disk: text,
};
const DEFINITION: OptionRules<Definition<Parameters>> = {
  id: text,
  about: text,
  parameters: having('an object'),
  steps: callback,
};

/** Makes a workload of its definition. */
export function workload<const P extends Parameters>(definition: Definition<P>): Workload<P> {
  checkOptions<Definition<Parameters>>('workload', definition as never, DEFINITION, [
    'id',
    'about',
    'parameters',
    'steps',
  ]);
  const { id, about, parameters } = definition;
  const steps = (options: Given<P> = {} as Given<P>): Iterable<Step> => {
    const values = valuesOf(definition, options);
    return definition.steps(
      {
        draw: new Draw(options.seed ?? 1),
        machine: { ...DEFAULT_MACHINE, ...options.machine },
        nowUsec: options.nowUsec ?? 0,
      },
      values,
    );
  };
  const play = (kernel: Player, options: Given<P> = {} as Given<P>): number =>
    playSteps(kernel, steps({ nowUsec: kernel.now(), ...options }));
  return Object.assign(play, { id, about, parameters, steps });
}

function valuesOf<P extends Parameters>({ id, parameters }: Definition<P>, options: object): ValuesOf<P> {
  const given = options as Readonly<Record<string, unknown>>;
  const wrong = (what: string) => new KernelError('EINVAL', 'workload', `${id}: ${what}`);
  const values: Record<string, Value> = {};
  for (const [name, { default: value }] of Object.entries(parameters)) values[name] = value;
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue;
    if (Object.hasOwn(COMMON, name)) {
      checkArgument(id, name, value, COMMON[name as keyof typeof COMMON]);
      if (name === 'machine') checkOptions(id, value as Partial<MachineFacts>, MACHINE);
      continue;
    }
    const parameter = parameters[name];
    if (parameter === undefined) {
      throw wrong(`there is no parameter "${name}": it has ${Object.keys(parameters).join(', ') || 'none'}`);
    }
    const { min = 0, max = 2 ** 31 } = parameter;
    if (typeof value !== typeof parameter.default) {
      throw wrong(`${name} ${JSON.stringify(value)}: give a ${typeof parameter.default}`);
    }
    if (typeof value === 'number' && !(Number.isInteger(value) && value >= min && value <= max)) {
      throw wrong(`${name} ${value}: give a whole number from ${min} to ${max}`);
    }
    values[name] = value as Value;
  }
  return values as ValuesOf<P>;
}

/** Plays steps into a kernel; returns how many messages there were. */
export function playSteps(kernel: Player, steps: Iterable<Step>): number {
  let messages = 0;
  const log = (lines: Iterable<Message>) => {
    for (const line of lines) {
      pass(kernel, line.afterUsec);
      printMessage(kernel, line);
      messages++;
    }
  };
  for (const step of steps) {
    pass(kernel, step.afterUsec);
    if (step.does === undefined) {
      printMessage(kernel, step);
      messages++;
    } else if (step.does === 'oops') kernel.oops(() => log(step.lines));
    else if (step.does === 'panic') kernel.panic(step.message, { trace: () => log(step.lines) });
    else if (step.does === 'stall') kernel.batch(() => log(step.lines));
  }
  return messages;
}

function pass(kernel: Player, usec = 0): void {
  if (usec > 0) kernel.advanceTo(kernel.now() + Math.round(usec));
}

/** One message, with the newline that ends it unless it is unfinished. */
export function printMessage(kernel: Pick<Player, 'printk'>, message: Message): void {
  const { level, text, facility, dev, task, unfinished } = message;
  kernel.printk(unfinished ? text : `${text}\n`, {
    level,
    ...(facility !== undefined && { facility }),
    ...(dev !== undefined && { dev }),
    ...(task !== undefined && { task }),
  });
}
