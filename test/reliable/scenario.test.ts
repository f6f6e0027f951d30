/** Scenarios of reliable netconsole: time, datagrams and the console lock as operations; stamps in virtual time. */
import { describe, expect, it } from 'vitest';
import { runScenario, type Scenario, ScenarioError, type ScenarioOp } from '../../src/scenario/index.js';
import { PcapReader } from '../../src/wire/pcap.js';

const PARAM = '+@10.0.2.15/eth0,@10.0.2.2/';
const nca = (data: string): ScenarioOp => ({ op: 'datagram', from: '10.0.2.2:6666', to: '10.0.2.15:6665', data });

function run(ops: ScenarioOp[], more: Partial<Scenario> = {}) {
  const insmod = { op: 'insmod', params: PARAM };
  return runScenario({ kernel: '6.12', reliable: 'heo-2015', ops: [insmod, ...ops], ...more });
}

/** Seqs of emergency frames, with the milliseconds since the start at which they left. */
function emergencies(result: ReturnType<typeof run>, start = 400e6): string[] {
  return new PcapReader()
    .push(result.pcap)
    .map((packet) => {
      const text = Buffer.from(packet.frame.subarray(42)).toString('latin1');
      const usec = packet.tsUsec - start;
      return text.includes(',emg=1') ? `${usec / 1000} ${text.split(',')[1]}` : '';
    })
    .filter((line) => line !== '');
}

describe('scenarios', () => {
  it('time passes, an ack arms the timer, emergencies follow', () => {
    const result = run([{ op: 'advance', ms: 2000 }, nca('nca8'), { op: 'advance', ms: 8200 }]);
    expect(result.outcomes).toEqual(['ok', 'ok', 'ok', 'ok']);
    expect(emergencies(result)).toEqual(['10000 9', '10100 10']);
  });

  it('someone holds the console', () => {
    const result = run([
      ...[{ op: 'advance', ms: 2000 }, nca('nca8'), { op: 'advance', ms: 7900 }],
      ...[
        { op: 'holdconsole', ms: 200 },
        { op: 'holdconsole', ms: 1 },
        { op: 'advance', ms: 1000 },
      ],
    ]);
    expect(result.outcomes.slice(-3)).toEqual(['ok', 'EBUSY', 'ok']);
    // Held from 9,900 until 10,100: free at that very jiffy.
    expect(emergencies(result).slice(0, 2)).toEqual(['10100 9', '10200 10']);
  });

  it('hz and start are the scenario’s', () => {
    const ops = [{ op: 'advance', ms: 2000 }, nca('nca8'), { op: 'advance', ms: 8000 }];
    expect(emergencies(run(ops, { hz: 1000, start: 1e9 }), 1e9)).toEqual(['10000 9']);
  });

  it.each<[string, ScenarioOp]>([
    ['no addresses', { op: 'datagram', data: 'x' }],
    ['no port', { ...nca('x'), from: '10.0.2.2' }],
    ['a port above 65535', { ...nca('x'), to: '10.0.2.15:65536' }],
    ['an address that is none', { ...nca('x'), from: '10.0.2.256:1' }],
    ['two families', { ...nca('x'), from: '[fd00::2]:6666' }],
    ['more than a datagram holds', nca('x'.repeat(65_508))],
  ])('a datagram that makes no sense: %s', (_name, op) => {
    expect(() => run([op])).toThrow(ScenarioError);
  });
});
