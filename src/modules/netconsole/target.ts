/** One netconsole target: who is sent what. Linux: struct netconsole_target. */

import type { ConfigGroup } from '../../configfs/index.js';
import { Netpoll, type NetpollCore, type RecordRun } from '../../netpoll/index.js';
import { showAs } from '../../show.js';
import type { ReliableState, ReliableStats } from './reliable.js';

/**
 * `deactivated`: the target's device went away; the target is resumed when it comes back, and is
 * shown as not enabled until then.
 */
export type TargetState = 'disabled' | 'enabled' | 'deactivated';

/** What the kernel adds to extended messages by itself. Linux: enum sysdata_feature. */
export interface SysdataFields {
  /** ` cpu=N`: the processor that logged the record, or that sends it, depending on the version. */
  cpuNr: boolean;
  /** ` taskname=COMM`: the name of the task that runs there. */
  taskname: boolean;
  /** ` release=RELEASE`: what `uname -r` prints. */
  release: boolean;
  /** ` msgid=N`: a number that grows by 1 with each message to the target. */
  msgid: boolean;
}

/** Counted for each target since it was made. */
export interface TargetStats {
  /** Frames given up because the device was gone or down. */
  xmitDropCount: number;
  /** Frames given up because there was no free slot. */
  enomemCount: number;
  /** Records that the target was handed while it was up. */
  records: number;
  /** Frames sent, or queued for a busy device, with those that carried a record again. */
  frames: number;
  /** Frames that carried `ncfrag`. */
  fragments: number;
  /** Records sent again because the receiver asked for them. */
  retransmits: number;
  /** Records sent again unasked, as no ack came. */
  emergencies: number;
}

/** What a target of netconsole shows to users. It is changed through configfs. */
export interface NetconsoleTarget {
  /** Its name in configfs; undefined for a target of the parameter that has no directory. */
  readonly name: string | undefined;
  /** Only an `enabled` target sends. */
  readonly state: TargetState;
  /** Whether the state is `enabled`. The device may be down all the same. */
  readonly enabled: boolean;
  /** Whether the target is sent the extended format; if not, plain text. */
  readonly extended: boolean;
  /** Whether the kernel release stands in front of every extended message. */
  readonly release: boolean;
  /** Counted since the target was made. The object is the target's own and goes on counting. */
  readonly stats: Readonly<TargetStats>;
  /** What the receiver acked and asked for; undefined without the reliable extension. */
  readonly reliable: TargetAcks | undefined;
}

/** What a receiver of the reliable extension has told a target. It goes on changing. */
export interface TargetAcks {
  /** The highest acked seq; 0 if there was no ack. */
  readonly ackSeq: number;
  /** What the receiver asked for, since the extension was turned on for the target. */
  readonly stats: Readonly<ReliableStats>;
}

/**
 * One target: whom netconsole sends to, in which form, and what has become of it. Users are shown
 * it as a `NetconsoleTarget`. Linux: struct netconsole_target.
 */
export class Target implements NetconsoleTarget {
  /** Its name in configfs; undefined for a target of the parameter that has no directory. */
  name: string | undefined;
  /** Only an `enabled` target sends. */
  state: TargetState = 'disabled';
  /** Whether the target is sent the extended format; if not, plain text. */
  extended = false;
  /** Puts the kernel release in front of every extended message. */
  release = false;
  /** The netpoll that sends. Its `options` have the target's addresses and ports. */
  readonly np: Netpoll;
  /** The target's directory in configfs; undefined while it has none. */
  group: ConfigGroup | undefined;
  /** By key, in the order in which the keys were made. An empty value is not sent. */
  readonly userdata: Map<string, { value: string }> = new Map();
  /** Where the formatted lines lie in the kernel's heap; 0 if there are none. */
  userdataAt = 0;
  /** How many bytes those lines have. */
  userdataLength = 0;
  /** Which lines of sysdata end each extended message. */
  readonly sysdataFields: SysdataFields = { cpuNr: false, taskname: false, release: false, msgid: false };
  /** The last number that a message carried as `msgid`, of 32 bits. */
  msgcounter = 0;
  /** Filled in anew for every run of records that is sent straight. */
  readonly run: RecordRun = { ring: 0, seq: 0, count: 0, room: 0, loglevel: 0, caller: 0 };
  /** Counted since the target was made. The object is the target's own and goes on counting. */
  readonly stats: TargetStats = {
    xmitDropCount: 0,
    enomemCount: 0,
    records: 0,
    frames: 0,
    fragments: 0,
    retransmits: 0,
    emergencies: 0,
  };
  /** Acks, retransmission and emergency transmission; undefined: off. */
  reliable: ReliableState | undefined;

  constructor(core: NetpollCore) {
    this.np = new Netpoll(core, {
      name: 'netconsole',
      devName: 'eth0',
      devMac: new Uint8Array(6),
      localPort: 6665,
      remotePort: 6666,
      localIp: new Uint8Array(16),
      remoteIp: new Uint8Array(16),
      ipv6: false,
      remoteMac: new Uint8Array(6).fill(0xff),
    });
  }

  /** Whether the state is `enabled`. The device may be down all the same. */
  get enabled(): boolean {
    return this.state === 'enabled';
  }

  /** Whether any line of sysdata is on. */
  get sysdata(): boolean {
    const f = this.sysdataFields;
    return f.cpuNr || f.taskname || f.release || f.msgid;
  }
}

showAs(Target, ({ name, state, extended, release, stats }) => ({ name, state, extended, release, stats }));
