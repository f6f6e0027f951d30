/** What opening `xdp` says, and leaves behind, when the kernel refuses a step: over a system that refuses what it is told to. */
import { constants, release } from 'node:os';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createSlab } from '../../../src/net/slab.js';
import { XDP_FLAGS_SKB_MODE } from '../../../src/transport/bpf.js';
import type { Native } from '../../../src/transport/native.js';
import { openXdp } from '../../../src/transport/xdp.js';
import { CONTROL } from '../../../src/transport/xdp-program.js';
import { openRedirect } from '../../../src/transport/xdp-redirect.js';

vi.mock('node:os', async (original) => {
  const os = await original<typeof import('node:os')>();
  return { ...os, release: vi.fn(os.release) };
});
afterEach(() => vi.mocked(release).mockReset());

const { EACCES, EBUSY, EEXIST, EINVAL, EMSGSIZE, ENODEV, ENOSYS, EOPNOTSUPP, EPERM } = constants.errno;
const BASE = 0x7f0000000000;
const MAP_FIXED = 0x10;

/** The commands of bpf(), as uapi/linux/bpf.h numbers them. */
const COMMANDS = { map: 0, load: 5, run: 10, tracepoint: 17, link: 28 } as const;

/** A system in which all goes well but the `nth` call of one command, which fails with `errno`. */
class Refusing {
  readonly descriptors = new Set<number>();
  readonly mapped = new Set<number>();
  readonly control = new ArrayBuffer(1 << 20);
  readonly #refused: { readonly command: number; readonly errno: number; readonly nth: number };
  #calls = 0;
  #next = 100;
  #errno = 0;
  /** Why the frame of the probe is not sent. */
  stop: number = EMSGSIZE;

  constructor(command: number, errno: number, nth = 1) {
    this.#refused = { command, errno, nth };
  }

  readonly native = {
    koffi: { address: () => BigInt(BASE), view: () => this.control },
    errno: () => this.#errno,
    libc: {
      syscall: (_number: number, command: number) => {
        const { command: refused, errno, nth } = this.#refused;
        if (command === refused && ++this.#calls === nth) {
          this.#errno = errno;
          return -1;
        }
        if (command === COMMANDS.run) {
          new Uint32Array(this.control)[CONTROL.stop >> 2] = this.stop;
          return 0;
        }
        this.descriptors.add(++this.#next);
        return this.#next;
      },
      close: (fd: number) => (this.descriptors.delete(fd) ? 0 : -1),
      mmap: (at: number, _bytes: number, _protection: number, flags: number, fd: number) => {
        const address = (flags & MAP_FIXED) === 0 ? BASE - 0x1000000 : at;
        if (fd < 0) this.mapped.delete(address);
        else this.mapped.add(address);
        return address;
      },
      // Asked for the driver's name, which is not known then.
      socket: () => -1,
      ioctl: () => -1,
      munmap: (at: number) => (this.mapped.delete(at) ? 0 : -1),
    },
  } as unknown as Native;
}

const info = { name: 'veth0', index: 7, mac: new Uint8Array(6), mtu: 1500, up: true };

function opened(system: Refusing) {
  const slab = createSlab(64);
  const options = { spec: 'xdp:veth0', info, flags: XDP_FLAGS_SKB_MODE };
  try {
    return openRedirect(system.native, slab, options as never);
  } finally {
    slab.release();
  }
}

describe('opening', () => {
  const rights = /EPERM.*CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN.*locked down.*af-packet/;

  it.each([
    ['no CAP_BPF, or unprivileged BPF is off', COMMANDS.map, EPERM, 1, 'EPERM', rights],
    ['a system that is locked down', COMMANDS.load, EPERM, 1, 'EPERM', rights],
    ['no CAP_PERFMON', COMMANDS.load, EPERM, 2, 'EPERM', rights],
    [
      'a verifier that refuses the program',
      COMMANDS.load,
      EACCES,
      1,
      'EACCES',
      /loading a BPF program failed \(EACCES\)/,
    ],
    ['no right to a tracepoint', COMMANDS.tracepoint, EPERM, 2, 'EPERM', rights],
    ['a kernel without bpf()', COMMANDS.map, ENOSYS, 1, 'ENOSYS', /no bpf\(\).*af-packet/],
    ['a second sender', COMMANDS.link, EBUSY, 1, 'EBUSY', /attached there already, by another sender/],
    ['a program of someone else', COMMANDS.link, EEXIST, 1, 'EEXIST', /ip link set IF xdp off/],
    ['a driver without XDP', COMMANDS.link, EOPNOTSUPP, 1, 'EOPNOTSUPP', /driver has no XDP/],
    ['an interface that is gone', COMMANDS.link, ENODEV, 1, 'ENODEV', /no such interface/],
    [
      'a kernel without live frames',
      COMMANDS.run,
      EINVAL,
      1,
      'EINVAL',
      /running an XDP program failed.*af-xdp or af-packet/,
    ],
  ])('%s: an errno, a sentence, and nothing left behind', (_, command, errno, nth, code, sentence) => {
    const system = new Refusing(command, errno, nth);
    let thrown: unknown;
    try {
      opened(system);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ code, message: expect.stringMatching(/^xdp:veth0: /) });
    expect((thrown as Error).message).toMatch(sentence);
    expect([...system.descriptors]).toEqual([]);
    expect([...system.mapped]).toEqual([]);
  });

  it('an interface that sends nothing that is redirected: ENXIO, and nothing left behind', () => {
    const system = new Refusing(-1, 0);
    system.stop = EOPNOTSUPP;
    expect(() => opened(system)).toThrow(/^xdp:veth0: .*\(ENXIO\).*xdp:veth0:native.*af-xdp/);
    expect([...system.descriptors]).toEqual([]);
    expect([...system.mapped]).toEqual([]);
  });

  it('where nothing is refused, closing detaches everything', () => {
    const system = new Refusing(-1, 0);
    const redirect = opened(system);
    expect(system.descriptors.size).toBe(8);
    redirect.close();
    expect([...system.descriptors]).toEqual([]);
    expect([...system.mapped]).toEqual([]);
  });
});

it.runIf(process.platform === 'linux')('a kernel before 5.18 is refused, by its release', async () => {
  vi.mocked(release).mockReturnValue('5.15.0-91-generic');
  await expect(openXdp('lo')).rejects.toMatchObject({
    code: 'ENOSYS',
    message: 'xdp:lo: needs Linux 5.18 or later, this is 5.15.0-91-generic; use af-xdp or af-packet',
  });
});
