/**
 * A fleet of a thousand hosts on a veth, plain and extended, printed by real receivers at the other end and checked: at a rate that all
 * can take nothing is missing; when a receiver can not take it, what is missing is what the kernel dropped at its socket.
 */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { makeVeth, PEER, type Veth } from '../../../bench/veth.js';
import type { CheckSummary } from '../../../src/check/index.js';
import { programProblem, REQUIRED, startAtPeer, vethProblem } from './arms.js';
import { PORT } from './frames.js';

const main = new URL('../../../dist/cli/main.js', import.meta.url).pathname;
const folder = await mkdtemp(join(tmpdir(), 'nce-storm-'));
const noVeth = await vethProblem();
const veth = noVeth === undefined ? await makeVeth('ncest') : undefined;
if (veth !== undefined) await veth.run('b', ['ip', 'route', 'add', '198.18.0.0/15', 'dev', PEER.name]);
const noRsyslog = noVeth ?? (await programProblem('rsyslogd'));
const noSyslogNg = noVeth ?? (await programProblem('syslog-ng'));
const netconsd = process.env['NETCONSD_BIN'];

afterAll(async () => {
  await veth?.remove();
  await rm(folder, { recursive: true, force: true });
});

const at = (name: string) => join(folder, name);

/** A test that needs something: skipped with the reason, or failing where it is required. */
function needs(problem: string | undefined, arm: string, title: string, test: () => Promise<void>): void {
  if (problem === undefined) it(title, test, 120_000);
  else if (REQUIRED.has(arm)) it(title, () => expect.fail(`required, but cannot run: ${problem}`));
  else it.skip(`${title} [skipped: ${problem}]`, () => undefined);
}

const PLAN = {
  seed: 11,
  duration: 4,
  collector: { ip: PEER.ip, port: PORT, mac: PEER.mac },
  groups: [
    {
      name: 'ext',
      hosts: 700,
      boot: { within: 2 },
      workloads: [{ workload: 'chatter', parameters: { messages: 4, meanMs: 200 } }],
    },
    {
      name: 'plain',
      hosts: 300,
      formats: { plain: 1 },
      boot: { within: 2 },
      workloads: [{ workload: 'chatter', parameters: { messages: 4, meanMs: 200 } }],
    },
  ],
};

/** Runs the plan onto the wire, and returns how many frames arrived at the peer. */
async function storm(wire: Veth, ...more: string[]): Promise<void> {
  await writeFile(at('plan.json'), JSON.stringify(PLAN));
  const argv = [process.execPath, main, 'storm', at('plan.json'), '--via', 'af-packet:tx0', '--json', ...more];
  const summary = JSON.parse(await wire.run('a', argv)) as { frames: number; deviceLost: number; unsent: number };
  expect(summary).toMatchObject({ deviceLost: 0, unsent: 0 });
  expect(summary.frames).toBeGreaterThan(8000);
}

async function checked(wire: Veth, ...outputs: string[]): Promise<CheckSummary> {
  const argv = [
    'sh',
    '-c',
    '"$@" || [ $? = 1 ]',
    'sh',
    process.execPath,
    main,
    'check',
    at('plan.json'),
    ...outputs,
    '--json',
  ];
  return JSON.parse(await wire.run('a', argv)) as CheckSummary;
}

/** Datagrams that the kernel at the peer dropped at sockets of the port. */
async function socketDrops(wire: Veth): Promise<number> {
  const port = PORT.toString(16).toUpperCase().padStart(4, '0');
  const sockets = await Promise.all(['udp', 'udp6'].map((name) => wire.run('b', ['cat', `/proc/net/${name}`])));
  return sockets
    .join('')
    .split('\n')
    .filter((line) => line.includes(`:${port} `))
    .reduce((sum, line) => sum + Number(line.trim().split(/\s+/).at(-1)), 0);
}

const RECEIVE = [main, 'receive', '-p', String(PORT), '--json'];
/** The least that a receiver can be: a socket with a small buffer, a line a datagram. */
const SIMPLE = [
  '-e',
  `const socket = require('node:dgram').createSocket({ type: 'udp4', recvBufferSize: 65536 });
   socket.on('message', (bytes, { address }) =>
     process.stdout.write(address + ' ' + bytes.toString().replace(/\\n$/, '').replaceAll('\\n', '#012') + '\\n'));
   socket.bind(${PORT}, () => console.error('ready'));
   process.on('SIGTERM', () => socket.close());`,
];

/** A receiver at the peer, whose standard output goes into a file. */
async function receiver(wire: Veth, argv: readonly string[], file: string) {
  const child = wire.spawn('b', [process.execPath, ...argv], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout!.pipe(createWriteStream(file));
  await once(child.stderr!, 'data');
  const closed = once(child, 'close');
  return {
    /** The program itself, below `ip netns exec`. */
    signal: (signal: 'SIGSTOP' | 'SIGCONT') => child.kill(signal),
    stop: async () => {
      child.kill('SIGTERM');
      await closed;
    },
  };
}

const settle = (ms = 1500) => new Promise((resolve) => setTimeout(resolve, ms));

/** The file `name`, which a syslog daemon has written, has all that was sent. */
async function holdsAll(name: string, format: string): Promise<void> {
  const { total, outputs } = await checked(veth!, at(`${name}.txt`));
  expect([name, outputs[0]!.format]).toEqual([name, format]);
  expect([name, total.lostByReceiver, total.changed, total.foreign]).toEqual([name, 0, 0, 0]);
  expect(total.delivered).toBe(total.expected);
}

describe('a thousand hosts', () => {
  needs(noVeth, 'af-packet', 'receive prints all of it, and check says so', async () => {
    const receive = await receiver(veth!, RECEIVE, at('receive.jsonl'));
    await storm(veth!, '--rate', '3000');
    await settle();
    expect(await socketDrops(veth!)).toBe(0);
    await receive.stop();
    const { total, unknownHosts } = await checked(veth!, at('receive.jsonl'));
    expect(total).toMatchObject({ lostByReceiver: 0, changed: 0, foreign: 0, duplicated: 0, lostByNetwork: 0 });
    expect(total.delivered).toBe(total.expected);
    expect(unknownHosts).toBe(0);
  });

  needs(
    noVeth,
    'af-packet',
    'a receiver that stands still loses what its socket drops, no more and no less',
    async () => {
      const receive = await receiver(veth!, SIMPLE, at('stopped.log'));
      receive.signal('SIGSTOP');
      await storm(veth!, '--rate', '20000', '--speed', '100');
      const drops = await socketDrops(veth!);
      receive.signal('SIGCONT');
      await settle(3000);
      await receive.stop();
      const { total } = await checked(veth!, at('stopped.log'));
      expect(drops).toBeGreaterThan(0);
      expect(total.lostByReceiver).toBe(drops);
      expect(total.delivered + total.lostByReceiver).toBe(total.expected);
    },
  );

  needs(noRsyslog, 'rsyslogd', 'rsyslog writes all of it in several forms, and check reads each file', async () => {
    const config = at('rsyslog.conf');
    const templates = ['raw', 'RSYSLOG_TraditionalFileFormat', 'RSYSLOG_FileFormat'];
    const actions = templates.map((name) => `action(type="omfile" file="${at(name)}.txt" template="${name}")`);
    await writeFile(
      config,
      `global(workDirectory="${folder}" maxMessageSize="64k")
module(load="imudp")
template(name="raw" type="string" string="%fromhost-ip% %rawmsg%\\n")
ruleset(name="net") { ${actions.join(' ')} }
input(type="imudp" port="${PORT}" ruleset="net" rcvbufSize="8m")
`,
    );
    const rsyslog = await startAtPeer(veth!, ['rsyslogd', '-n', '-f', config, '-i', at('rsyslog.pid')]);
    await storm(veth!, '--rate', '3000');
    await settle();
    expect(await socketDrops(veth!)).toBe(0);
    await rsyslog.stop();
    for (const name of templates) await holdsAll(name, name === 'raw' ? 'host-message' : 'syslog');
  });

  needs(noSyslogNg, 'syslog-ng', 'syslog-ng writes all of it in two forms, and check reads each file', async () => {
    const config = at('syslog-ng.conf');
    const files = ['message', 'usual'];
    await writeFile(
      config,
      `@version: 3.38
options { use-dns(no); keep-hostname(no); log-msg-size(65536); };
source net { network(transport("udp") port(${PORT}) flags(no-parse) so-rcvbuf(8388608)); };
destination message { file("${at('message')}.txt" template("$SOURCEIP $MSG\\n")); };
destination usual { file("${at('usual')}.txt" template("$ISODATE $SOURCEIP $MSG\\n")); };
log { source(net); destination(message); destination(usual); };
`,
    );
    const paths = ['-R', at('syslog-ng.persist'), '-c', at('syslog-ng.ctl'), '-p', at('syslog-ng.pid')];
    const daemon = await startAtPeer(veth!, ['syslog-ng', '-F', '--no-caps', '-f', config, ...paths]);
    await settle(1000);
    await storm(veth!, '--rate', '3000');
    await settle();
    expect(await socketDrops(veth!)).toBe(0);
    await daemon.stop();
    for (const name of files) await holdsAll(name, name === 'usual' ? 'syslog' : 'host-message');
  });

  const noNetconsd = netconsd === undefined ? 'NETCONSD_BIN names no netconsd' : noVeth;
  needs(noNetconsd, 'netconsd', 'netconsd prints all of it', async () => {
    const daemon = veth!.spawn('b', [netconsd!, '-u', String(PORT), join(netconsd!, '../modules/printer.so')], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    daemon.stdout!.pipe(createWriteStream(at('netconsd.txt')));
    const closed = once(daemon, 'close');
    await settle(500);
    await storm(veth!, '--rate', '3000');
    await settle();
    daemon.kill('SIGTERM');
    await closed;
    const { total } = await checked(veth!, at('netconsd.txt'));
    expect([total.lostByReceiver, total.changed, total.foreign]).toEqual([0, 0, 0]);
  });
});
