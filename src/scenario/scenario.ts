/** The form of a scenario file, which says what is done to a kernel, in order. */

import { KernelError } from '../errno.js';
import type { ModuleName } from '../modules/index.js';
import { checkArgument, text as string } from '../options.js';
import type { ReliableDialect } from '../wire/dialects.js';
import { encodeText } from '../wire/text.js';
import { fromHex } from './bytes.js';
import { scenarioFault } from './operations.js';

/**
 * One operation. Paths are relative to the module's directory in configfs, which is `netconsole/`
 * without `module`. Bytes to write are in `data`, as text, or in `hex`.
 */
export interface ScenarioOp {
  /** The name of one of the `OPERATIONS`, which say what fields each takes. */
  readonly op: string;
  /** The module that the operation is on. Default: netconsole. See `modules.ts`. */
  readonly module?: ModuleName;
  /** The parameter of the module that is loaded. */
  readonly params?: string;
  /** The path in configfs. */
  readonly path?: string;
  /** The text to write. */
  readonly data?: string;
  /** The bytes to write, as pairs of hexadecimal digits. */
  readonly hex?: string;
  /** What stands behind `ip`. */
  readonly args?: string;
  /** The name of a parameter in /sys/module/netconsole/parameters. */
  readonly name?: string;
  /** The console loglevel to set. */
  readonly level?: number;
  /** The key of SysRq to press. */
  readonly key?: string;
  /** A line for the shell of a recorded machine; nothing here. */
  readonly run?: string;
  /** How long to wait, in seconds. */
  readonly seconds?: number;
  /** Virtual time, in milliseconds: to pass, or for which the console lock is held. */
  readonly ms?: number;
  /** ADDRESS:PORT from which a datagram comes, with IPv6 in brackets. */
  readonly from?: string;
  /** ADDRESS:PORT for which it is. */
  readonly to?: string;
  /** For a load of a module of 2001, 2003 or 2010: with the system's known defects. */
  readonly withDefects?: boolean;
}

/** A scenario: what a machine is booted with, and what is done to it, in order. */
export interface Scenario {
  /** What the scenario shows, for people. */
  readonly about?: string;
  /** The kernel's: loglevel=, quiet, ignore_loglevel, log_buf_len=, printk.devkmsg=, panic=. */
  readonly cmdline?: string;
  /** How many processors the recorded machine had; not used here. */
  readonly smp?: number;
  /** What is done, in order. */
  readonly ops: readonly ScenarioOp[];
  /** The name of the profile. Default: see `ScenarioRun`. */
  readonly kernel?: string;
  /** The dialect of acks and emergency frames. Default: none of these. */
  readonly reliable?: ReliableDialect['name'];
  /** Ticks per second. Default 250. */
  readonly hz?: number;
  /** Microseconds since boot at the start, if no recorded log guides the time. */
  readonly start?: number;
}

/** "ok", the name of an errno, or what was read; null if the operation can have none. */
export type Outcome = string | { readonly data: string } | null;

/** The error for a scenario that makes no sense. The message has the operation's number, from 0. */
export class ScenarioError extends KernelError {
  /** `message` says what is wrong, and in which operation. */
  constructor(message: string, options?: { readonly cause?: unknown }) {
    super('EINVAL', 'scenario', message, options);
    this.name = 'ScenarioError';
  }
}

/** Parses a scenario file. Throws ScenarioError, which says what is wrong with `file`. */
export function parseScenario(text: string, file: string): Scenario {
  checkArgument('parseScenario', 'text', text, string);
  checkArgument('parseScenario', 'file', file, string);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new ScenarioError(`${file} is not JSON: ${(error as Error).message}`);
  }
  const fault = scenarioFault(value);
  if (fault !== undefined) throw new ScenarioError(`${file} is no scenario: ${fault}`);
  return value as Scenario;
}

/** Returns the bytes that an operation writes. */
export function opBytes(op: ScenarioOp): Uint8Array {
  if (op.hex !== undefined) return fromHex(op.hex);
  return encodeText(op.data ?? '');
}
