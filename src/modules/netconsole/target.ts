/** One netconsole target: who is sent what. Linux: struct netconsole_target. */

import type { ConfigGroup } from '../../configfs/index.js';
import { Netpoll, type NetpollCore, type RecordRun } from '../../netpoll/index.js';
import type { ReliableState } from './reliable.js';

/**
 * `deactivated`: its device went away; it is resumed when that comes back. Shown as not enabled.
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
  /** Frames given up for want of a slot. */
  enomemCount: number;
  /** Records sent, and the frames they took. */
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
  /** In configfs; undefined for a target of the parameter that has no directory. */
  name: string | undefined;
  state: TargetState = 'disabled';
  extended = false;
  /** Puts the kernel release in front of every extended message. */
  release = false;
  readonly np: Netpoll;
  group: ConfigGroup | undefined;
  /** In creation order; value '' is left out. */
  readonly userdata: Map<string, { value: string }> = new Map();
  /** The formatted lines, in the kernel's heap; 0: none. */
  userdataAt = 0;
  userdataLength = 0;
  readonly sysdataFields: SysdataFields = { cpuNr: false, taskname: false, release: false, msgid: false };
  msgcounter = 0;
  /** Refilled by every run of records that is sent straight. */
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
