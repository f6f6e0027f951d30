/**
 * What one kernel generation does differently, as plain data. Code asks `profile.userdataItems`, never for a version.
 *
 * Every feature is a property here, which says what it means, and a row in `features.ts`, which says since when it holds.
 */

export interface Features {
  // printk

  /** `prb`: descriptor and text ring. `log`: the byte ring before 5.10. */
  readonly ring: 'prb' | 'log';
  /** A reservation may take at most this part of the text ring. */
  readonly recordShare: 'whole' | 'half';
  /** A block that ends exactly at the ring's end does not wrap. */
  readonly perfectFit: boolean;
  /** Largest reservation of one record, without a caller field. Linux: LOG_LINE_MAX, PRINTKRB_RECORD_MAX. */
  readonly recordMax: number;
  /** `recordMax` shrinks by the 16 bytes that a caller field takes. */
  readonly callerTakesRecord: boolean;
  /** The buffer that a plain record is formatted into. Linux: CONSOLE_LOG_MAX, PRINTK_MESSAGE_MAX. */
  readonly plainMax: number;
  /** The buffer that an extended record is formatted into. Linux: CONSOLE_EXT_LOG_MAX, PRINTK_MESSAGE_MAX. */
  readonly extMax: number;
  /** Where the notice of lost messages goes. */
  readonly droppedNotice: 'own-write' | 'prepended' | 'inline' | 'none';
  /** /dev/kmsg refuses longer writes. Linux: devkmsg_write(). */
  readonly kmsgWriteMax: number;
  /** printk.devkmsg and its rate limit exist. */
  readonly kmsgRatelimit: boolean;
  /** Consoles print from threads of their own; an oops reaches them only at the very end. */
  readonly nbcon: boolean;
  /** Records keep the CPU and the task's name of who logged. */
  readonly executionContext: boolean;
  /** A console's backlog is printed before the message that it is enabled is stored. */
  readonly registerFlushesFirst: boolean;
  /** What precedes `[NAME]` in the message of a console's registration; empty: there is no message. */
  readonly consolePrefix: string;
  /** Default of printk.time: consoles print the stamp. */
  readonly printkTime: boolean;

  // netconsole

  /** Flag `r` and attribute `release`; with them Kconfig's EXTENDED_LOG and PREPEND_RELEASE. */
  readonly releaseFeature: boolean;
  /** How booleans are read: an integer 0 or 1, or by the first letter, `e` and `d` included or not. Linux: kstrtobool(). */
  readonly booleans: 'int' | 'kstrtobool' | 'kstrtobool-ed';
  /** Parameter targets are called cmdlineN in configfs, and a bad one does not abort the load. */
  readonly cmdlineTargets: boolean;
  /** Keys a target's userdata/ may have; 0: no userdata. */
  readonly userdataItems: number;
  /** `late`: a value of 200 bytes fails after 199 were stored. `early`: it is refused whole. */
  readonly userdataTooLong: 'late' | 'early';
  /** userdata and sysdata share `userdataItems`. */
  readonly sysdataCounts: boolean;
  /** The kernel adds lines of its own to messages: cpu, taskname, release, msgid. */
  readonly sysdata: boolean;
  /** release_enabled shows the taskname bit. */
  readonly sysdataReleaseShowsTaskname: boolean;
  /** A target counts what it could not send, in `transmit_errors`. */
  readonly transmitErrors: boolean;
  /** Disabling or losing a device moves a target to the head of the list. */
  readonly cleanupList: boolean;
  /** The device field of the parameter may be a hardware address; the banner shows one. */
  readonly macBinding: boolean;
  /** Consoles exist only while a target of their kind does. */
  readonly consolesOnDemand: boolean;
  /** In front of banner and parser messages. */
  readonly bannerPrefix: string;
  /** In front of the messages of netpoll's setup. */
  readonly setupPrefix: string;
  /** What all of netconsole's own messages begin with. */
  readonly modulePrefix: string;
  /** configfs takes only whole IP addresses, and a write may change the family back. */
  readonly strictIp: boolean;
  /** DEACTIVATED targets, resumed when their device comes back. */
  readonly resume: boolean;
  /** The last byte of a message of exactly 1000 bytes is lost or becomes NUL. */
  readonly edgeBug: boolean;
  /** "network logging started" is logged before the target counts as enabled. */
  readonly startedBeforeEnabled: boolean;
  /** That message, on enabling through configfs, carries its prefix twice. */
  readonly startedPrefixTwice: boolean;
  /** A store returns the length up to a NUL, so that the rest is written again. */
  readonly storeReturnsStrlen: boolean;
  /** What becomes of a dev_name of 16 bytes or more. */
  readonly devNameTooLong: 'cut' | 'ENAMETOOLONG';

  // devices

  /** An interface may be renamed while it is up. */
  readonly liveRename: boolean;
  /** veth is flagged as unfit for netpoll. */
  readonly vethRefuses: boolean;

  // netpoll

  /** Carrier that comes at once is not believed. */
  readonly untrustworthyCarrier: boolean;
  /** `first4`: a source address whose first four bytes are zero counts as unset, in IPv6 too. */
  readonly unsetSource: 'first4' | 'family';
  /** Which own IPv6 address becomes the source: `not-linklocal`, or `scope` of the remote's kind. */
  readonly ipv6Source: 'not-linklocal' | 'scope';
  /** The IPv4 identification begins anew when the module is loaded. */
  readonly idPerModule: boolean;
  /** An address taken from the device is dropped again when setup fails. */
  readonly restoreSource: boolean;
  /** The device's own address, printed where it has no name, loses its last character. */
  readonly macCut: boolean;
}

export interface Profile extends Features {
  /** The name given to `createKernel({ profile })`. */
  readonly name: string;
  /** What `uname -r` prints unless `release` is given. */
  readonly release: string;
}
