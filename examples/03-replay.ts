/**
 * Sends a real kernel's boot log again: into a capture file, or anywhere else with --via.
 * Run: npx tsx examples/03-replay.ts [--via udp] [--target TARGET] [--speed 10]
 */
import { parseArgs } from 'node:util';
import { parseSpeed, readLog, replay } from 'netconsole-emulator/replay';
import { openDevice } from 'netconsole-emulator/transport';

const { values } = parseArgs({
  options: {
    via: { type: 'string', default: `pcap:${new URL('boot.pcap', import.meta.url).pathname}` },
    target: { type: 'string', default: '+@192.0.2.1/eth0,@192.0.2.2/02:00:00:00:00:02' },
    speed: { type: 'string', default: 'max' },
  },
});

const log = readLog(new URL('boot.kmsg', import.meta.url).pathname);
const summary = await replay(log, () => openDevice(values.via), {
  profile: '6.12',
  targets: [values.target],
  speed: parseSpeed(values.speed),
});

console.log(`${summary.format}: ${summary.records} records, ${summary.frames} frames through ${values.via}`);
for (const { line, reason } of summary.problems) console.log(`line ${line}: ${reason}`);
if (summary.stopped !== undefined) console.log(summary.stopped.message);
