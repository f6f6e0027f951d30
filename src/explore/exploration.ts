/** What comes of running a state on one kernel. */
import type { ProfileChoice } from '../profile/index.js';
import type { Row } from './rows.js';
import type { Arrival, Transmission } from './wire.js';

/** What one kernel did with a state. */
export interface Exploration {
  /** The name it was asked for by. */
  readonly asked: string;
  readonly choice: ProfileChoice;
  /** What this kernel does not have, or refuses. */
  readonly notes: readonly string[];
  readonly rows: readonly Row[];
  /** In the order in which they left, both ways. */
  readonly transmissions: readonly Transmission[];
  readonly arrivals: readonly Arrival[];
  /** /dev/kmsg at the end. */
  readonly kmsg: readonly Uint8Array[];
  /** Of a scenario: one for each operation. */
  readonly outcomes?: readonly unknown[];
}
