/**
 * Checks the arguments of a kernel's verbs, before anything has changed. Each function returns the
 * value it was given, and throws EINVAL with the argument's name if that value is wrong.
 */
import type { Console } from '../console/index.js';
import type { Interface } from '../net/interface.js';
import {
  anyBytes,
  callback,
  checkArgument,
  checkOptions,
  either,
  having,
  type OptionRule,
  type OptionRules,
  text,
  wholeNumber,
} from '../options.js';
import type { Task } from '../printk/record.js';
import type { PanicOptions, SysrqOptions } from './panic.js';

const TEXT_OR_BYTES = either(text, anyBytes);
const CONSOLE: OptionRule = {
  expected: 'a console: { name, flags, emit }, a string, a number and a function',
  holds: (value) => {
    const { name, flags, emit } = (value ?? {}) as Partial<Console>;
    return typeof name === 'string' && typeof flags === 'number' && typeof emit === 'function';
  },
};
const INTERFACE = having('an interface', 'name', 'device');
const PANIC: OptionRules<PanicOptions> = { trace: callback, regs: anyBytes };
const SYSRQ: OptionRules<SysrqOptions> = { header: callback, trace: callback, after: callback };
const TASK: OptionRules<Task> = { pid: wholeNumber(0), comm: text, cpu: wholeNumber(0) };

/** Returns `fn`; throws EINVAL unless it is a function. */
export function aFunction<F>(op: string, name: string, fn: F): F {
  checkArgument(op, name, fn, callback);
  return fn;
}

/** Returns `value`; throws EINVAL unless it is a string. */
export function aString<S extends string>(op: string, name: string, value: S): S {
  checkArgument(op, name, value, text);
  return value;
}

/** Returns `value`; throws EINVAL unless it is a string or a Uint8Array. */
export function textOrBytes(op: string, name: string, value: string | Uint8Array): string | Uint8Array {
  checkArgument(op, name, value, TEXT_OR_BYTES);
  return value;
}

/** Returns the registers of an oops; throws EINVAL unless they are bytes, or left out. */
export function registers(regs: Uint8Array | undefined): Uint8Array | undefined {
  if (regs !== undefined) checkArgument('oops', 'regs', regs, anyBytes);
  return regs;
}

/** Returns `con`; throws EINVAL unless it has the name, flags and `emit` of a console. */
export function aConsole(op: string, con: Console): Console {
  checkArgument(op, 'console', con, CONSOLE);
  return con;
}

/** Returns `dev`; throws EINVAL unless it looks like what `addDevice` returns. */
export function anInterface(op: string, dev: Interface): Interface {
  checkArgument(op, 'dev', dev, INTERFACE);
  return dev;
}

/** Returns `task`; throws EINVAL unless it has a pid, a name and a processor. */
export function aTask(task: Task): Task {
  checkOptions('current', task, TASK, ['pid', 'comm', 'cpu']);
  return task;
}

/** Returns the options of `panic`; throws EINVAL for a wrong one, by its name. */
export function panicOptions(options: PanicOptions | undefined): PanicOptions | undefined {
  if (options !== undefined) checkOptions('panic', options, PANIC);
  return options;
}

/** Returns the options of `sysrq`; throws EINVAL for a wrong one, by its name. */
export function sysrqOptions(options: SysrqOptions): SysrqOptions {
  checkOptions('sysrq', options, SYSRQ);
  return options;
}
