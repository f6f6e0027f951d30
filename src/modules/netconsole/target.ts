/** One netconsole target: who is sent what. Linux: struct netconsole_target. */

import type { ConfigGroup } from '../../configfs/index.js';
import { Netpoll, type NetpollCore, type RecordRun } from '../../netpoll/index.js';
import type { ReliableState } from './reliable.js';

/**
 * `deactivated`: the target's device went away; the target is resumed when it comes back, and is
 * shown as not enabled until then.
 */
export type TargetState = 'disabled' | 'enabled' | 'deactivated';

/** What the kernel adds to extended messages by itself. Linux: enum sysdata_feature. */
export interface SysdataFields {
  cpuNr: boolean;
  taskname: boolean;
  release: boolean;
  msgid: boolean;
}

/** Counted for each target since it was made. */
export interface TargetStats {
  /** Frames given up because the device was gone or down. */
  xmitDropCount: number;
  /** Frames given up because there was no free slot. */
  enomemCount: number;
  /** Records sent, and the frames that carried them. */
  records: number;
  frames: number;
  /** Frames that carried `ncfrag`. */
  fragments: number;
  retransmits: number;
  emergencies: number;
}

/**
 * One target: whom netconsole sends to, in which form, and what has become of it. Linux: struct
 * netconsole_target.
 */
export class NetconsoleTarget {
  /** Its name in configfs; undefined for a target of the parameter that has no directory. */
  name: string | undefined;
  state: TargetState = 'disabled';
  extended = false;
  /** Puts the kernel release in front of every extended message. */
  release = false;
  readonly np: Netpoll;
  group: ConfigGroup | undefined;
  /** By key, in the order in which the keys were made. An empty value is not sent. */
  readonly userdata: Map<string, { value: string }> = new Map();
  /** Where the formatted lines lie in the kernel's heap; 0 if there are none. */
  userdataAt = 0;
  userdataLength = 0;
  readonly sysdataFields: SysdataFields = { cpuNr: false, taskname: false, release: false, msgid: false };
  msgcounter = 0;
  /** Filled in anew for every run of records that is sent straight. */
  readonly run: RecordRun = { ring: 0, seq: 0, count: 0, room: 0, loglevel: 0, caller: 0 };
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

  get enabled(): boolean {
    return this.state === 'enabled';
  }

  get sysdata(): boolean {
    const f = this.sysdataFields;
    return f.cpuNr || f.taskname || f.release || f.msgid;
  }
}
