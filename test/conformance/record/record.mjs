// record.mjs KERNEL SCENARIO OUT: boots a real kernel under QEMU, runs a scenario on its netconsole, keeps what came out as a golden.
//
//   npm run golden:record -- 7.3 test/conformance/scenarios/order.json test/golden/7.3/order
//   npm run golden:record -- --all     all that can be recorded again: all.mjs
//
// KERNEL is what `prepare.sh KERNEL` unpacked; SCENARIO a file. Debian only, and no part of `npm test`.
// README.md in this folder says what a golden holds. Environment:
//   NETCONSOLE_LAB       where the kernels are (default: netconsole-lab in the cache folder of your home)
//   GOLDEN_PAUSES        seconds before and after a marker, `0.3,0.2` by default; shorter is faster, and safe where printing is synchronous (< 7.0)
//   GOLDEN_KEEP_CONSOLE  set: also keep the text of the serial console, as `console`
import { execFileSync, spawn } from 'node:child_process';
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { initScript, readReport, withMarkers } from './guest.mjs';
import { kernelFolder } from './lab.mjs';

if (process.argv[2] === '--all') {
  process.argv.splice(2, 1);
  await import('./all.mjs');
  process.exit();
}
const [key, scenarioFile, out] = process.argv.slice(2);
if (out === undefined) fail('usage: record.mjs KERNEL SCENARIO OUT, or record.mjs --all [OUT]', 2);
const lab = kernelFolder(key);
if (!existsSync(join(lab, 'vmlinuz')))
  fail(`There is no kernel '${key}' in ${lab}: run test/conformance/record/prepare.sh ${key} first.`, 2);
const scenario = JSON.parse(readFileSync(scenarioFile, 'utf8'));
const [before, after] = (process.env.GOLDEN_PAUSES ?? '0.3,0.2').split(',').map(Number);
const ops = withMarkers(scenario.ops, before, after);
const cmdline = `console=ttyS0 panic=-1 ${scenario.cmdline ?? ''}`.trim();

/**
 * The time of a guest with one processor is that of the instructions it has run, and pauses are skipped: a busy host does not disturb
 * it, and a pause costs nothing. One with several keeps the host's time: in turns, those of old kernels do not come up.
 */
const CLOCK = (scenario.smp ?? 1) > 1 ? [] : ['-icount', 'shift=3,sleep=off', '-rtc', 'clock=vm'];
const work = mkdtempSync(join(tmpdir(), 'golden-'));
try {
  makeInitrd();
  await boot();
  keep();
} finally {
  rmSync(work, { recursive: true, force: true });
}

function fail(text, code) {
  console.error(text);
  process.exit(code);
}

/** The kernel's root file system, made once, with this scenario's /init appended: the kernel unpacks both, in order. */
function makeInitrd() {
  const base = join(lab, 'base.cpio');
  if (!existsSync(base)) {
    // Under another name first: several recorders may begin at once.
    const own = `base.cpio.${process.pid}`;
    execFileSync('sh', ['-c', `cd root && find . | cpio -o -H newc --quiet >../${own}`], { cwd: lab });
    renameSync(join(lab, own), base);
  }
  writeFileSync(join(work, 'init'), initScript(ops, scenario.modules), { mode: 0o755 });
  const own = execFileSync('cpio', ['-o', '-H', 'newc', '--quiet'], { cwd: work, input: 'init\n' });
  copyFileSync(base, join(work, 'initrd'));
  appendFileSync(join(work, 'initrd'), own);
}

/** Runs the guest until it powers off, or, where its kernel died for good, until nothing has left it for a while. */
async function boot() {
  const port = 20000 + 2 * (process.pid % 20000); // and the next one: no other recorder's
  const qemu = spawn(
    'qemu-system-x86_64',
    [
      '-accel',
      'tcg',
      ...CLOCK,
      '-smp',
      String(scenario.smp ?? 1),
      '-m',
      '512',
      '-display',
      'none',
      '-monitor',
      'none',
      '-no-reboot',
      '-kernel',
      join(lab, 'vmlinuz'),
      '-initrd',
      join(work, 'initrd'),
      '-append',
      cmdline,
      '-serial',
      `file:${join(work, 'console')}`,
      '-serial',
      `file:${join(work, 'report')}`,
      // A network of nobody: frames go to a UDP port of the host's loopback where no one listens; the dump is taken before.
      '-netdev',
      `socket,id=n0,udp=127.0.0.1:${port + 1},localaddr=127.0.0.1:${port}`,
      '-object',
      `filter-dump,id=d0,netdev=n0,file=${join(work, 'wire.pcap')}`,
      '-device',
      'e1000,netdev=n0,mac=52:54:00:12:34:56,romfile=',
    ],
    { stdio: ['ignore', 'inherit', 'inherit'] },
  );
  const limit = scenario.timeout ?? 600;
  const end = Date.now() + limit * 1000;
  let late = false;
  const watch = setInterval(() => {
    if (Date.now() > end) {
      late = true;
      qemu.kill();
    } else if (consoleText().includes('end Kernel panic')) {
      clearInterval(watch);
      setTimeout(() => qemu.kill(), 8000);
    }
  }, 1000);
  await new Promise((done, failed) => qemu.on('error', failed).on('exit', done));
  clearInterval(watch);
  if (late)
    throw new Error(
      `the guest was not done after ${limit} seconds: "timeout" in the scenario says how long it may take`,
    );
}

/** What the guest wrote to its serial console so far. */
function consoleText() {
  const file = join(work, 'console');
  return existsSync(file) ? readFileSync(file, 'latin1') : '';
}

/** The UDP frames of a capture, tagged or not, as a capture. What else the guest sends (neighbour discovery) is not netconsole's. */
function udpOnly(pcap) {
  const kept = [pcap.subarray(0, 24)];
  for (let at = 24; at + 16 <= pcap.length; ) {
    const next = at + 16 + pcap.readUInt32LE(at + 8);
    const frame = pcap.subarray(at + 16, next);
    const tag = frame.readUInt16BE(12) === 0x8100 ? 4 : 0;
    const type = frame.readUInt16BE(12 + tag);
    const protocol = type === 0x0800 ? frame[23 + tag] : type === 0x86dd ? frame[20 + tag] : 0;
    if (protocol === 17) kept.push(pcap.subarray(at, next));
    at = next;
  }
  return kept;
}

function keep() {
  const { release, version, kmsg } = readReport(readFileSync(join(work, 'report'), 'latin1'), ops);
  if (release === undefined) {
    console.error(consoleText().slice(-3000));
    throw new Error('the guest never became ready: its console is above');
  }
  const frames = udpOnly(readFileSync(join(work, 'wire.pcap')));
  const { about, smp, modules } = scenario;
  mkdirSync(out, { recursive: true });
  writeFileSync(join(out, 'wire.pcap'), Buffer.concat(frames));
  writeFileSync(
    join(out, 'scenario.json'),
    `${JSON.stringify({ about, cmdline: scenario.cmdline, smp, modules, ops }, null, 1)}\n`,
  );
  rmSync(join(out, 'kmsg'), { force: true });
  if (kmsg !== undefined) writeFileSync(join(out, 'kmsg'), kmsg);
  writeFileSync(
    join(out, 'meta.json'),
    `${JSON.stringify({ release, version, cmdline, recorded: new Date().toISOString() }, null, 1)}\n`,
  );
  if (process.env.GOLDEN_KEEP_CONSOLE) copyFileSync(join(work, 'console'), join(out, 'console'));
  const [done, of] = [
    ops.filter((op) => op.outcome !== undefined).length,
    ops.filter((op) => op.op !== 'settle').length,
  ];
  console.log(
    `${release}: ${about ?? scenarioFile}: ${frames.length - 1} frames, ${done} of ${of} operations recorded${kmsg === undefined ? ', the kernel died' : ''}`,
  );
}
