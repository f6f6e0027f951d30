/** The result of running a state on one kernel. */
import type { ProfileChoice } from '../profile/index.js';
import type { Row } from './rows.js';
import type { Arrival, Transmission } from './wire.js';

/** What one kernel did with a state. */
export interface Exploration {
  /** The name by which the kernel was asked for. */
  readonly asked: string;
  /** The profile that ran, and how sure that choice is. */
  readonly choice: ProfileChoice;
  /** Warnings, and what this kernel lacks or refuses, one sentence each. */
  readonly notes: readonly string[];
  /** What became of each record. */
  readonly rows: readonly Row[];
  /** The datagrams of both directions, in the order in which they left. */
  readonly transmissions: readonly Transmission[];
  /** What the receivers delivered, in order of time. */
  readonly arrivals: readonly Arrival[];
  /** The records that /dev/kmsg holds at the end. */
  readonly kmsg: readonly Uint8Array[];
  /** The outcome of each operation, if the state is a scenario. */
  readonly outcomes?: readonly unknown[];
}
