/**
 * What each transport makes of mishaps while it sends, each in namespaces of its own: the interface is renamed or taken down, the
 * receiver is killed, another process sends too, privilege is given up, the disk is full. What holds for all of them: nothing
 * throws, every frame that was accepted is counted, and what was counted as sent arrives.
 */
import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { makeVeth } from '../../../bench/veth.js';
import { openDevice } from '../../../src/transport/open.js';
import { PcapReader } from '../../../src/wire/pcap.js';
import { ARMS, armProblem, programProblem, REQUIRED, vethProblem } from './arms.js';

const noVeth = await vethProblem();
const noSocat = noVeth ?? (await programProblem('socat'));
const problems = new Map<string, string | undefined>();
const probe = noVeth === undefined ? await makeVeth('ncem') : undefined;
for (const arm of ARMS) problems.set(arm.name, noSocat ?? (await armProblem(arm, probe, noVeth)));
await probe?.remove();

const folder = mkdtempSync(join(tmpdir(), 'nce-mishap-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SCENE = new URL('scene.ts', import.meta.url).pathname;

/** Plays a scene on a veth of its own. Rejects with `signal` and `stderr` when it crashes; a crash leaves no core file. */
// biome-ignore lint/suspicious/noExplicitAny: what a scene says is looked at piece by piece.
async function play(scene: string, spec: string): Promise<any> {
  const veth = await makeVeth('ncem');
  try {
    const node = [process.execPath, '--import', 'tsx', SCENE, scene, spec, veth.b];
    const text = await veth.run('a', ['sh', '-c', 'ulimit -c 0; exec "$@"', 'sh', ...node]);
    return JSON.parse(text.trim().split('\n').at(-1)!);
  } finally {
    await veth.remove();
  }
}

/** A test for each of the arms, skipped with the reason where it cannot run, or failing when it is required. */
function each(
  names: readonly string[],
  title: string,
  test: (spec: string, name: string, skip: () => void) => unknown,
): void {
  for (const { name, spec } of ARMS.filter((arm) => names.includes(arm.name))) {
    const problem = problems.get(name);
    if (problem === undefined) it(`${name}: ${title}`, ({ skip }) => test(spec, name, skip) as Promise<void>);
    else if (REQUIRED.has(name)) it(`${name}: ${title}`, () => expect.fail(`required, but cannot run: ${problem}`));
    else it.skip(`${name}: ${title} [skipped: ${problem}]`, () => undefined);
  }
}

const ALL = ARMS.map(({ name }) => name);
const but = (...names: string[]) => ALL.filter((name) => !names.includes(name));
const lines = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
const all = (sent: number) => ({ accepted: sent, txPackets: sent, txErrors: 0, txDropped: 0 });

describe('the interface is renamed while it is up', () => {
  // Every one of them holds on to the interface's index, or to the route, not to its name.
  each(ALL, 'sends on, and hears its receiver', async (spec, _name, skip) => {
    const { live, ...outcome } = await play('rename', spec);
    // Before Linux 6.2 only one that is down can be renamed: see below.
    if (!live) skip();
    expect(outcome).toEqual({ ...all(10), received: ['ack'], heard: lines(1, 10) });
  });
});

describe('the interface goes down, is renamed, and comes up', () => {
  each(
    but('xdp', 'xdp-overlap', 'af-xdp', 'cap'),
    'what is sent meanwhile is counted as an error; then it sends on',
    async (spec) => {
      expect(await play('restart', spec)).toEqual({
        accepted: 15,
        txPackets: 10,
        txErrors: 5,
        txDropped: 0,
        received: ['ack'],
        heard: [...lines(1, 5), ...lines(11, 15)],
      });
    },
  );

  each(['xdp', 'xdp-overlap', 'af-xdp'], 'what is sent meanwhile waits, and leaves when it is up', async (spec) => {
    expect(await play('restart', spec)).toEqual({ ...all(15), received: ['ack'], heard: lines(1, 15) });
  });

  // An assertion in its cb_packets, which nothing here can come before.
  each(['cap'], 'npm cap 0.2.1 ends the process', async (spec) => {
    const error = await play('restart', spec).catch((error: unknown) => error);
    expect(error).toMatchObject({ signal: 'SIGABRT', stderr: expect.stringContaining('cb_packets') });
  });
});

describe('the receiver is killed, and another one started later', () => {
  each(ALL, 'sends on; that its port was unreachable harms nobody', async (spec) => {
    const { refused, ...outcome } = await play('kill', spec);
    expect(outcome).toEqual({ ...all(100), first: lines(1, 20), received: [], heard: lines(81, 100) });
    // The peer limits their rate.
    expect(refused).toBeGreaterThan(0);
  });
});

describe('two processes send on one interface', () => {
  each(but('xdp', 'xdp-overlap', 'af-xdp', 'udp-veth'), 'all frames of both arrive', async (spec) => {
    const { from, to, other, ...outcome } = await play('two', spec);
    expect(outcome).toEqual({ ...all(100), received: [], heard: [...lines(1, 100), ...lines(1001, 1100)] });
    expect(other).toMatchObject(all(100));
    expect(Math.max(from, other.from)).toBeLessThan(Math.min(to, other.to));
  });

  each(['udp-veth'], 'the first one has the port; the second one is told, and counts its frames', async (spec) => {
    const { other, heard, ...outcome } = await play('two', spec);
    expect(outcome).toMatchObject({ ...all(100), received: [] });
    expect(heard).toEqual(lines(1, 100));
    expect(other).toMatchObject({ accepted: 100, txPackets: 0, txErrors: 0, txDropped: 100, down: 'EBUSY' });
    expect(other.reason).toMatch(/^udp: sending from port 6665 failed \(EBUSY\): another program has the port; /);
  });

  each(['xdp', 'af-xdp'], 'the first one has it; the second one is told, or takes the next best', async (spec) => {
    const { same, best, later, ...outcome } = await play('two of a kind', spec);
    expect(same).toBe(
      spec === 'xdp:tx0'
        ? 'EBUSY: xdp:tx0: attaching an XDP program failed (EBUSY): an XDP program is attached there already, by another sender or another program; end that one, or use af-xdp'
        : 'EBUSY: af-xdp:tx0: binding to queue 0 failed (EBUSY): another program has this interface and queue; close it, or use af-packet',
    );
    expect([best, later]).toEqual(spec === 'xdp:tx0' ? ['AfXdpDevice', 'XdpDevice'] : ['XdpDevice', 'AfXdpDevice']);
    expect(outcome).toEqual({ ...all(10), received: [], heard: lines(1, 10) });
  });
});

describe('every capability is given up before the first frame', () => {
  each(ALL, 'sends IPv4 and IPv6, and hears its receiver', async (spec) => {
    const outcome = await play('drop', spec);
    expect(outcome).toEqual({ ...all(10), received: ['ack'], heard: lines(1, 5), heard6: lines(6, 10) });
  });

  each(['udp-veth'], 'a port that needs privilege comes too late, and the host is told', async () => {
    const { down, reason, ...outcome } = await play('drop udp:514', '');
    expect(outcome).toEqual({ accepted: 5, txPackets: 0, txErrors: 0, txDropped: 5, received: [] });
    expect(down).toBe('EACCES');
    expect(reason).toMatch(/^udp: sending from port 514 failed \(EACCES\): ports under 1024 need root; /);
  });
});

describe('what only concerns redirected frames', () => {
  each(
    ['xdp', 'xdp-overlap'],
    'a peer that turns GRO off: the host is told, and every frame is counted',
    async (spec) => {
      const outcome = await play('gro off', spec);
      expect(outcome).toMatchObject({ accepted: 10, txPackets: 5, txErrors: 0, txDropped: 5, down: 'ENXIO' });
      expect(outcome.reason).toMatch(
        /^xdp:tx0(:overlap)?: tx0 sends nothing that XDP redirects to it \(ENXIO\): turn GRO on at its peer .*, or use af-xdp$/,
      );
    },
  );

  each(
    ['xdp', 'xdp-overlap'],
    'an MTU that has become too small: those frames are errors, the others leave',
    async (spec) => {
      expect(await play('mtu', spec)).toEqual({ txPackets: 6, txErrors: 2, txDropped: 0, inUse: 0 });
    },
  );

  each(['xdp'], 'a peer with a smaller MTU: the frame is an error after a second, the others leave', async (spec) => {
    expect(await play('peer mtu', spec)).toEqual({ atOnce: 2, txPackets: 4, txErrors: 1, txDropped: 0 });
  });

  each(['xdp', 'xdp-overlap'], 'a peer that is down for a while: frames wait', async (spec) => {
    const { meanwhile, ...outcome } = await play('peer down', spec);
    expect(meanwhile).toBe(5);
    expect(outcome).toEqual({ ...all(10), received: [], heard: lines(1, 10) });
  });

  each(['xdp'], 'a sender that is killed leaves nothing attached', async (spec) => {
    const { before, after, end } = await play('killed', spec);
    expect(before).toMatchObject({ attached: true, opens: expect.stringMatching(/^EBUSY: /) });
    expect(after).toEqual({ attached: false, opens: 'XdpDevice' });
    expect(end).toBe(false);
  });

  each(['xdp'], 'without CAP_BPF, and with a peer that has GRO off: a sentence each', async () => {
    const veth = await makeVeth('ncem', { gro: false });
    try {
      const scene = [process.execPath, '--import', 'tsx', SCENE, 'codes', 'xdp:tx0', veth.b];
      const said = async (...argv: string[]) => JSON.parse((await veth.run('a', argv)).trim().split('\n').at(-1)!);
      const [error, best] = await said(...scene);
      expect(error).toMatch(/^ENXIO: xdp:tx0: tx0 sends nothing .*`ethtool -K PEER gro on`/);
      expect(best).toBe('AfXdpDevice');
      const [refused] = await said('setpriv', '--bounding-set=-bpf,-sys_admin', '--inh-caps=-all', ...scene);
      expect(refused).toMatch(
        /^EPERM: xdp:tx0: .*: run it as root or give node CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN/,
      );
    } finally {
      await veth.remove();
    }
  });
});

describe('replay into a capture file', () => {
  const MAIN = new URL('../../../src/cli/main.ts', import.meta.url).pathname;
  const BOOT = readFileSync(new URL('../../../examples/boot.kmsg', import.meta.url), 'utf8');
  const replay = (log: string, via: string) =>
    [process.execPath, '--import', 'tsx', MAIN, 'replay', log, '--json', '--loglevel', '8', '--via', via] as const;
  const run = (program: string, ...argv: string[]) =>
    new Promise<{ code: unknown; out: string; err: string }>((resolve) =>
      execFile(program, argv, (error, out, err) => resolve({ code: error?.code ?? 0, out, err })),
    );
  const MOUNT = 'mount -t tmpfs -o size=64k tmpfs "$0" 2>/dev/null || exit 99';
  const small = join(folder, 'small');
  mkdirSync(small);

  it.runIf(existsSync('/dev/full'))('that can hold nothing: a sentence, and exit code 1', async () => {
    const log = join(folder, 'one.kmsg');
    writeFileSync(log, BOOT);
    const [program, ...argv] = replay(log, 'pcap:/dev/full');
    const { code, out, err } = await run(program, ...argv);
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(/^netconsole-emulator: pcap:\/dev\/full: [^\n]* \(ENOSPC\): the disk is full; [^\n]*\n$/);
  });

  // The device's buffer is 256 KiB: the smaller log fits in it whole, and its end is met only when the device is closed.
  it.runIf(noVeth === undefined).each([
    ['at the end', 2],
    ['half way', 20],
  ])('on a disk that is full %s: whole frames, the others counted, a sentence, and exit code 1', async (_, times) => {
    const log = join(folder, `${times}.kmsg`);
    const copy = join(folder, `${times}.pcap`);
    writeFileSync(log, BOOT.repeat(times));
    const script = `${MOUNT}; out=$1; shift; "$@"; code=$?; cp "$0/wire.pcap" "$out"; exit $code`;
    const command = replay(log, `pcap:${small}/wire.pcap`);
    const { code, out, err } = await run('unshare', '-m', 'sh', '-c', script, small, copy, ...command);
    expect(code, err).toBe(1);
    expect(err).toMatch(
      /^netconsole-emulator: pcap:[^\n]* \(ENOSPC\): the disk is full; [^\n]* has the first \d+ frames\n$/,
    );
    const summary = JSON.parse(out);
    expect(summary.stopped.code).toBe('ENOSPC');
    const reader = new PcapReader();
    const packets = reader.push(readFileSync(copy));
    expect(reader.end()).toBeUndefined();
    expect(packets.length).toBeGreaterThan(400);
    expect(packets.length).toBe(summary.frames);
    expect(packets.reduce((sum, { frame }) => sum + frame.length, 0)).toBe(summary.bytes);
    // One frame for each record.
    expect(summary).toMatchObject({ fragments: 0, filtered: 0, droppedRecords: 0 });
    expect(summary.frames + summary.droppedFrames).toBe(summary.records);
  });

  it('a pipe that is closed: the host is told before the device is', async () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const reader = spawn('head', ['-c', '24', pipe], { stdio: 'ignore' });
    const device = await openDevice(`pcap:${pipe}`);
    await once(reader, 'close');
    const told: string[] = [];
    device.attach({
      txWake: () => undefined,
      receive: () => undefined,
      down: ({ code }) => told.push(`${code}, slots in use: ${device.slab.inUse}`),
    });
    // The host's own, which it frees when it is told.
    device.slab.alloc();
    const slot = device.slab.alloc();
    device.slab.start[slot] = device.slab.payloadAt(slot);
    device.slab.end[slot] = device.slab.payloadAt(slot) + 60;
    expect(device.startXmit(slot)).toBe(0);
    await device.close();
    expect(told).toEqual(['EPIPE, slots in use: 1']);
    expect(device.stats).toMatchObject({ txPackets: 0, txErrors: 1, txDropped: 0 });
  });
});
