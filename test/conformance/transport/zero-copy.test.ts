/**
 * AF_XDP's zero copy, which no NIC of the other tests has: a guest with virtio_net and Linux 7.x under QEMU sends, and each frame that
 * leaves it is compared. Skipped, with the reason, without QEMU or a kernel of `test/conformance/record/prepare.sh`.
 */
import { execFile, execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { makeVeth } from '../../../bench/veth.js';
import { PcapReader } from '../../../src/wire/pcap.js';
import { programProblem, REQUIRED, vethProblem } from './arms.js';
import { testFrames } from './frames.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const TITLE = 'zero-copy: what leaves a guest with virtio_net is what was sent, in order';
const { kernelFolder } = (await import(new URL('../record/lab.mjs', import.meta.url).href)) as {
  kernelFolder(key: string): string;
};
/** The oldest that has it for sending, and what Debian has. */
const lab = ['7.3', '7.2'].map(kernelFolder).find((folder) => existsSync(join(folder, 'root/mod/virtio_net.ko')));

const problem =
  lab === undefined
    ? 'no kernel 7.x with virtio_net; test/conformance/record/prepare.sh 7.2 unpacks one'
    : ((await programProblem('qemu-system-x86_64')) ?? (await programProblem('cpio')));

const INIT = `#!/bin/sh
export PATH=/bin
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev
for m in failover net_failover virtio_net; do [ -f /mod/$m.ko ] && insmod /mod/$m.ko; done
echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6
ip link set lo up; ip link set eth0 up; sleep 1
node /app/zero-copy-guest.mjs
poweroff -f
`;

/** The guest's file system: busybox, Node and its libraries, this package, koffi, what to send. Returns the initrd's path. */
function initrd(folder: string, frames: readonly Uint8Array[]): string {
  const root = join(folder, 'root');
  cpSync(join(lab!, 'root'), root, { recursive: true, verbatimSymlinks: true });
  const node = realpathSync(process.execPath);
  cpSync(node, join(root, 'bin/node'));
  for (const [library] of execFileSync('ldd', [node], { encoding: 'utf8' }).matchAll(/\/\S+/g)) {
    mkdirSync(join(root, dirname(library)), { recursive: true });
    cpSync(realpathSync(library), join(root, library));
  }
  const app = join(root, 'app');
  for (const part of ['dist', 'package.json', 'node_modules/koffi', 'node_modules/@koromix']) {
    const from = join(ROOT, part);
    if (existsSync(from)) cpSync(from, join(app, part), { recursive: true, dereference: true });
  }
  cpSync(new URL('zero-copy-guest.mjs', import.meta.url).pathname, join(app, 'zero-copy-guest.mjs'));
  writeFileSync(
    join(root, 'frames.json'),
    JSON.stringify(frames.map((bytes) => Buffer.from(bytes).toString('base64'))),
  );
  writeFileSync(join(root, 'init'), INIT, { mode: 0o755 });
  execFileSync('sh', ['-c', 'cd root && find . | cpio -o -H newc --quiet >../initrd'], { cwd: folder });
  return join(folder, 'initrd');
}

async function boot(folder: string, image: string): Promise<string> {
  const options = {
    accel: 'tcg',
    cpu: 'max',
    m: '1500',
    kernel: join(lab!, 'vmlinuz'),
    initrd: image,
    append: 'console=ttyS0 quiet panic=-1',
    display: 'none',
    serial: 'stdio',
    // Nothing leaves QEMU. Zero copy needs a NIC that goes through the DMA interface.
    netdev: 'user,id=n0,restrict=on',
    device: 'virtio-net-pci,netdev=n0,mac=52:54:00:12:34:56,disable-legacy=on,iommu_platform=on,romfile=',
    object: `filter-dump,id=f0,netdev=n0,file=${join(folder, 'wire.pcap')}`,
  };
  const argv = [...Object.entries(options).flatMap(([name, value]) => [`-${name}`, value]), '-no-reboot'];
  const { stdout } = await promisify(execFile)('qemu-system-x86_64', argv, { timeout: 240_000 });
  return stdout;
}

async function sendsAll(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'nce-zero-copy-'));
  try {
    const frames = testFrames(1200, false).map(({ bytes }) => bytes);
    const said = await boot(folder, initrd(folder, frames));
    const stats = JSON.parse(/^STATS (.*)$/m.exec(said.replaceAll('\r', ''))?.[1] ?? expect.fail(said));
    expect(stats).toMatchObject({ txPackets: frames.length, txErrors: 0, txDropped: 0 });
    const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
    const source = hex(frames[0]!.subarray(6, 12));
    const captured = new PcapReader().push(readFileSync(join(folder, 'wire.pcap'))).map(({ frame }) => hex(frame));
    expect(captured.filter((frame) => frame.slice(12, 24) === source)).toEqual(frames.map(hex));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (problem === undefined) it(TITLE, sendsAll, 300_000);
else if (REQUIRED.has('zero-copy')) it(TITLE, () => expect.fail(`required, but cannot run: ${problem}`));
else it.skip(`${TITLE} [skipped: ${problem}]`, () => undefined);

const noVeth = await vethProblem();
it.runIf(noVeth === undefined)(
  'a driver without it: EOPNOTSUPP and a sentence, and nothing is sent in copy mode instead',
  async () => {
    const veth = await makeVeth('ncez');
    try {
      const scene = new URL('scene.ts', import.meta.url).pathname;
      const argv = [process.execPath, '--import', 'tsx', scene, 'codes', 'af-xdp:tx0:zerocopy', veth.b];
      const [error] = JSON.parse((await veth.run('a', argv)).trim().split('\n').at(-1)!);
      expect(error).toBe(
        'EOPNOTSUPP: af-xdp:tx0:zerocopy: binding to queue 0 failed (EOPNOTSUPP): the driver has no zero copy, or not on this queue; leave `:zerocopy` out',
      );
    } finally {
      await veth.remove();
    }
  },
);
