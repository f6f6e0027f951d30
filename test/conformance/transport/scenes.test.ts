/** What the Linux transports do when things are not as they should be, in a namespace of their own. */
import { afterAll, describe, expect, it } from 'vitest';
import { makeVeth } from '../../../bench/veth.js';
import type { Findings } from '../../../src/cli/doctor.js';
import { ARMS, armProblem, REQUIRED, vethProblem } from './arms.js';

const noVeth = await vethProblem();
const veth = noVeth === undefined ? await makeVeth('nces') : undefined;
const needed = ARMS.filter(({ name }) => ['xdp', 'af-packet', 'af-xdp', 'libpcap'].includes(name));
let problem: string | undefined;
for (const arm of needed) problem ??= await armProblem(arm, veth, noVeth);
afterAll(() => veth?.remove());

const SCENE = new URL('scene.ts', import.meta.url).pathname;

// biome-ignore lint/suspicious/noExplicitAny: what a scene says is looked at piece by piece.
async function play(scene: string): Promise<any> {
  const text = await veth!.run('a', [process.execPath, '--import', 'tsx', SCENE, scene]);
  return JSON.parse(text.trim().split('\n').at(-1)!);
}

if (problem !== undefined && needed.some(({ name }) => REQUIRED.has(name))) {
  it('the Linux transports', () => expect.fail(`required, but cannot run: ${problem}`));
}

describe.skipIf(problem !== undefined)(
  `the Linux transports ${problem === undefined ? '' : `[skipped: ${problem}]`}`,
  () => {
    it('af-xdp: one socket a queue; a bare name takes the next best; close frees the queue', async () => {
      const { second, best, again, fresh, nosuch } = await play('queue');
      expect(second).toMatch(
        /^EBUSY: af-xdp:tx0: binding to queue 0 failed .*another program has this interface and queue/,
      );
      expect(best).toBe('AfPacketDevice');
      expect(again).toBe('AfXdpDevice');
      expect(fresh).toBe('XdpDevice');
      expect(nosuch).toMatch(/^(EINVAL|EOPNOTSUPP|ENXIO): /);
    });

    it.each(['af-packet', 'libpcap'])(
      '%s: frames to an interface that is down are counted; it sends again when up',
      async (name) => {
        expect(await play(`down ${name}`)).toEqual({ lost: 3, counted: 5, txPackets: 2, txDropped: 0 });
      },
    );

    it.each(['xdp', 'af-xdp'])('%s: frames to an interface that is down wait until it is up', async (name) => {
      expect(await play(`down ${name}`)).toEqual({ lost: 0, counted: 5, txPackets: 5, txDropped: 0 });
    });

    it('opening an interface that is down says so', async () => {
      for (const error of await play('closed')) expect(error).toMatch(/^ENETDOWN: .*tx0 is down; bring it up/);
    });

    it('an interface with a default route, IPv4 or IPv6, needs --yes', async () => {
      const { refused, allowed, after } = await play('route');
      expect(refused.length).toBe(4);
      for (const error of refused) expect(error).toMatch(/^EPERM: .*default route.*--yes/);
      expect(allowed).toBe('AfPacketDevice');
      expect(after).toBe('AfPacketDevice');
    });

    it('an open device sends without capabilities, and no new one can be opened', async () => {
      const { effective, permitted, sent, another } = await play('capabilities');
      expect([effective, permitted]).toEqual(['0000000000000000', '0000000000000000']);
      expect(sent).toBe(3);
      expect(another).toMatch(/^EPERM: .*CAP_NET_RAW/);
    });

    it('a frame over the MTU is counted and its slot freed', async () => {
      const result = await play('long');
      for (const counts of Object.values(result)) expect((counts as number[])[0]).toBe(1);
      for (const counts of Object.values(result)) expect((counts as number[])[2]).toBe(1);
    });

    it('close sends what was held back', async () => {
      expect(await play('held')).toEqual({
        'xdp:tx0': [0, 5, 0],
        'af-packet:tx0': [0, 5, 0],
        'af-xdp:tx0': [0, 5, 0],
      });
    });

    it('frames that had to be kept leave without being asked for', async () => {
      const [whileDown, up, atOnce, later] = await play('alone');
      expect([whileDown, up, later]).toEqual([0, 3, 64]);
      expect(atOnce).toBeLessThan(64);
    });

    it('doctor says what works, and why the rest does not', async () => {
      const { findings, report } = (await play('doctor')) as { findings: Findings; report: string };
      const tx0 = findings.interfaces.find(({ name }) => name === 'tx0')!;
      expect(tx0).toMatchObject({ mac: '02:00:00:00:77:01', mtu: 1500, up: true, defaultRoute: false });
      for (const { transport, works, reason } of tx0.transports) {
        if (transport !== 'cap') expect([transport, works]).toEqual([transport, true]);
        else if (!works) expect(reason).toMatch(/npm (install|rebuild)/);
      }
      expect(findings.transports.find(({ transport }) => transport === 'udp')?.works).toBe(true);
      expect(report).toContain('--via tx0 takes xdp');
      expect(tx0.transports.find(({ transport }) => transport === 'af-xdp')).toMatchObject({ mode: 'copy mode' });
      expect(report).toMatch(/^ {2}af-xdp:tx0 +works, in copy mode \(zero copy is not tried unasked, as .+\)$/m);
      expect(report).toMatch(/^tx0: up, 02:00:00:00:77:01, MTU 1500$/m);
    });
  },
);
