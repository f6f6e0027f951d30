/** The options of `receive`, and a check that they make sense. */
import { isIP } from 'node:net';
import { SYSTEMS, type SystemName } from '../modules/index.js';
import { type DialectName, type ProtocolName, RECEIVER_DIALECTS } from '../receiver/index.js';
import type { WatchOptions } from './watch.js';

/** Options of `receive`. */
export interface ReceiveOptions extends WatchOptions {
  /** The UDP port; 0 takes any free one. Default 6666, or 2004 for netoops. */
  readonly port?: number;
  /** The address to listen on. Default: all, IPv6 and IPv4. */
  readonly host?: string;
  /** Send acks and ask for what is missing. */
  readonly ack?: boolean;
  /** The dialect of acks and fragments. Default: `heo-2015` with `ack`, else `mainline`. */
  readonly dialect?: DialectName;
  /**
   * The system that the senders use, if it is not today's netconsole: netoops (2010), or the
   * netconsole of 2001 or 2003, which is plain.
   */
  readonly as?: SystemName;
  /**
   * With `as: '2001'`: the only server that is listened to, by its IP address; it must send from
   * the port listened on. Default: any.
   */
  readonly server?: string;
  /**
   * Take every datagram for text, as plain targets send it. By default the datagrams of each source
   * show what that source sends.
   */
  readonly plain?: boolean;
  /** Take every datagram for a record, and refuse text. */
  readonly extended?: boolean;
  /** Print one JSON object a line; the last one is the summary. */
  readonly json?: boolean;
  /** How many sockets there are, each read by its own thread. Default 1, in the calling thread. */
  readonly workers?: number;
  /** How many hosts the summary of `json` names, the worst first. Default 10. */
  readonly worst?: number;
  /** Write the summary as a page, too. */
  readonly report?: string;
  /** Stop after this many seconds. */
  readonly maxSeconds?: number;
  /** Stop after this many records (lines with `plain`, dumps with netoops, datagrams with 2001). */
  readonly maxRecords?: number;
}

/** The most seconds that a timer of Node can wait. */
const SECONDS_MAX = 2_147_483;
const WORKERS_MAX = 64;

/** Returns what is wrong with options, as the end of a sentence; undefined if nothing is. */
export function wrongOption(options: ReceiveOptions): string | undefined {
  const { port, host, ack, dialect, plain, extended, maxSeconds, maxRecords, as, server, workers } = options;
  if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port <= 65535))
    return 'the port must be a number from 0 to 65535';
  if (host !== undefined && isIP(host.split('%', 1)[0]!) === 0)
    return `'${host}' is not an IP address: give one of this machine's, or leave it out to listen on all`;
  if (dialect !== undefined && !Object.hasOwn(RECEIVER_DIALECTS, dialect))
    return `there is no dialect '${dialect}': choose ${Object.keys(RECEIVER_DIALECTS).join(', ')}`;
  if (ack === true && dialect === 'mainline')
    return 'mainline kernels listen to no acks: leave out the acks, or choose the dialect heo-2015 or netconsd';
  if (plain === true && (ack === true || dialect !== undefined))
    return 'plain targets know neither dialects nor acks: leave those out, or leave out plain';
  if (plain === true && extended === true)
    return 'a datagram is taken for text or for a record: leave out plain or extended';
  if (as !== undefined && !Object.hasOwn(SYSTEMS, as))
    return `there is no system '${as}': choose netoops, 2001 or 2003, or leave it out for today's`;
  if (as !== undefined && (ack === true || dialect !== undefined || plain === true || extended === true))
    return `${as} knows neither dialects nor acks nor other kinds of targets: leave those out`;
  if (server !== undefined && (as !== '2001' || isIP(server) === 0))
    return as === '2001' ? `'${server}' is not an IP address` : 'a server is named for 2001 only: leave it out';
  if (maxSeconds !== undefined && !(maxSeconds > 0 && maxSeconds <= SECONDS_MAX))
    return `the number of seconds must be above 0, ${SECONDS_MAX} at most`;
  if (maxRecords !== undefined && !(Number.isInteger(maxRecords) && maxRecords > 0))
    return 'the number of records must be a whole number above 0';
  if (workers !== undefined && !(Number.isInteger(workers) && workers >= 1 && workers <= WORKERS_MAX))
    return `the number of workers must be a whole number from 1 to ${WORKERS_MAX}`;
  if (workers !== undefined && workers > 1 && maxRecords !== undefined)
    return 'several workers do not count together: leave out the number of records, or use one worker';
  return undefined;
}

/** Returns the name of the protocol that the options choose. */
export function protocolName({ as, plain, extended }: ReceiveOptions): ProtocolName {
  if (as !== undefined) return as;
  if (plain === true) return 'plain';
  return extended === true ? 'extended' : 'auto';
}
