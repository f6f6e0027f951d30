/**
 * `receive`: listens on a UDP port and prints what hosts log to it, each host's records in order.
 */
import { isIP } from 'node:net';
import { type DialectName, RECEIVER_DIALECTS, type Source, type SourceKind } from '../receiver/index.js';
import { openReport } from '../report/index.js';
import { NETOOPS_PORT } from '../wire/index.js';
import { type Listener, listen } from './listen.js';
import type { Stream } from './live.js';
import { endpoint, type Protocol, protocolFor } from './protocol.js';
import { type LoopStreams, run } from './receive-loop.js';
import { receiveShared } from './receive-workers.js';
import { openWatch, type Watch, type WatchOptions } from './watch.js';

/** Options of `receive`. */
export interface ReceiveOptions extends WatchOptions {
  /** Default 6666, of netoops 2004. 0: any free one. */
  readonly port?: number;
  /** The address to listen on. Default: all, IPv6 and IPv4. */
  readonly host?: string;
  /** Send acks and ask for what is missing. */
  readonly ack?: boolean;
  /** Default: `heo-2015` with `ack`, else `mainline`. */
  readonly dialect?: DialectName;
  /**
   * The senders' system, where it is not today's: netoops (2010), or the netconsole of 2001 or
   * 2003, which is plain.
   */
  readonly as?: 'netoops' | '2001' | '2003';
  /**
   * With `as: '2001'`: the only server that is listened to, by its IP address; it must send from
   * the port listened on. Default: any.
   */
  readonly server?: string;
  /**
   * Take every datagram for text, as plain targets send it. Default: that is told of each source by
   * its datagrams.
   */
  readonly plain?: boolean;
  /** Take every datagram for a record, and refuse text. */
  readonly extended?: boolean;
  /** One JSON object a line, the last one a summary. */
  readonly json?: boolean;
  /** Sockets, each read by a thread of its own. Default 1: in the calling thread. */
  readonly workers?: number;
  /** Of the summary of `json`: hosts that are named, the worst first. Default 10. */
  readonly worst?: number;
  /** Write the summary as a page, too. */
  readonly report?: string;
  /** Stop after this long. */
  readonly maxSeconds?: number;
  /** Stop after so many records (lines with `plain`, dumps with netoops, datagrams with 2001). */
  readonly maxRecords?: number;
}

const SECONDS_MAX = 2_147_483;
const WORKERS_MAX = 64;

/**
 * Prints to `out`, the summary and what is wrong to `err`. Returns when `maxSeconds` or
 * `maxRecords` is reached, on SIGINT and on SIGTERM, or when nobody reads `out` any more. The exit
 * code: 0, or 1 if it could not listen or write.
 */
export async function receive(options: ReceiveOptions, out: Stream, err: Stream = process.stderr): Promise<number> {
  const wrong = wrongOption(options);
  if (wrong !== undefined) {
    err.write(`receive: ${wrong}\n`);
    return 1;
  }
  using page = options.report === undefined ? undefined : openReport(options.report, { files: [] });
  const port = options.port ?? (options.as === 'netoops' ? NETOOPS_PORT : 6666);
  let listener: Listener;
  try {
    listener = await listen({ host: options.host, port });
  } catch (error) {
    err.write(`receive: ${explain(error as NodeJS.ErrnoException, options.host, port)}\n`);
    return 1;
  }
  let watch: Watch;
  try {
    watch = await openWatch('receive', options, { out, err });
  } catch (error) {
    listener.close();
    throw error;
  }
  const { address, port: bound } = listener;
  const ready = () => {
    err.write(`listening on ${endpoint({ address, port: bound })}\n`);
    if (options.server !== undefined) {
      err.write(`displaying netconsole output from server ${options.server}, client ${address}, UDP port ${bound}.\n`);
    }
  };
  const { workers = 1 } = options;
  const streams: LoopStreams = { out, err, watch, onSummary: (summary) => page?.write('receive', summary) };
  if (workers > 1) {
    // It was bound to find the port, and whether others listen there.
    listener.close();
    return await receiveShared({ options: { ...options, port: bound }, workers }, streams, ready);
  }
  ready();
  const told = (line: string) => watch.above(() => err.write(line));
  const protocol = protocolFor(options, bound, saysKind(told)) as Protocol<unknown>;
  return await run(protocol, listener, options, streams);
}

/** Says of each source that is not extended what it is, at its first such datagram. */
export function saysKind(tell: (line: string) => void): (source: Source, kind: SourceKind) => void {
  return (source, kind) => {
    const says =
      kind === 'plain'
        ? 'sends plain text: its target is not extended. It is printed as it comes; what is lost on the way does not show'
        : kind === 'mixed'
          ? 'sends both plain text and extended records'
          : undefined;
    if (says !== undefined) tell(`${endpoint(source)} ${says}\n`);
  };
}

function wrongOption(options: ReceiveOptions): string | undefined {
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
  if (as !== undefined && !['netoops', '2001', '2003'].includes(as))
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

function explain(error: NodeJS.ErrnoException, host: string | undefined, port: number): string {
  switch (error.code) {
    case 'EADDRINUSE':
      return `UDP port ${port} is in use: stop the program that listens there, or choose another port`;
    case 'EACCES':
    case 'EPERM':
      return `no permission to listen on UDP port ${port}: choose one above 1023, or run with CAP_NET_BIND_SERVICE`;
    case 'EADDRNOTAVAIL':
    case 'EINVAL':
      return `${host} is no address of this machine that can be listened on: choose another, or leave it out to listen on all`;
    default:
      return `cannot listen on UDP port ${port}: ${error.message}`;
  }
}
