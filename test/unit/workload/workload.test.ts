import { describe, expect, it } from 'vitest';
import { PROFILES } from '../../../src/profile/index.js';
import { createHarness } from '../../../src/testing/index.js';
import {
  diskError,
  filesystemError,
  type Message,
  machineCheck,
  oomKill,
  oops,
  panic,
  playSteps,
  type Step,
  WORKLOADS,
} from '../../../src/workload/index.js';
import { DETECTORS, NOTICES } from './detectors.js';

const all = [...WORKLOADS.values()];

/** Every text of the steps, in order. */
function texts(steps: Iterable<Step>): string[] {
  const found: string[] = [];
  for (const step of steps) {
    if (step.does === undefined) found.push(step.text);
    else if (step.does === 'panic') found.push(`Kernel panic - not syncing: ${step.message}`);
    if ('lines' in step) found.push(...step.lines.map((line: Message) => line.text));
  }
  return found;
}

describe.each(all.map((w) => [w.id, w] as const))('%s', (id, workload) => {
  it('is the same for the same seed, and another for another', () => {
    const of = (seed: number) => texts(workload.steps({ seed, machine: { release: '6.1.0' } }));
    expect(of(7)).toEqual(of(7));
    if (id !== 'reboot' && id !== 'link-flap') expect(of(7)).not.toEqual(of(8));
  });

  it('has texts that a kernel takes whole', () => {
    for (const text of texts(workload.steps({ seed: 3 }))) {
      expect(text, text).toMatch(/^[\t\x20-\x7e]+$/);
      expect(text.length).toBeLessThan(976);
    }
  });

  it.each(DETECTORS[id] ?? [])('is found by %s', (_, pattern) => {
    for (const release of ['4.18.0', '5.4.59', '6.1.0', '7.3.0']) {
      expect(texts(workload.steps({ seed: 11, machine: { release } })).some((text) => pattern.test(text))).toBe(true);
    }
  });
});

it('every workload is an event that a detector knows, and the other way round', () => {
  expect([...Object.keys(DETECTORS), ...Object.keys(NOTICES)].sort()).toEqual([...WORKLOADS.keys()].sort());
});

it.each(Object.entries(NOTICES))('%s is found in what a plain console prints', (id, [, pattern]) => {
  const harness = createHarness({ profile: '6.1', target: '@/eth0,@192.0.2.2/', logBufShift: 12 });
  WORKLOADS.get(id)!(harness.kernel, { seed: 5 });
  harness.kernel.printk('after\n', { level: 4 });
  harness.advance(1000);
  expect(harness.payloads().some((payload) => pattern.test(payload))).toBe(true);
  harness.close();
});

const modern = PROFILES.filter(({ name }) => Number.parseInt(name, 10) >= 4 && !name.startsWith('2.'));

describe.each(modern.map(({ name }) => name))('played into a kernel %s', (profile) => {
  it.each(all.map((w) => [w.id, w] as const))('%s', (id, workload) => {
    const harness = createHarness({ profile });
    const { kernel } = harness;
    const played = workload(kernel, { seed: 5 });
    expect(played).toBeGreaterThan(0);
    if (id !== 'panic') {
      kernel.printk('after\n', { level: 4 });
      harness.advance(1000);
    }
    const sent = harness.texts();
    const expected = [...texts(workload.steps({ seed: 5, nowUsec: 400e6 })), 'after'];
    if (id === 'panic') {
      // What the kernel says of its end comes between and after the lines.
      const known = new Set([...expected, ...sent.filter((text) => text.startsWith('---[ end Kernel panic - '))]);
      expect(sent.filter((text) => !known.has(text))).toEqual([]);
      expect(sent.some((text) => text.startsWith('Kernel panic - not syncing: '))).toBe(true);
    } else if (id === 'flood') {
      // The oldest are lost where the consoles had no turn; the newest are there, in order.
      expect(sent.length).toBeLessThanOrEqual(expected.length);
      expect(sent).toEqual(expected.slice(-sent.length));
    } else {
      expect(sent).toEqual(expected);
    }
    harness.close();
  });
});

describe('parameters', () => {
  it('are refused by name', () => {
    expect(() => [...oomKill.steps({ victims: 'x' } as never)]).toThrow(
      /oom-kill: there is no parameter "victims"; did you mean "victim"\?/,
    );
    expect(() => [...oomKill.steps({ tasks: 0 })]).toThrow(/tasks is 0, not a whole number from 1 to 5000/);
    expect(() => [...oomKill.steps({ tasks: '5' as never })]).toThrow(/tasks is .5., not a number/);
    expect(() => [...oomKill.steps({ cgroup: 1 as never })]).toThrow(/cgroup is 1, not a boolean/);
  });

  it('change what is said', () => {
    expect(texts(oomKill.steps({ victim: 'postgres' })).join('\n')).toMatch(/Killed process \d+ \(postgres\)/);
    expect(texts(oomKill.steps({ cgroup: true })).join('\n')).toMatch(/Memory cgroup out of memory/);
    expect(texts(oomKill.steps({ tasks: 100 })).length - texts(oomKill.steps({ tasks: 1 })).length).toBe(99);
    expect(texts(diskError.steps({ sectors: 7 })).filter((text) => text.startsWith('Buffer I/O')).length).toBe(7);
    expect(texts(filesystemError.steps({ xfs: true })).join('\n')).toMatch(/XFS .* Shutting down filesystem/);
    expect(texts(machineCheck.steps({ fatal: true })).join('\n')).toMatch(/event severity: fatal/);
    expect(texts(oops.steps({ machine: { release: '4.14.0' } }))[0]).toMatch(/unable to handle kernel NULL pointer/);
  });
});

it('a panic cuts off the line that was begun', () => {
  const harness = createHarness({ profile: '6.1' });
  playSteps(harness.kernel, panic.steps({ seed: 1 }));
  const sent = harness.texts();
  expect(sent[0]).toMatch(/^ata\d\.00: configured for $/);
  expect(sent[1]).toMatch(/^Kernel panic - not syncing: /);
});
