/**
 * Puts two hundred hosts on one wire, a third of which runs out of memory within a minute.
 * Run: npx tsx examples/14-fleet.ts
 */
import { recordText } from 'netconsole-emulator/receiver';
import { createFleet } from 'netconsole-emulator/testing';
import { oomKill } from 'netconsole-emulator/workload';

const fleet = createFleet({ hosts: 200, bootSpread: 600_000, profile: '6.12' });
for (const host of fleet.hosts.filter(({ index }) => index % 3 === 0))
  host.at(host.index * 300, (kernel) => oomKill(kernel, { seed: host.index }));
fleet.advance(120_000);

const killed = fleet.received().filter(({ record }) => /^Out of memory: Killed process/.test(recordText(record)));
console.log(`${killed.length} of ${fleet.hosts.length} hosts killed a process, in ${fleet.frames.length} frames`);
for (const { host, record } of killed.slice(0, 3)) console.log(`${host.ip} ${recordText(record)}`);
