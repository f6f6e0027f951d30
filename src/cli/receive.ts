/** `receive`: listens on a UDP port and prints what hosts log to it, each host's records in order. */
import dgram from 'node:dgram';
import { isIP, isIPv6 } from 'node:net';
import {
  createReceiverSet,
  type DialectName,
  RECEIVER_DIALECTS,
  type Source,
  type SourceKind,
} from '../receiver/index.js';
import { NETOOPS_PORT } from '../wire/index.js';
import { address, itemName, type Protocol, protocolFor } from './protocol.js';

export interface ReceiveOptions {
  /** Default 6666, of netoops 2004. 0: any free one. */
  readonly port?: number;
  /** The address to listen on. Default: all, IPv6 and IPv4. */
  readonly host?: string;
  /** Send acks and ask for what is missing. */
  readonly ack?: boolean;
  /** Default: `heo-2015` with `ack`, else `mainline`. */
  readonly dialect?: DialectName;
  /** The senders' system, where it is not today's: netoops (2010), or the netconsole of 2001 or 2003, which is plain. */
  readonly as?: 'netoops' | '2001' | '2003';
  /** With `as: '2001'`: the only server that is listened to, by its IP address; it must send from the port listened on. Default: any. */
  readonly server?: string;
  /** Take every datagram for text, as plain targets send it. Default: that is told of each source by its datagrams. */
  readonly plain?: boolean;
  /** Take every datagram for a record, and refuse text. */
  readonly extended?: boolean;
  /** One JSON object a line, the last one a summary. */
  readonly json?: boolean;
  /** Stop after this long. */
  readonly maxSeconds?: number;
  /** Stop after so many records (lines with `plain`, dumps with netoops, datagrams with 2001). */
  readonly maxRecords?: number;
}

/** Room for a burst while we print; the system may give less. */
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;
const SECONDS_MAX = 2_147_483;

/**
 * Prints to `out`, the summary and what is wrong to `err`. Returns when `maxSeconds` or `maxRecords` is reached, on SIGINT and
 * on SIGTERM, or when nobody reads `out` any more. The exit code: 0, or 1 if it could not listen or write.
 */
export async function receive(
  options: ReceiveOptions,
  out: NodeJS.WritableStream,
  err: NodeJS.WritableStream = process.stderr,
): Promise<number> {
  const wrong = wrongOption(options);
  if (wrong !== undefined) {
    err.write(`receive: ${wrong}\n`);
    return 1;
  }
  const port = options.port ?? (options.as === 'netoops' ? NETOOPS_PORT : 6666);
  let socket: dgram.Socket;
  try {
    socket = await listen(options.host, port);
  } catch (error) {
    err.write(`receive: ${explain(error as NodeJS.ErrnoException, options.host, port)}\n`);
    return 1;
  }
  const { address, port: bound } = socket.address();
  err.write(`listening on ${endpoint({ address, port: bound })}\n`);
  if (options.server !== undefined) {
    err.write(`displaying netconsole output from server ${options.server}, client ${address}, UDP port ${bound}.\n`);
  }
  return await run(protocolFor(options, bound, told(err)) as Protocol<unknown>, socket, options, out, err);
}

/** Says of each source that is not extended what it is, at its first such datagram. */
function told(err: NodeJS.WritableStream): (source: Source, kind: SourceKind) => void {
  return (source, kind) => {
    const says =
      kind === 'plain'
        ? 'sends plain text: its target is not extended. It is printed as it comes; what is lost on the way does not show'
        : kind === 'mixed'
          ? 'sends both plain text and extended records'
          : undefined;
    if (says !== undefined) err.write(`${endpoint(source)} ${says}\n`);
  };
}

function wrongOption(options: ReceiveOptions): string | undefined {
  const { port, host, ack, dialect, plain, extended, maxSeconds, maxRecords, as, server } = options;
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
  return undefined;
}

/** A bound socket: IPv6 and IPv4 on every address unless `host` says otherwise, IPv4 alone where there is no IPv6. */
async function listen(host: string | undefined, port: number): Promise<dgram.Socket> {
  if (host !== undefined) return bind(isIPv6(host) ? 'udp6' : 'udp4', host, port);
  try {
    return await bind('udp6', '::', port);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'EAFNOSUPPORT' && code !== 'EADDRNOTAVAIL' && code !== 'EPROTONOSUPPORT') throw error;
    return bind('udp4', '0.0.0.0', port);
  }
}

function bind(type: dgram.SocketType, address: string, port: number): Promise<dgram.Socket> {
  return new Promise((resolve, reject) => {
    const socket = dgram.createSocket({ type });
    socket.once('error', (error) => {
      socket.close();
      reject(error);
    });
    socket.bind({ address, port, exclusive: true }, () => {
      socket.removeAllListeners('error');
      try {
        socket.setRecvBufferSize(RECEIVE_BUFFER_BYTES);
      } catch {
        // The default will do.
      }
      resolve(socket);
    });
  });
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

function run(
  protocol: Protocol<unknown>,
  socket: dgram.Socket,
  options: ReceiveOptions,
  out: NodeJS.WritableStream,
  err: NodeJS.WritableStream,
): Promise<number> {
  const set = createReceiverSet<unknown>((source) => protocol.create(source));
  const json = options.json === true;
  const left = options.maxRecords ?? Number.POSITIVE_INFINITY;
  let printed = 0;
  let unsent = 0;
  let blocked = false;
  let timer: NodeJS.Timeout | undefined;

  return new Promise((resolve) => {
    const take = (): string => {
      let text = '';
      for (let next = printed < left ? set.next() : undefined; next !== undefined; ) {
        const { source, item } = next;
        if (json) text += `${JSON.stringify({ host: address(source), port: source.port, ...protocol.json(item) })}\n`;
        else for (const line of protocol.lines(item)) text += `${endpoint(source)} ${line}\n`;
        next = ++printed < left ? set.next() : undefined;
      }
      return text;
    };
    const pump = (): void => {
      for (let r = set.nextResponse(); r !== undefined; r = set.nextResponse()) {
        socket.send(r.payload, r.source.port, r.source.address, (error) => {
          if (error) unsent++;
        });
      }
      // What a slow reader does not take waits in the set, which is bounded and counts what it drops.
      const text = blocked ? '' : take();
      if (text !== '') blocked = !out.write(text);
      if (printed >= left) return void stop();
      clearTimeout(timer);
      const deadline = set.nextDeadline();
      if (deadline !== undefined) timer = setTimeout(tick, Math.max(1, Math.ceil(deadline - performance.now())));
    };
    const tick = (): void => {
      set.advance(performance.now());
      pump();
    };
    const drained = (): void => {
      blocked = false;
      pump();
    };
    const broken = (error: NodeJS.ErrnoException): void => {
      // Nobody reads any more, as with `| head`.
      if (error.code !== 'EPIPE') err.write(`receive: the output cannot be written: ${error.message}\n`);
      void stop(error.code === 'EPIPE' ? 0 : 1);
    };
    let stopping = false;
    const stop = async (failed?: number): Promise<void> => {
      if (stopping) return;
      stopping = true;
      for (const handle of [timer, limit]) clearTimeout(handle);
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, interrupted);
      out.off('drain', drained);
      socket.close();
      set.flush();
      const rest = failed === undefined ? take() : '';
      const { overrun, ...sources } = set.stats;
      const summary: Record<string, unknown> = { ...sources, ...set.totals(), unsent };
      summary['overrun'] = Number(summary['overrun'] ?? 0) + overrun;
      const last = json ? `${JSON.stringify({ summary: { printed, ...summary } })}\n` : '';
      // The error event follows the callback, and has to find a listener.
      const write = (done: () => void) =>
        out.write(rest + last, (error) => {
          if (!error) out.off('error', broken);
          done();
        });
      if (failed === undefined) await new Promise<void>(write);
      if (!json) err.write(`${summaryLine(printed, itemName(options), summary)}\n`);
      resolve(failed ?? 0);
    };
    const interrupted = (): void => void stop();
    const limit =
      options.maxSeconds === undefined ? undefined : setTimeout(interrupted, Math.ceil(options.maxSeconds * 1000));
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, interrupted);
    out.on('error', broken);
    out.on('drain', drained);
    socket.on('error', () => unsent++);
    socket.on('message', (payload, from) => {
      if (stopping) return;
      set.process(from.address, from.port, payload, performance.now());
      pump();
    });
  });
}

/** What is not 0, by name: whatever the protocol counts. */
function summaryLine(printed: number, what: string, { refused, ...counts }: Record<string, unknown>): string {
  const named = (of: object): string =>
    Object.entries(of)
      .filter(([, count]) => typeof count === 'number' && count > 0)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ');
  const why = named(refused ?? {});
  return [`${printed} ${what}${printed === 1 ? '' : 's'} printed`, named(counts), why && `refused: ${why}`]
    .filter((p) => p !== '')
    .join('; ');
}

function endpoint(source: Source): string {
  const text = address(source);
  return text.includes(':') ? `[${text}]:${source.port}` : `${text}:${source.port}`;
}
