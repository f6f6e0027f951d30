/**
 * One target, and what may happen to it.
 *
 *   DISABLED --write 1--> SETTINGUP --setup--> ENABLED, or DISABLED if that fails
 *   ENABLED --write 0, or its device goes or lets slaves go--> CLEANING --> DISABLED
 *
 * In SETTINGUP and CLEANING every request is refused with EBUSY. So is enabling a target twice;
 * disabling it twice is not. A target of the parameter that has lost its device stays disabled for
 * ever: it has no directory.
 *
 * Source: net/core/netpoll_targets.c of the netoops series.
 */
import type { ConfigGroup } from '../../configfs/index.js';
import { KernelError } from '../../errno.js';
import type { KernelContext } from '../../kernel/context.js';
import { ERAS, printOptions, setupNetpoll } from '../../netpoll/eras/index.js';
import { Netpoll } from '../../netpoll/index.js';
import { NETOOPS_PORT } from '../../wire/netoops.js';

/** The states of a target: see the head of this file. */
export const NetpollState = { DISABLED: 0, SETTINGUP: 1, ENABLED: 2, CLEANING: 3 } as const;
/** One of the values of `NetpollState`. */
export type NetpollState = (typeof NetpollState)[keyof typeof NetpollState];

const ERA = ERAS['2.6.32'];

/** What a target of netoops shows to users. It is changed through configfs. */
export interface NetoopsTarget {
  /** Only an `ENABLED` target is sent the log. */
  readonly state: NetpollState;
}

/** One target of netoops. Users are shown it as a `NetoopsTarget`. */
export class Target implements NetoopsTarget {
  /** Only an `ENABLED` target is sent the log. */
  state: NetpollState = NetpollState.DISABLED;
  /** The target's directory; undefined for a target of the parameter. */
  group: ConfigGroup | undefined;
  /** The netpoll that sends. Its `options` have the target's addresses and ports. */
  readonly np: Netpoll;
  readonly #context: KernelContext;

  /** `name` is what the target's messages begin with. */
  constructor(context: KernelContext, name: string) {
    this.#context = context;
    this.np = new Netpoll(context.netpoll, {
      name,
      devName: 'eth0',
      devMac: new Uint8Array(6),
      localPort: NETOOPS_PORT,
      remotePort: NETOOPS_PORT,
      localIp: new Uint8Array(16),
      remoteIp: new Uint8Array(16),
      ipv6: false,
      remoteMac: new Uint8Array(6).fill(0xff),
      era: ERA.netpoll,
    });
  }

  /** Finds and opens the device. Throws whatever that throws. */
  setup(): void {
    this.state = NetpollState.SETTINGUP;
    try {
      setupNetpoll(this.np, this.#context, ERA, this.#context.netpoll.carrierTimeout);
      this.state = NetpollState.ENABLED;
    } catch (error) {
      this.state = NetpollState.DISABLED;
      throw error;
    }
  }

  /** Handles a write of 1. Throws EBUSY unless the target is disabled. */
  enable(): void {
    if (this.state !== NetpollState.DISABLED) throw busy('it is enabled already, or about to be');
    printOptions(this.np.options, (level, text) => this.#context.log(level, text));
    this.setup();
    this.#context.log(6, `${this.np.options.name}: network logging started`);
  }

  /** Handles a write of 0. Throws EBUSY while the target is being set up or cleaned. */
  disable(): void {
    if (this.state === NetpollState.SETTINGUP || this.state === NetpollState.CLEANING)
      throw busy('it is changing just now');
    this.state = NetpollState.CLEANING;
    this.np.cleanup();
    this.state = NetpollState.DISABLED;
  }

  /** Hears that the device is going; a worker releases it. */
  lostDevice(): void {
    this.state = NetpollState.CLEANING;
    this.#context.queueWork(() => {
      this.np.cleanup();
      this.state = NetpollState.DISABLED;
    });
  }

  /** Removes the target, whatever its state; a worker that comes later finds nothing to do. */
  drop(): void {
    this.np.cleanup();
    this.state = NetpollState.DISABLED;
  }
}

function busy(why: string): KernelError {
  return new KernelError('EBUSY', 'enabled', `the target cannot be changed: ${why}`);
}
