/**
 * What one kernel generation does differently, as plain data. Code asks `profile.userdataItems`,
 * never for a version.
 *
 * Every feature is a property here, which says what it means, and a row in `features.ts`, which
 * says since when it holds.
 */

/** What a kernel has of every feature: one column of the table in `features.ts`. */
export interface Features {
  // printk

  /** `prb`: descriptor and text ring. `log`: the byte ring before 5.10. */
  readonly ring: 'prb' | 'log';
  /** A reservation may take at most this part of the text ring. */
  readonly recordShare: 'whole' | 'half';
  /** A block that ends exactly at the ring's end does not wrap. */
  readonly perfectFit: boolean;
  /**
   * Largest reservation of one record, without a caller field. Linux: LOG_LINE_MAX,
   * PRINTKRB_RECORD_MAX.
   */
  readonly recordMax: number;
  /** Records may carry who logged them. Linux: CONFIG_PRINTK_CALLER. */
  readonly callerField: boolean;
  /** `recordMax` shrinks by the 16 bytes that a caller field takes. */
  readonly callerTakesRecord: boolean;
  /**
   * The buffer that a plain record is formatted into. Linux: CONSOLE_LOG_MAX, PRINTK_MESSAGE_MAX.
   */
  readonly plainMax: number;
  /**
   * The buffer that an extended record is formatted into. Linux: CONSOLE_EXT_LOG_MAX,
   * PRINTK_MESSAGE_MAX.
   */
  readonly extMax: number;
  /** Where the notice of lost messages goes. */
  readonly droppedNotice: 'own-write' | 'prepended' | 'inline' | 'none';
  /**
   * The notice is lost with a message that the console's level holds back; else the next one that
   * is printed carries it.
   */
  readonly filteredTakesNotice: boolean;
  /**
   * KERN_CONT is a marker, 0x01 and `c`, and several markers are read; before, one marker, and `d`
   * for the default level.
   */
  readonly contMarker: boolean;
  /** A text without newline is stored with the flag of a continuation. */
  readonly unfinishedIsCont: boolean;
  /**
   * A text without newline goes to the consoles at once, if none of them is extended. Linux:
   * cont_flush(), cont_print_text().
   */
  readonly unfinishedAtConsoles: boolean;
  /** While an extended console is registered nothing is joined: every fragment is a record. */
  readonly extStopsJoining: boolean;
  /**
   * In plain text a fragment that follows another has no prefix, and one that is followed no
   * newline.
   */
  readonly plainJoins: boolean;
  /**
   * The fourth field of a fragment in extended text: `c` alone; `c+`: `+` for one that follows
   * another; `c+cont`: `+` for such a one only if both are continuations.
   */
  readonly fragmentFlag: 'c' | 'c+' | 'c+cont';
  /** /dev/kmsg refuses longer writes. Linux: devkmsg_write(). */
  readonly kmsgWriteMax: number;
  /** printk.devkmsg and its rate limit exist. */
  readonly kmsgRatelimit: boolean;
  /**
   * Which part of `<N>` must not be 0 to name a facility: the `whole` of N>>3, or only the 8 bits
   * of it that are kept (`cut`).
   */
  readonly kmsgFacility: 'whole' | 'cut';
  /** What SysRq `c` does: it dereferences NULL, and the oops ends in a panic, or it panics. */
  readonly sysrqCrash: 'oops' | 'panic';
  /** The last line of a panic ends in ` ]---`. */
  readonly panicEndCloses: boolean;
  /** That line still counts as part of the panic, for `oops_only`. */
  readonly panicEndInside: boolean;
  /** The header of a SysRq is logged in two pieces. */
  readonly sysrqInFragments: boolean;
  /** Consoles print from threads of their own; an oops reaches them only at the very end. */
  readonly nbcon: boolean;
  /** Records keep the CPU and the task's name of who logged. */
  readonly executionContext: boolean;
  /** A console's backlog is printed before the message that it is enabled is stored. */
  readonly registerFlushesFirst: boolean;
  /**
   * What precedes `[NAME]` in the message of a console's registration; empty: there is no message.
   */
  readonly consolePrefix: string;
  /** Default of printk.time: consoles print the stamp. */
  readonly printkTime: boolean;

  // netconsole

  /** Flag `r` and attribute `release`; with them Kconfig's EXTENDED_LOG and PREPEND_RELEASE. */
  readonly releaseFeature: boolean;
  /** How an attribute reads booleans: an integer 0 or 1, or by `kstrtobool`. */
  readonly booleans: 'int' | 'kstrtobool';
  /**
   * How module parameters read them, by the first letter or two: 0, 1, y and n; then also on and of
   * (`on-off`), t and f (`true-false`), e and d (`enable-disable`). Linux: kstrtobool().
   */
  readonly kstrtobool: 'yn' | 'on-off' | 'true-false' | 'enable-disable';
  /** Parameter targets are called cmdlineN in configfs. */
  readonly cmdlineTargets: boolean;
  /** A bad target in the parameter aborts the load. */
  readonly cmdlineFatal: boolean;
  /** Keys a target's userdata/ may have; 0: no userdata. */
  readonly userdataItems: number;
  /** `late`: a value of 200 bytes fails after 199 were stored. `early`: it is refused whole. */
  readonly userdataTooLong: 'late' | 'early';
  /** The kernel adds lines of its own to messages: cpu, taskname, release. */
  readonly sysdata: boolean;
  /** The kernel also adds a count of messages: msgid. */
  readonly sysdataMsgid: boolean;
  /** userdata and sysdata share `userdataItems`. */
  readonly sysdataCounts: boolean;
  /** release_enabled shows the taskname bit. */
  readonly sysdataReleaseShowsTaskname: boolean;
  /** A target counts what it could not send, in `transmit_errors`. */
  readonly transmitErrors: boolean;
  /** Disabling or losing a device moves a target to the head of the list. */
  readonly cleanupList: boolean;
  /** The device field of the parameter may be a hardware address; the banner shows one. */
  readonly macBinding: boolean;
  /** A console is registered when the first target of its kind is enabled. */
  readonly consolesOnDemand: boolean;
  /** A console is unregistered when a target is disabled and none of its kind is left. */
  readonly consolesUnregistered: boolean;
  /** The text in front of banner and parser messages. */
  readonly bannerPrefix: string;
  /** The text in front of the messages of netpoll's setup. */
  readonly setupPrefix: string;
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
  /** What happens to a dev_name of 16 bytes or more. */
  readonly devNameTooLong: 'cut' | 'ENAMETOOLONG';

  // devices

  /** An interface may be renamed while it is up. */
  readonly liveRename: boolean;
  /** veth is flagged as unfit for netpoll. */
  readonly vethRefuses: boolean;
  /**
   * netpoll wants a driver with a poll function of its own, which loopback and dummy do not have.
   * Linux: ndo_poll_controller.
   */
  readonly needsPollController: boolean;

  // netpoll

  /** Carrier that comes at once is not believed. */
  readonly untrustworthyCarrier: boolean;
  /** `first4`: a source address whose first four bytes are zero counts as unset, in IPv6 too. */
  readonly unsetSource: 'first4' | 'family';
  /**
   * Which own IPv6 address becomes the source: `not-linklocal`, or `scope` of the remote's kind.
   */
  readonly ipv6Source: 'not-linklocal' | 'scope';
  /** The IPv4 identification begins anew when the module is loaded. */
  readonly idPerModule: boolean;
  /** An address taken from the device is dropped again when setup fails. */
  readonly restoreSource: boolean;
  /** The device's own address, printed where it has no name, loses its last character. */
  readonly macCut: boolean;
  /**
   * The end of one target silences all others on its interface, until the next is enabled there.
   * Linux: __netpoll_cleanup().
   */
  readonly npinfoLost: boolean;
}

/** A kernel version: what is particular to it on the wire, in the log and in configfs. */
export interface Profile extends Features {
  /** The name given to `createKernel({ profile })`. */
  readonly name: string;
  /** What `uname -r` prints unless `release` is given. */
  readonly release: string;
}
