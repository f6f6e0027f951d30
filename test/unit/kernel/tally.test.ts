/** The sums of a kernel, against the counters of its targets that `inspect` shows. */
import { describe, expect, it } from 'vitest';
import { createKernel, tallyOf } from '../../../src/kernel/index.js';
import { createMemoryDevice } from '../../../src/net/memory.js';
import { datagramFrame } from '../../../src/scenario/datagram.js';

function boot() {
  const kernel = createKernel({ startUsec: 400e6, reliable: 'heo-2015', profile: '6.12' });
  const eth0 = createMemoryDevice('eth0');
  const dev = kernel.addDevice(eth0, { addresses: ['192.0.2.1/24'] });
  kernel.insmod('netconsole', '+6665@192.0.2.1/eth0,6666@192.0.2.2/02:00:00:00:00:02');
  const respond = (data: string) => {
    eth0.inject(datagramFrame({ op: 'datagram', from: '192.0.2.2:6666', to: '192.0.2.1:6665', data }, eth0.mac));
    kernel.advanceTo(kernel.now());
  };
  return { kernel, eth0, dev, respond };
}

describe('tally', () => {
  it('is the sum of what the targets count', () => {
    const { kernel, dev } = boot();
    kernel.printk(`${'ü'.repeat(400)}\n`);
    kernel.ip((all) => all.setUp(dev, false));
    kernel.printk('into a device that is down\n');
    const [target] = kernel.inspect().targets;
    const { frames, fragments, xmitDropCount, enomemCount } = target!.stats;
    expect(fragments).toBeGreaterThan(1);
    expect(tallyOf(kernel)).toEqual({
      frames,
      fragments,
      noRoom: 0,
      notSent: xmitDropCount + enomemCount,
      noSlot: enomemCount,
      interfaceDown: xmitDropCount,
      queueDropped: 0,
      acks: 0,
      retransmits: 0,
      emergencies: 0,
      emergencyUsec: 0,
    });
  });

  it('counts acks, and tells with which interval emergencies back off', () => {
    const { kernel, respond } = boot();
    kernel.printk('one\n');
    respond('nca9 8');
    expect(tallyOf(kernel)).toMatchObject({ acks: 1, retransmits: 1, emergencies: 0, emergencyUsec: 0 });
    // Nothing more is acked: after 10 s the first emergencies leave, and each session waits twice as long.
    const until = kernel.now() + 60e6;
    let longest = 0;
    for (let next = kernel.nextDeadline(); next !== undefined && next <= until; next = kernel.nextDeadline()) {
      kernel.advanceTo(next);
      const { emergencyUsec } = tallyOf(kernel);
      expect(emergencyUsec).toBeGreaterThanOrEqual(longest);
      longest = emergencyUsec;
    }
    expect(tallyOf(kernel).emergencies).toBe(kernel.inspect().targets[0]!.stats.emergencies);
    expect(longest).toBeGreaterThan(100_000);
    respond('nca10');
    expect(tallyOf(kernel)).toMatchObject({ acks: 2, emergencyUsec: 0 });
  });
});
