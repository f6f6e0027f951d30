/** What a wire in memory is asked for, and whether that makes sense. */
import type { KernelOptions } from '../kernel/index.js';
import { checkImpairments, type Impairments } from '../net/impair.js';
import {
  callback,
  checkArgument,
  checkOptions,
  defined,
  either,
  having,
  listOf,
  type OptionRules,
  oneOf,
  text,
} from '../options.js';
import type { ReceiverOptions } from '../receiver/index.js';
import { RELIABLE_DIALECTS } from '../wire/dialects.js';
import type { OnDatagram } from './listener.js';

/** Options of a wire in memory, whether one host or many are on it. */
export interface WireOptions extends KernelOptions {
  /**
   * The targets of every host, in the syntax of the module parameter, several as an array or with
   * `;` between: extended (`+`) or plain, IPv4 or IPv6, on eth0. Without a source address a host's
   * own is taken. Default: one target, extended where the kernel has that.
   */
  readonly target?: string | readonly string[];
  /** Says whether a frame is lost: one that a kernel sent (`out`), or an answer (`in`). */
  readonly lose?: (frame: Uint8Array, direction: 'out' | 'in') => boolean;
  /**
   * A bad network between the hosts and whoever listens, with the options of `impairDevice`: `out`
   * is what the kernels send, `in` the answers. Each host's network draws from a seed of its own,
   * made of `seed`; delays and partitions are in virtual time, in microseconds since the wire was
   * made. A frame that `lose` picks does not get that far.
   */
  readonly impair?: Impairments;
  /** Options of the receivers. Their dialect is by default that of `reliable`, else `mainline`. */
  readonly receiver?: ReceiverOptions;
  /**
   * A receiver under test, which is called with each datagram as it arrives. What it throws comes
   * out of the call that sent the datagram. The library's own receivers still deliver, but leave
   * the answers to it, unless `receiver` has `respond: true`.
   */
  readonly onDatagram?: OnDatagram;
}

type OwnOptions = Pick<WireOptions, 'target' | 'lose' | 'impair' | 'receiver' | 'onDatagram'>;
const WIRE_RULES: OptionRules<OwnOptions> = {
  target: either(text, listOf(text, 1)),
  lose: callback,
  impair: having('impairments'),
  receiver: having('options of a receiver'),
  onDatagram: callback,
};

/** Throws EINVAL for options of the wire's own that make no sense; kernels judge theirs. */
export function checkWireOptions(options: WireOptions): void {
  const { target, lose, impair, receiver, onDatagram, reliable } = options;
  checkOptions<OwnOptions>('createHarness', defined({ target, lose, impair, receiver, onDatagram }), WIRE_RULES);
  if (impair !== undefined) checkImpairments('impair', impair);
  if (reliable !== undefined)
    checkArgument('createHarness', 'reliable', reliable, oneOf(...RELIABLE_DIALECTS.map(({ name }) => name)));
}
