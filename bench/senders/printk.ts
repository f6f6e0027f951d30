/**
 * Goes from printk to the wire: one emulated kernel, or several on worker threads, logs as fast as
 * it can: `printk.ts SPEC FRAME_BYTES SECONDS [KIND] [BATCH]`. Prints one line of JSON, as
 * bench/c/send.c does.
 *
 * SPEC is a device as the command line names it, or several for several workers
 * ("af-xdp:tx0:0,af-xdp:tx0:1"), or `frame`: a device that frees the slot and does nothing else.
 * KIND is `extended` (the default), `plain`, `userdata`, `ipv6`, or `strings` (the records are
 * strings, not bytes). Records are logged as a harness would do it: it takes the console lock, logs
 * BATCH of them (default 64), and unlocks.
 */

import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import {
  createKernel,
  createSlab,
  type Kernel,
  NETDEV_TX_OK,
  type NetconsoleTarget,
  type NetDevice,
} from 'netconsole-emulator';
import { openDevice } from 'netconsole-emulator/transport';
import { EMULATED, NOBODY } from '../veth.js';

const BATCH = 64;
/** The size of the ring, as a power of 2: a megabyte has room for the longest batch. */
const RING_SHIFT = 20;
const WARM_UP_MS = 400;
/** Ninety million records fit until it has a digit more, and the longest would be fragmented. */
const FIRST_SEQ = 10_000_000;
const START_USEC = 1_000_000_000;
/** The length of `6,10000000,1000000000,-;` or `[ 1000.000000] `, and of the newline. */
const EXTENDED_BYTES = 25;
const PLAIN_BYTES = 16;
const USERDATA = ' host=bench-0001\n';

interface Job {
  readonly spec: string;
  readonly frameBytes: number;
  readonly seconds: number;
  readonly kind: string;
  /** How many records are logged before the console flushes. */
  readonly batch: number;
  readonly index: number;
  /** How many workers are ready: they begin together. */
  readonly ready: SharedArrayBuffer;
  readonly workers: number;
}

interface Result {
  frames: number;
  seconds: number;
  total: number;
  cpuSeconds: number;
}

/**
 * Makes a device that takes every frame and forgets it. It does less than a memory device, because
 * what is measured ends before it.
 */
function nowhere(): NetDevice {
  const slab = createSlab(64);
  const stats = { txPackets: 0, txBytes: 0, txErrors: 0, txDropped: 0, rxPackets: 0, rxDropped: 0 };
  return {
    name: 'tx0',
    mac: Uint8Array.of(2, 0, 0, 0, 0x77, 0x99),
    caps: { medium: 'ethernet', mtu: 1500, padding: 'none' },
    slab,
    stats,
    attach: () => undefined,
    startXmit(slot) {
      stats.txPackets++;
      stats.txBytes += slab.end[slot]! - slab.start[slot]!;
      slab.free(slot);
      return NETDEV_TX_OK;
    },
    poll: () => undefined,
    close: async () => undefined,
  };
}

function bytesOfMac(text: string): Uint8Array {
  return Uint8Array.from(text.split(':'), (part) => Number.parseInt(part, 16));
}

function boot(device: NetDevice, { kind, batch, index }: Job): { kernel: Kernel; target: NetconsoleTarget } {
  const ring = batch > BATCH ? { logBufShift: RING_SHIFT } : {};
  const kernel = createKernel({ profile: '6.12', ...ring, firstSeq: FIRST_SEQ, startUsec: START_USEC });
  const mac = bytesOfMac(EMULATED.mac);
  mac[4] = index;
  kernel.addDevice(device, { name: 'tx0', mac, addresses: [`${EMULATED.ip}/24`, `${EMULATED.ip6}/64`] });
  const v6 = kind === 'ipv6';
  const plus = kind === 'plain' ? '' : '+';
  const { targets } = kernel.insmod('netconsole', `${plus}@/tx0,@${v6 ? NOBODY.ip6 : NOBODY.ip}/${NOBODY.mac}`);
  if (kind === 'userdata') {
    kernel.fs.mkdir('netconsole/cmdline0');
    kernel.fs.mkdir('netconsole/cmdline0/userdata/host');
    kernel.fs.write('netconsole/cmdline0/userdata/host/value', 'bench-0001');
  }
  return { kernel, target: targets[0]! };
}

function texts({ frameBytes, kind, batch }: Job): (string | Uint8Array)[] {
  const headers = (kind === 'ipv6' ? 62 : 42) + (kind === 'plain' ? PLAIN_BYTES : EXTENDED_BYTES);
  const body = frameBytes - headers - (kind === 'userdata' ? USERDATA.length : 0);
  return Array.from({ length: batch }, (_, i) => {
    let text = '\x016';
    for (let k = 0; k < body; k++) text += String.fromCharCode(97 + ((i * 7 + k * 3) % 26));
    text += '\n';
    return kind === 'strings' ? text : new TextEncoder().encode(text);
  });
}

/**
 * Logs a batch as a harness would. It is a function of its own, because a loop in an async one is
 * compiled less well.
 */
function batch(kernel: Kernel, lines: readonly (string | Uint8Array)[]): void {
  kernel.advanceTo(kernel.now() + lines.length);
  kernel.batch(() => {
    for (let i = 0; i < lines.length; i++) kernel.printk(lines[i]!);
  });
}

async function work(job: Job): Promise<Result> {
  const device = job.spec === 'frame' ? nowhere() : await openDevice(job.spec, { receive: false });
  const { kernel, target } = boot(device, job);
  const lines = texts(job);
  const asynchronous = device.caps.medium === 'udp' || job.spec.endsWith(':overlap');
  let next = 0;
  // The kernel itself says something when netconsole is loaded.
  const own = target.stats.frames;
  const run = async (ms: number): Promise<Result> => {
    const lost = () => target.stats.xmitDropCount + target.stats.enomemCount;
    const before = next - lost();
    const cpu = process.cpuUsage();
    const begin = performance.now();
    let now = begin;
    for (; now - begin < ms; now = performance.now()) {
      for (let i = 0; i < 16; i++) {
        // A full queue is left to run empty: its frames wait, and new ones would find no slot.
        if (asynchronous && device.slab.inUse > device.slab.count - job.batch) break;
        batch(kernel, lines);
        next += job.batch;
      }
      if (asynchronous) await new Promise<void>((resolve) => setImmediate(resolve));
    }
    const { user, system } = process.cpuUsage(cpu);
    const frames = next - lost() - before;
    return { frames, seconds: (now - begin) / 1000, total: 0, cpuSeconds: (user + system) / 1e6 };
  };
  // This comes before the workers wait for each other: what is compiled while one of them measures
  // would slow down the others.
  const cpu = process.cpuUsage();
  for (let tries = 0, busy = 0; tries < 10 && busy < WARM_UP_MS * 1000; tries++) {
    await run(WARM_UP_MS);
    const { user, system } = process.cpuUsage(cpu);
    busy = user + system;
  }
  const ready = new Int32Array(job.ready);
  Atomics.add(ready, 0, 1);
  Atomics.notify(ready, 0);
  for (let n = Atomics.load(ready, 0); n < job.workers; n = Atomics.load(ready, 0)) Atomics.wait(ready, 0, n, 1000);
  const measured = await run(job.seconds * 1000);
  await device.close();
  const { frames } = target.stats;
  if (job.spec === 'frame' && frames !== next + own) throw new Error(`${next} records made ${frames - own} frames`);
  // What the device could not send does not count as a frame; the peer counts the rest.
  return { ...measured, total: device.stats.txPackets };
}

if (isMainThread) {
  const [specs, frameBytes, seconds, kind = 'extended', size = BATCH] = process.argv.slice(2) as string[];
  const ready = new SharedArrayBuffer(4);
  const jobs = specs!.split(',').map((spec, index): Job => {
    const workers = specs!.split(',').length;
    return {
      spec,
      frameBytes: Number(frameBytes),
      seconds: Number(seconds),
      kind,
      batch: Number(size),
      index: 0x77 + index,
      ready,
      workers,
    };
  });
  const results =
    jobs.length === 1
      ? [await work(jobs[0]!)]
      : await Promise.all(
          jobs.map(
            (job) =>
              new Promise<Result>((resolve, reject) => {
                const file = JSON.stringify(import.meta.url);
                // A worker of Node 20 does not take over the loader of TypeScript.
                const code = `import('tsx/esm/api').then((tsx) => { tsx.register(); return import(${file}); })`;
                const worker = new Worker(code, { eval: true, workerData: job });
                worker.once('message', resolve);
                worker.once('error', reject);
              }),
          ),
        );
  // Several workers measure at once, each in its own time.
  const longest = Math.max(...results.map((r) => r.seconds));
  const rate = results.reduce((sum, r) => sum + r.frames / r.seconds, 0);
  const total = results.reduce((sum, r) => sum + r.total, 0);
  // The processor time of a thread cannot be told from that of its process.
  const cpuSeconds = results.length === 1 ? results[0]!.cpuSeconds : Math.max(...results.map((r) => r.cpuSeconds));
  const out = { frames: Math.round(rate * longest), seconds: longest, total, cpuSeconds };
  process.stdout.write(`${JSON.stringify(out)}\n`);
} else {
  parentPort!.postMessage(await work(workerData as Job));
}
