/**
 * `receive`: listens on a UDP port and prints what hosts log to it, each host's records in order.
 */
import { shortened } from '../errno.js';
import type { Source, SourceKind } from '../receiver/index.js';
import { openReport } from '../report/index.js';
import { NETOOPS_PORT } from '../wire/index.js';
import { type Listener, listen } from './listen.js';
import type { Stream } from './live.js';
import { endpoint, protocolFor } from './protocol.js';
import { type LoopStreams, run } from './receive-loop.js';
import { type ReceiveOptions, wrongOption } from './receive-options.js';
import { receiveShared } from './receive-workers.js';
import { openWatch, type Watch } from './watch.js';

export type { ReceiveOptions } from './receive-options.js';

/**
 * Prints records to `out`, and what is wrong to `err`. The summary goes to `err`, with `json` to
 * `out`. Returns when `maxSeconds` or `maxRecords` is reached, on SIGINT and on SIGTERM, or when
 * nobody reads `out` any more. The exit code is 0; 1 if it could not listen or write; or 2 for
 * options that make no sense.
 */
export async function receive(options: ReceiveOptions, out: Stream, err: Stream = process.stderr): Promise<number> {
  const wrong = wrongOption(options);
  if (wrong !== undefined) {
    err.write(shortened(`receive: ${wrong}\n`));
    return 2;
  }
  using page = options.report === undefined ? undefined : openReport(options.report, { files: [] });
  const port = options.port ?? (options.as === 'netoops' ? NETOOPS_PORT : 6666);
  let listener: Listener;
  try {
    listener = await listen({ host: options.host, port });
  } catch (error) {
    err.write(shortened(`receive: ${explain(error as NodeJS.ErrnoException, options.host, port)}\n`));
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
    // This socket was bound only to find the port, and to see that nobody else listens there.
    listener.close();
    return await receiveShared({ options: { ...options, port: bound }, workers }, streams, ready);
  }
  ready();
  const told = (line: string) => watch.above(() => err.write(line));
  const protocol = protocolFor(options, bound, saysKind(told));
  return await run(protocol, listener, options, streams);
}

/** Returns an `onKind` that tells of each source that sends plain text, when it first does. */
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
