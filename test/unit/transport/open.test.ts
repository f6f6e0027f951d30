import { describe, expect, it } from 'vitest';
import type { KernelError } from '../../../src/errno.js';
import { defaultRouteInterfaces } from '../../../src/transport/interface.js';
import { openDevice, parseSpec } from '../../../src/transport/open.js';

async function failure(spec: string, options = {}): Promise<KernelError> {
  try {
    await (await openDevice(spec, options)).close();
  } catch (error) {
    return error as KernelError;
  }
  return expect.fail(`${spec} was opened`);
}

describe('parseSpec', () => {
  it.each([
    ['eth0', undefined, 'eth0'],
    ['af-xdp:eth0', 'af-xdp', 'eth0'],
    ['af-xdp:eth0:3', 'af-xdp', 'eth0:3'],
    ['xdp:eth0:native:overlap', 'xdp', 'eth0:native:overlap'],
    ['pcap:a:b.pcap', 'pcap', 'a:b.pcap'],
    ['memory', 'memory', ''],
    ['udp', 'udp', ''],
    ['udp:::1', 'udp', '::1'],
    ['raw-socket', 'raw-socket', ''],
  ])('%s', (spec, transport, target) => {
    expect(parseSpec(spec)).toEqual({ transport, target });
  });

  it.each(['', ':', 'eth0:', 'tcp:eth0', 'pcap', 'pcap:', 'af-packet', 'cap:'])(
    '"%s" is refused in one sentence',
    (spec) => {
      expect(() => parseSpec(spec)).toThrow(/names no transport; give|lacks what follows/);
    },
  );
});

describe('openDevice', () => {
  it('opens what needs nothing', async () => {
    for (const spec of ['memory', 'udp']) {
      const device = await openDevice(spec);
      expect(device.slab.count).toBeGreaterThan(0);
      await device.close();
    }
  });

  it('applies name, address and limits', async () => {
    const device = await openDevice('memory', { name: 'net7', maxFrames: 1, mac: Uint8Array.of(2, 0, 0, 0, 0, 7) });
    expect([device.name, device.mac[5]]).toEqual(['net7', 7]);
    for (let i = 0; i < 3; i++) device.startXmit(device.slab.alloc());
    expect(device.stats).toMatchObject({ txPackets: 1, txDropped: 2 });
    await device.close();
  });

  it('refuses a limit that is none', async () => {
    expect((await failure('memory', { rate: -1 })).code).toBe('EINVAL');
  });

  it.runIf(process.platform === 'linux').each(['xdp', 'af-xdp', 'af-packet'])(
    '%s: an unknown interface is ENODEV',
    async (name) => {
      const error = await failure(`${name}:nosuch0`);
      expect(error.code).toBe('ENODEV');
      expect(error.message).toMatch(/no such interface/);
    },
  );

  it('a bare unknown name is ENODEV', async () => {
    expect((await failure('nosuch0', { yes: true })).code).toMatch(/ENODEV|ENOSYS/);
    expect((await failure('a-name-too-long-for-linux')).code).toMatch(/ENODEV|ENOSYS/);
  });

  const routed = [...defaultRouteInterfaces()][0];
  it.runIf(routed !== undefined).each(['', 'xdp:', 'af-xdp:', 'af-packet:', 'libpcap:', 'cap:'])(
    'refuses %s on an interface with a default route before anything is opened',
    async (prefix) => {
      const error = await failure(`${prefix}${routed}`);
      expect(error.code).toBe('EPERM');
      expect(error.message).toMatch(/default route.*--yes/);
    },
  );
});
