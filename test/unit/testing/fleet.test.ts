/** Several hosts on one wire and one event queue. */
import { describe, expect, it } from 'vitest';
import { recordText } from '../../../src/receiver/index.js';
import { createFleet, type FleetOptions } from '../../../src/testing/index.js';
import { oomKill } from '../../../src/workload/index.js';

describe('createFleet', () => {
  it('has hosts with addresses of their own, whose records are told apart', () => {
    const fleet = createFleet({ hosts: 300, profile: '6.12' });
    for (const host of fleet.hosts) host.kernel.printk(`I am ${host.ip}\n`);
    const records = fleet.received();
    expect(records.length).toBe(300);
    for (const { host, record } of records) expect(recordText(record)).toBe(`I am ${host.ip}`);
    expect(new Set(fleet.hosts.map(({ mac }) => mac.join())).size).toBe(300);
    fleet.close();
  });

  it('runs in order of time, whosever event it is', () => {
    const fleet = createFleet({ hosts: 10, profile: '7.3' });
    for (const host of fleet.hosts) host.at(100 - host.index * 10, (kernel) => kernel.printk(`${host.index}\n`));
    fleet.advance(1000);
    expect(fleet.received().map(({ host }) => host.index)).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
    expect(fleet.nowMs).toBe(1000);
    fleet.close();
  });

  it('spreads the boots by its seed, and the same seed gives the same bytes', () => {
    const run = (options: Partial<FleetOptions>) => {
      const fleet = createFleet({ hosts: 4, profile: '6.12', bootSpread: 60_000, ...options });
      for (const host of fleet.hosts) host.at(5, (kernel) => oomKill(kernel, { seed: host.index }));
      fleet.advance(2000);
      const frames = fleet.frames.map((frame) => Buffer.from(frame).toString('hex'));
      const clocks = fleet.hosts.map(({ kernel }) => kernel.now());
      fleet.close();
      return { frames, clocks };
    };
    const first = run({});
    expect(new Set(first.clocks).size).toBe(4);
    expect(Math.max(...first.clocks) - Math.min(...first.clocks)).toBeLessThan(60e6);
    expect(run({})).toEqual(first);
    expect(run({ seed: 2 })).not.toEqual(first);
    expect(new Set(run({ bootSpread: 0 }).clocks).size).toBe(1);
  });

  it('puts each host behind a bad network of its own, which its seed makes', () => {
    const run = (hosts: number, seed: number) => {
      const fleet = createFleet({ hosts, profile: '6.12', impair: { seed, out: { loss: 0.3 } } });
      for (let i = 0; i < 100; i++) for (const { kernel } of fleet.hosts) kernel.printk(`${i}\n`);
      fleet.advance(1000);
      const arrived = fleet.hosts.map(() => [] as string[]);
      for (const { host, record } of fleet.received()) arrived[host.index]!.push(recordText(record));
      for (const { index, network } of fleet.hosts) {
        expect(network.out.carried).toBe(100);
        expect(arrived[index]!.length).toBe(100 - network.out.lost);
      }
      fleet.close();
      return arrived;
    };
    const three = run(3, 7);
    expect(new Set(three.map(String)).size).toBe(3);
    expect(run(3, 7)).toEqual(three);
    expect(run(2, 7)).toEqual(three.slice(0, 2));
    expect(run(3, 8)).not.toEqual(three);
  });

  it('lets one host reboot or go while the others stay', () => {
    const fleet = createFleet({ hosts: 3, profile: '7.3' });
    const [a, b, c] = fleet.hosts;
    a!.reboot();
    b!.unplug();
    c!.kernel.printk('still here\n');
    expect([...fleet].map(({ host, record }) => `${host.index} ${recordText(record)}`)).toContain('2 still here');
    fleet.close();
  });

  it.each<[string, object]>([
    ['hosts', { hosts: 0 }],
    ['hosts', { hosts: 1.5 }],
    ['hosts', {}],
    ['bootSpread', { hosts: 1, bootSpread: -1 }],
    ['seed', { hosts: 1, seed: Number.NaN }],
    ['lose', { hosts: 1, lose: 5 }],
    ['impair', { hosts: 1, impair: 0.5 }],
    ['loss', { hosts: 1, impair: { in: { loss: 2 } } }],
    ['target', { hosts: 1, target: [5] }],
  ])('refuses a wrong %s by name: %j', (name, options) => {
    expect(() => createFleet(options as FleetOptions)).toThrow(new RegExp(`: ${name} is `));
  });
});
