/**
 * A workload: a named event of a machine, with documented parameters. It is data (`steps`), or is
 * played into a kernel.
 *
 *   oomKill(kernel, { seed: 7, victim: 'postgres' });     plays it, with pauses in virtual time
 *   oomKill.steps({ seed: 7 });                           gives the same as data
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
  nearest,
  number,
  type OptionRules,
  shown,
  text,
  wholeNumber,
} from '../options.js';
import { Draw } from './draw.js';
import { DEFAULT_MACHINE, type MachineFacts, type Message, type Step } from './step.js';

/** The options that every workload takes beside its own parameters. */
export interface WorkloadOptions {
  /** The seed of all draws. Default 1. */
  readonly seed?: number;
  /** The machine that the texts name. What is left out is `DEFAULT_MACHINE`'s. */
  readonly machine?: Partial<MachineFacts>;
  /**
   * Microseconds since the machine's boot, for texts that name a time. Default: the kernel's time
   * where the workload is played, else 0.
   */
  readonly nowUsec?: number;
}

/** What a workload makes its steps from. */
export interface Scene {
  /** The source of all that is random in the texts. */
  readonly draw: Draw;
  /** The machine that the texts name, whole. */
  readonly machine: MachineFacts;
  /** Microseconds since the machine's boot. */
  readonly nowUsec: number;
}

/** The part of a kernel that a workload needs. `Kernel` is one. */
export interface Player {
  /** Returns the microseconds since boot. */
  now(): number;
  /** Lets virtual time pass until `usec` since boot. */
  advanceTo(usec: number): void;
  /** Logs a message. The newline at its end finishes the line. */
  printk(text: string, options?: object): number;
  /** Makes the kernel oops; `trace` logs what it prints. */
  oops(trace: () => void): void;
  /** Makes the kernel panic; `trace` logs what it prints. */
  panic(message: string, options?: { readonly trace?: () => void }): void;
  /** Calls `fn`, during which the consoles get no turn. */
  batch<T>(fn: () => T): T;
}

type Value = string | number | boolean;

/** A parameter of a workload. It takes values of the same type as its default. */
export interface Parameter<T extends Value = Value> {
  /** The value if none is given; its type is the parameter's. */
  readonly default: T;
  /** What the parameter means, in a few words. */
  readonly about: string;
  /** The least value of a number, which must be whole. Default 0. */
  readonly min?: number;
  /** The largest value of a number. Default 2^31. */
  readonly max?: number;
}

/** A parameter that is a whole number, with its default in the type. */
export type Count<N extends number> = Required<Parameter<N>>;

type Widened<T> = T extends number ? number : T extends string ? string : boolean;
/** The parameters of a workload, by name. */
export type Parameters = Readonly<Record<string, Parameter>>;
/** The values of a workload's parameters. */
export type ValuesOf<P extends Parameters> = { readonly [K in keyof P]: Widened<P[K]['default']> };

/** The options of a workload: any parameters where the type does not say which it has. */
export type OptionsOf<P extends Parameters> = WorkloadOptions &
  (string extends keyof P ? object : Partial<ValuesOf<P>>);

/** A workload: a function that plays it, and the same as data. `WORKLOADS` holds all of them. */
export interface Workload<P extends Parameters = Parameters> {
  /**
   * Plays the steps into `kernel`, and returns the number of messages. Leaves out reboots and
   * carriers, which a kernel cannot do by itself.
   */
  (kernel: Player, options?: OptionsOf<P>): number;
  /** The name that plans use, such as `oom-kill`. */
  readonly id: string;
  /** What happens, in a sentence. */
  readonly about: string;
  /** The parameters by name, with their defaults. */
  readonly parameters: P;
  /** Returns the steps. Throws EINVAL, naming the parameter, for an unknown one or a bad value. */
  steps(options?: OptionsOf<P>): Iterable<Step>;
}

/** What `workload` makes a workload from. */
export interface Definition<P extends Parameters> {
  /** The name that plans use. */
  readonly id: string;
  /** What happens, in a sentence. */
  readonly about: string;
  /** The parameters by name, with their defaults. */
  readonly parameters: P;
  /** Makes the steps. The same scene and values must give the same steps. */
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

/** Makes a workload from its definition. */
export function workload<const P extends Parameters>(definition: Definition<P>): Workload<P> {
  checkOptions<Definition<Parameters>>('workload', definition as never, DEFINITION, [
    'id',
    'about',
    'parameters',
    'steps',
  ]);
  const { id, about, parameters } = definition;
  const steps = (options: OptionsOf<P> = {} as OptionsOf<P>): Iterable<Step> => {
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
  const play = (kernel: Player, options: OptionsOf<P> = {} as OptionsOf<P>): number =>
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
    const parameter = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
    if (parameter === undefined) {
      const names = Object.keys(parameters);
      const near = nearest(name, names);
      const hint = near === undefined ? `the parameters are ${names.join(', ') || 'none'}` : `did you mean "${near}"?`;
      throw wrong(`there is no parameter "${name}"; ${hint}`);
    }
    const { min = 0, max = 2 ** 31 } = parameter;
    if (typeof value !== typeof parameter.default) {
      throw wrong(`${name} is ${shown(value)}, not a ${typeof parameter.default}`);
    }
    if (typeof value === 'number' && !(Number.isInteger(value) && value >= min && value <= max)) {
      throw wrong(`${name} is ${value}, not a whole number from ${min} to ${max}`);
    }
    values[name] = value as Value;
  }
  return values as ValuesOf<P>;
}

/** Plays steps into a kernel, and returns the number of messages. */
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

/** Logs one message, with the newline that ends it unless it is unfinished. */
export function printMessage(kernel: Pick<Player, 'printk'>, message: Message): void {
  const { level, text, facility, dev, task, unfinished } = message;
  kernel.printk(unfinished ? text : `${text}\n`, {
    level,
    ...(facility !== undefined && { facility }),
    ...(dev !== undefined && { dev }),
    ...(task !== undefined && { task }),
  });
}
