/**
 * `--metrics PORT`: serves the progress of a run to Prometheus, at http://127.0.0.1:PORT/metrics,
 * for as long as the run lasts.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';
import { LOSS_PLACES, type RunProgress } from '../run/progress.js';
import { UsageError } from './errors.js';

/** The metrics of a run. */
export interface Metrics {
  /** Takes the newest progress, which is served from then on. */
  update(progress: RunProgress): void;
  /** Ends the server. Idempotent. */
  close(): Promise<void>;
}

const LOOPBACK = '127.0.0.1';
const NONE: Metrics = { update: () => {}, close: () => Promise.resolve() };

/**
 * Starts to serve, and writes the address to `err`. `port` 0 takes any free port; with undefined
 * nothing is served. Throws UsageError for a port that is out of range or cannot be had.
 */
export async function openMetrics(
  port: number | undefined,
  command: string,
  err: NodeJS.WritableStream,
): Promise<Metrics> {
  if (port === undefined) return NONE;
  if (port > 65535) throw new UsageError(`--metrics ${port}: a port is a number from 0 to 65535`);
  let progress: RunProgress | undefined;
  const registry = await registryOf(command, () => progress);
  const server = createServer((request, response) => {
    const path = request.url?.split('?')[0];
    if (path !== '/metrics') {
      response.writeHead(404, { 'content-type': 'text/plain' }).end('the metrics are at /metrics\n');
      return;
    }
    registry.metrics().then(
      (text) => response.writeHead(200, { 'content-type': registry.contentType }).end(text),
      (error: unknown) => response.writeHead(500, { 'content-type': 'text/plain' }).end(`${String(error)}\n`),
    );
  });
  await listening(server, port);
  err.write(`metrics at http://${LOOPBACK}:${(server.address() as AddressInfo).port}/metrics\n`);
  return {
    update(now) {
      progress = now;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listening(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', ({ code, message }: NodeJS.ErrnoException) => {
      const why =
        code === 'EADDRINUSE'
          ? 'the port is in use: end the program that listens there, or choose another'
          : code === 'EACCES'
            ? 'no permission for that port: choose one above 1023'
            : message;
      reject(new UsageError(`--metrics ${port}: ${why}`, 1));
    });
    server.listen(port, LOOPBACK, resolve);
  });
}

type Known = Exclude<keyof RunProgress, 'late' | 'lost'>;

const COUNTERS: readonly (readonly [name: string, help: string, of: Known])[] = [
  ['frames_total', 'Frames that the device took, or datagrams that came in.', 'frames'],
  ['bytes_total', 'Bytes of those frames.', 'bytes'],
  ['asked_frames_total', 'Frames that were to leave by now.', 'asked'],
  ['records_total', 'Records sent or printed.', 'records'],
  ['fragments_total', 'Frames that carried a part of a record.', 'fragments'],
  ['acks_total', 'Acks of the reliable extension.', 'acks'],
  ['retransmissions_total', 'Records sent again because the receiver asked for them.', 'retransmits'],
  ['emergencies_total', 'Records sent again because no ack came.', 'emergencies'],
];

const GAUGES: readonly (readonly [name: string, help: string, of: Known, scale: number])[] = [
  [
    'emergency_interval_seconds',
    'The longest interval that an emergency transmission backs off with.',
    'emergencyMs',
    1e-3,
  ],
  ['hosts', 'Hosts of the run.', 'hosts', 1],
  ['hosts_up', 'Hosts that are up, or sources that were heard.', 'hostsUp', 1],
  ['run_seconds', 'How long the run has lasted.', 'seconds', 1],
  ['done_ratio', 'How much of the run is done, 0 to 1.', 'done', 1],
];

/** Makes a registry that calls `now` when it is read. What the run does not know has no sample. */
async function registryOf(command: string, now: () => RunProgress | undefined): Promise<Registry> {
  // The package is loaded only if metrics are asked for.
  const { Counter, Gauge, Registry } = await import('prom-client');
  const registry = new Registry();
  registry.setDefaultLabels({ command });
  const prefix = 'netconsole_emulator_';
  const registers = [registry];
  for (const [name, help, of] of COUNTERS) {
    new Counter({
      name: prefix + name,
      help,
      registers,
      collect() {
        this.reset();
        const value = now()?.[of];
        if (value === undefined) this.remove();
        else this.inc(value);
      },
    });
  }
  for (const [name, help, of, scale] of GAUGES) {
    new Gauge({
      name: prefix + name,
      help,
      registers,
      collect() {
        const value = now()?.[of];
        if (value === undefined) this.remove();
        else this.set(value * scale);
      },
    });
  }
  new Counter({
    name: `${prefix}lost_total`,
    help: 'Frames lost, and records lost by a ring or a receiver, by place.',
    labelNames: ['place'],
    registers,
    collect() {
      this.reset();
      const lost = now()?.lost ?? {};
      for (const place of LOSS_PLACES) if (lost[place] !== undefined) this.inc({ place }, lost[place]);
    },
  });
  new Gauge({
    name: `${prefix}lateness_seconds`,
    help: 'How late frames were: half of them by at most this, 99 of 100, the latest.',
    labelNames: ['quantile'],
    registers,
    collect() {
      this.reset();
      const late = now()?.late;
      if (late === undefined) return;
      this.set({ quantile: '0.5' }, late.p50 / 1000);
      this.set({ quantile: '0.99' }, late.p99 / 1000);
      this.set({ quantile: '1' }, late.max / 1000);
    },
  });
  return registry;
}
