import { describe, expect, it } from 'vitest';
import { checkPlan, compilePlan, type Group, type Plan } from '../../../src/storm/index.js';

const group = (more: Partial<Group> = {}): Group => ({ name: 'a', hosts: 3, ...more });
const plan = (more: Partial<Plan> = {}): Plan => ({ duration: 10, groups: [group()], ...more });
const compiled = (value: unknown) => compilePlan(checkPlan(value));

describe('a plan', () => {
  it('gives each host an address, a hardware address and a kernel', () => {
    const { hosts } = compiled(
      plan({ groups: [group({ addresses: '10.1.0.0/29', kernels: { '6.1': 1 } }), group({ name: 'b', hosts: 2 })] }),
    );
    expect(hosts.map(({ name, ip, mac, profile }) => [name, ip, mac, profile.name])).toEqual([
      ['a-0', '10.1.0.1', '02:4e:43:00:00:01', '6.1'],
      ['a-1', '10.1.0.2', '02:4e:43:00:00:02', '6.1'],
      ['a-2', '10.1.0.3', '02:4e:43:00:00:03', '6.1'],
      ['b-0', '198.18.0.1', '02:4e:43:00:00:04', '7.3'],
      ['b-1', '198.18.0.2', '02:4e:43:00:00:05', '7.3'],
    ]);
  });

  it('deals kernels and formats out in their shares, exactly', () => {
    const { hosts } = compiled(
      plan({ groups: [group({ hosts: 1000, kernels: { '6.1': 3, '6.6': 1 }, formats: { extended: 1, plain: 4 } })] }),
    );
    expect(hosts.filter(({ profile }) => profile.name === '6.1').length).toBe(750);
    expect(hosts.filter(({ extended }) => extended).length).toBe(200);
    // Not the first ones.
    expect(hosts.slice(0, 100).some(({ profile }) => profile.name === '6.6')).toBe(true);
  });

  it('chooses the share of hosts that an event happens to, exactly, within its time', () => {
    const one = compiled(
      plan({ groups: [group({ hosts: 300 })], events: [{ at: 5, within: 2, share: 1 / 3, workload: 'oops' }] }),
    );
    const starts = one.hosts.flatMap((host) => [...one.starts(host)]);
    expect(starts.length).toBe(100);
    expect(starts.every(({ atUsec }) => atUsec >= 5e6 && atUsec <= 7e6)).toBe(true);
    expect(new Set(starts.map(({ seed }) => seed)).size).toBe(100);
  });

  it('begins workloads at times of each host, in order', () => {
    const one = compiled(
      plan({
        duration: 100,
        groups: [
          group({
            boot: { within: 10 },
            workloads: [
              { workload: 'boot' },
              { workload: 'chatter', every: 7 },
              { workload: 'oops', poisson: 9 },
              { workload: 'usb-reset', burst: { size: 3, gap: 0.1, every: 30 } },
            ],
          }),
        ],
      }),
    );
    for (const host of one.hosts) {
      const starts = [...one.starts(host)];
      expect(starts).toEqual([...one.starts(host)]);
      expect(starts.map(({ atUsec }) => atUsec)).toEqual(starts.map(({ atUsec }) => atUsec).sort((a, b) => a - b));
      expect(starts.every(({ atUsec }) => atUsec >= host.bootUsec && atUsec < 100e6)).toBe(true);
      expect(starts.filter(({ workload }) => workload === 'chatter').length).toBeGreaterThanOrEqual(12);
      expect(starts.filter(({ workload }) => workload === 'boot').length).toBe(1);
    }
  });

  it('is the same hosts whatever else is in it', () => {
    const alone = compiled(plan({ groups: [group({ hosts: 5, boot: { within: 9 }, driftPpm: 100 })] }));
    const more = compiled(
      plan({ groups: [group({ hosts: 5, boot: { within: 9 }, driftPpm: 100 }), group({ name: 'b', hosts: 50 })] }),
    );
    expect(more.hosts.slice(0, 5).map(({ bootUsec, drift, seed }) => [bootUsec, drift, seed])).toEqual(
      alone.hosts.map(({ bootUsec, drift, seed }) => [bootUsec, drift, seed]),
    );
  });
});

describe('a plan is refused, with the place', () => {
  it.each([
    [{}, /plan: it has no "duration"/],
    [plan({ duration: 0 }), /duration is 0, not a number above 0/],
    [plan({ groups: [] }), /groups is empty/],
    [
      plan({ groups: [group({ userdata: { 'a/b': 'x' } })] }),
      /group a: userdata "a\/b": a key is the name of a folder/,
    ],
    [
      plan({ groups: [group({ userdata: { a: 'on {hosts}' } })] }),
      /userdata "a": \{hosts\} is none of \{name\}, \{group\}, \{ip\}/,
    ],
    [plan({ groups: [group({ userdata: { a: 'x\ny' } })] }), /userdata "a": the value has a control character/],
    [
      plan({ groups: [group({ userdata: { a: 'x'.repeat(200) } })] }),
      /userdata "a": the value may become 200 bytes long: 199/,
    ],
    [
      plan({ groups: [group({ kernels: { '6.1': 1e308, '6.12': 1e308 } })] }),
      /kernels\.6\.1 is 1e\+308, not a number from 0 to/,
    ],
    [plan({ groups: [group({ mac: '01:00:00:00:00:01' })] }), /is no host's hardware address/],
    [plan({ groups: [group({ workloads: [{ workload: 'boot', every: 1e-9 }] })] }), /workloads\[0\]\.every is 1e-9/],
    [plan({ collector: { ip: '198.18.0.3' } }), /collector\.ip 198\.18\.0\.3 is an address of group a, of its host 2/],
    [plan({ groups: [group({ addresses: '192.0.2.0/28' })] }), /collector\.ip 192\.0\.2\.2 is an address of group a/],
    [
      plan({ impair: { partitions: [{ fromUsec: 2, untilUsec: 1 }] } }),
      /impair\.partitions\[0\]: it ends at 1 us, before it begins/,
    ],
    [
      plan({ groups: [group({ impair: { partitions: [{ fromUsec: 10e6, untilUsec: 11e6 }] } })] }),
      /group a: impair\.partitions\[0\]: it begins at 10 s, but the run ends at 10 s/,
    ],
    [{ ...plan(), durations: 1 }, /a key "durations"; did you mean "duration"\?/],
    [plan({ groups: [group({ hosts: 0 })] }), /groups\[0\]\.hosts is 0/],
    [plan({ groups: [group(), group()] }), /two groups are called "a"/],
    [
      plan({ groups: [group({ hosts: 300, addresses: '10.0.0.0/24' })] }),
      /10\.0\.0\.0\/24 has room for 254 of 300 hosts: 46 are too many/,
    ],
    [
      plan({ groups: [group({ addresses: '10.0.0.5/24' })] }),
      /is an address in a network, not a network: write 10\.0\.0\.0\/24/,
    ],
    [plan({ groups: [group({ addresses: '10.0.0.0/33' })] }), /is not a network/],
    [
      plan({ groups: [group({ addresses: '10.0.0.0/16' }), group({ name: 'b', addresses: '10.0.5.0/24' })] }),
      /groups a \(10\.0\.0\.0\/16\) and b \(10\.0\.5\.0\/24\) share addresses/,
    ],
    [plan({ groups: [group(), group({ name: 'b', addresses: '198.18.3.0/24' })] }), /share addresses/],
    [plan({ groups: [group({ mac: '03:00:00:00:00:01' })] }), /is no host's hardware address/],
    [
      plan({ groups: [group({ formats: { plain: 1, extended: 0 }, reliable: 'netconsd' })] }),
      /group a: reliable is for extended targets, and all are plain: leave it out, or change formats/,
    ],
    [
      plan({ groups: [group({ formats: { plain: 1 }, userdata: { a: 'b' } })] }),
      /group a: userdata is for extended targets/,
    ],
    [
      plan({ groups: [group({ hosts: 3 })], events: [{ at: 1, workload: 'oops', share: 0.1 }] }),
      /events\[0\]: a share of 0\.1 of 3 hosts is no host: give a larger one/,
    ],
    [
      plan({ groups: [group({ workloads: [{ workload: 'oops', parameters: { seed: 5 } }] })] }),
      /groups\[0\]\.workloads\[0\]: the run itself gives each start its seed: leave the parameter out/,
    ],
    [
      plan({ groups: [group({ workloads: [{ workload: 'oops', parameters: { constructor: 'x' } }] })] }),
      /oops: there is no parameter "constructor"; the parameters are /,
    ],
    [plan({ groups: [group({ mac: 'x' })] }), /groups\[0\]\.mac is 'x', not a hardware address such as/],
    [plan({ groups: [group({ kernels: { banana: 1 } })] }), /banana/],
    [plan({ groups: [group({ kernels: { '6.1': 0 } })] }), /no share of kernels is above 0/],
    [plan({ groups: [group({ kernels: { '6.1': -1 } })] }), /kernels\.6\.1 is -1/],
    [plan({ groups: [group({ kernels: { '6.1': 1 }, userdata: { a: 'b' } })] }), /kernel 6\.1 has no userdata/],
    [plan({ groups: [group({ kernels: { '6.1': 1 }, release: true })] }), /kernel 6\.1 does not prepend the release/],
    [
      plan({ groups: [group({ workloads: [{ workload: 'oom' }] })] }),
      /workloads\[0\]\.workload is 'oom', not one of boot, /,
    ],
    [plan({ groups: [group({ workloads: [{ workload: 'oops', every: 0 }] })] }), /every is 0/],
    [
      plan({ groups: [group({ workloads: [{ workload: 'oops', every: 1, poisson: 1 }] })] }),
      /groups\[0\]\.workloads\[0\]: give one of every, poisson and burst/,
    ],
    [
      plan({ groups: [group({ workloads: [{ workload: 'oops', parameters: { com: 'x' } }] })] }),
      /there is no parameter "com"/,
    ],
    [plan({ events: [{ at: 11, workload: 'oops' }] }), /events\[0\]: it lasts until 11 s, but the run ends at 10 s/],
    [plan({ events: [{ at: 1, workload: 'oops', group: 'z' }] }), /there is no group "z": the groups are a/],
    [plan({ events: [{ at: 1, workload: 'oops', share: 1.5 }] }), /share is 1\.5/],
    [plan({ impair: { out: { loss: 2 } } }), /impair\.out\.loss is 2/],
    [plan({ collector: { ip: '::1' } }), /collector\.ip "::1" is not an IPv4 address/],
    [plan({ seed: -1 }), /seed is -1/],
    [[], /plan: it is an array, not an object/],
    [plan({ groups: [group({ boot: { at: 99_999 } })] }), /group \S+: it boots at 99999 s, but the run ends at/],
    [
      plan({
        groups: [
          group({ name: 'x', hosts: 3, mac: '02:00:00:00:00:01' }),
          group({ name: 'y', hosts: 3, mac: '02:00:00:00:00:03' }),
        ],
      }),
      /groups x and y share hardware addresses/,
    ],
  ])('%#', (value, message) => expect(() => compiled(value)).toThrow(message));
});
