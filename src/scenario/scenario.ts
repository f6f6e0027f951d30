/** The form of a scenario file: what is done to a kernel, in order. */

import { KernelError } from '../errno.js';
import type { ModuleName } from '../modules/index.js';
import { checkArgument, text as string } from '../options.js';
import { encodeText } from '../wire/text.js';
import { fromHex } from './bytes.js';
import { scenarioFault } from './operations.js';

/**
 * One operation. Paths are relative to configfs's `netconsole/`, or the module's; `hex` may stand
 * in place of `data`.
 */
export interface ScenarioOp {
  readonly op: string;
  /** Of operations on a module other than netconsole: see `modules.ts`. */
  readonly module?: ModuleName;
  readonly params?: string;
  readonly path?: string;
  readonly data?: string;
  readonly hex?: string;
  readonly args?: string;
  readonly name?: string;
  readonly level?: number;
  readonly key?: string;
  readonly run?: string;
  readonly seconds?: number;
  readonly ms?: number;
  readonly from?: string;
  readonly to?: string;
  /** Of a load of 2001, 2003 or 2010: with the system's known defects. */
  readonly withDefects?: boolean;
}

/** A scenario: what a machine is booted with, and what is done to it, in order. */
export interface Scenario {
  readonly about?: string;
  /** Of the kernel: loglevel=, quiet, ignore_loglevel, log_buf_len=, printk.devkmsg=, panic=. */
  readonly cmdline?: string;
  readonly smp?: number;
  readonly ops: readonly ScenarioOp[];
  /** Profile. */
  readonly kernel?: string;
  /** Dialect of acks and emergency frames: off unless named. */
  readonly reliable?: string;
  readonly hz?: number;
  /** Microseconds since boot at the start. */
  readonly start?: number;
}

/** "ok", the name of an errno, or what was read; null: the operation has none. */
export type Outcome = string | { readonly data: string } | null;

/** A scenario that makes no sense; the message names the operation by its number, from 0. */
export class ScenarioError extends KernelError {
  constructor(message: string, options?: { readonly cause?: unknown }) {
    super('EINVAL', 'scenario', message, options);
    this.name = 'ScenarioError';
  }
}

/** Reads a scenario file's text; ScenarioError says what is wrong with it. */
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

/** The bytes an operation writes. */
export function opBytes(op: ScenarioOp): Uint8Array {
  if (op.hex !== undefined) return fromHex(op.hex);
  return encodeText(op.data ?? '');
}
