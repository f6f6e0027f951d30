/**
 * Each row of the feature table, seen from outside: on the first and the last kernel of every value a kernel that has it does what the
 * row says. What is seen does not ask the profile; where a kernel lacks what the feature is about, nothing can be seen.
 */
import { describe, expect, it } from 'vitest';
import { writing } from '../../../src/console/index.js';
import { insideOf } from '../../../src/kernel/index.js';
import { createMemoryDevice } from '../../../src/net/memory.js';
import { printkRecord } from '../../../src/printk/record.js';
import { FEATURES, featuresOf } from '../../../src/profile/features.js';
import { KERNELS, type KernelName, type KnownKernel } from '../../../src/profile/kernels.js';
import type { Features } from '../../../src/profile/profile.js';
import { type Bench, type BenchOptions, bench, errno } from '../../support/harness.js';

const T1 = 'netconsole/t1';
const A = { pid: 11, comm: 'a', cpu: 0 };
const B = { pid: 12, comm: 'b', cpu: 0 };

const loaded = (name: string, param = '', options: BenchOptions = {}): Bench => {
  const b = bench(name, options);
  b.kernel.insmod('netconsole', param);
  b.take();
  return b;
};
const PLAIN = '@/eth0,6666@10.0.0.2/';
const BOTH = '+@/eth0,6667@10.0.0.3/;@/eth0,6666@10.0.0.2/';
const made = (name: string, options: BenchOptions = {}): Bench => {
  const b = loaded(name, '', options);
  b.kernel.fs.mkdir(T1);
  b.kernel.fs.write(`${T1}/remote_ip`, '10.0.0.9');
  return b;
};
const put = (b: Bench, path: string, value: string) => errno(() => b.kernel.fs.write(`${T1}/${path}`, value));
const has = (b: Bench, path: string) => b.kernel.fs.kind(path) !== undefined;
const longest = (b: Bench) => {
  // What is cut has no newline, and is seen when the next record comes.
  b.kernel.printk(`${'x'.repeat(3000)}\n`);
  b.kernel.printk('end\n');
  return b.texts()[0]!.length + 1;
};
/** Three pieces of a line, as the kernel's own time marks them, on an extended and a plain target. */
const pieces = (name: string) => {
  const b = loaded(name, BOTH);
  const marker = ['4.2', '4.4'].includes(name) ? '' : '\x01c';
  for (const text of ['\x016one ', `${marker}two `, `${marker}three\n`]) b.kernel.printk(text, { task: A });
  b.kernel.printk('\x016end\n', { task: B });
  return b;
};
const flags = (b: Bench, texts: RegExp) =>
  b
    .log()
    .filter((line) => texts.test(line))
    .map((line) => /^\d+,\d+,\d+,(.)/.exec(line)![1])
    .join('');
/** A plain console that fell behind. */
const flood = (name: string, level: number) => {
  const b = loaded(name, PLAIN, { logBufShift: 12 });
  const { consoles } = insideOf(b.kernel);
  consoles.trylock();
  for (let i = 0; i < 400; i++) b.kernel.printk('x\n', { level: 7 });
  consoles.consoleLoglevel = level;
  b.kernel.printk('last\n', { level: 6 });
  consoles.unlock();
  b.kernel.ip(() => {});
  return b.take();
};
const NOTICE = /^\*\* \d+ printk messages dropped \*\*/;
const crash = (name: string) => {
  const b = loaded(name, PLAIN, { panicTimeout: 0 });
  b.kernel.sysrq('c');
  return b;
};
const said = (b: Bench, text: RegExp) => b.texts().find((line) => text.test(line));
const prefixOf = (b: Bench, text: string) => said(b, new RegExp(text))!.split(text)[0]!;

const SEEN: { readonly [F in keyof Features]: (name: string) => Features[F] | undefined } = {
  ring(name) {
    const b = bench(name, { logBufShift: 12 });
    for (let i = 0; i < 400; i++) b.kernel.printk('x\n');
    return b.log().length === 128 ? 'prb' : 'log';
  },
  recordShare(name) {
    const b = bench(name, { logBufShift: 10 });
    b.kernel.printk(`${'x'.repeat(600)}\n`);
    b.kernel.printk('e\n');
    return b.texts()[0]!.length === 600 ? 'whole' : 'half';
  },
  perfectFit(name) {
    const b = bench(name, { logBufShift: 10 });
    for (let i = 0; i < 4; i++) b.kernel.printk(`${'x'.repeat(246)}\n`);
    return b.log().length === 4;
  },
  recordMax: (name) => longest(bench(name)),
  callerField(name) {
    const b = errno(() => bench(name, { kconfig: { caller: true } }));
    return b === 'ok';
  },
  callerTakesRecord(name) {
    if (errno(() => bench(name, { kconfig: { caller: true } })) !== 'ok') return undefined;
    return longest(bench(name, { kconfig: { caller: true } })) < longest(bench(name));
  },
  plainMax(name) {
    const b = loaded(name, PLAIN);
    b.kernel.printk(`y${'\n'.repeat(100)}end\n`);
    return b.take().join('').length > 1024 ? 2048 : 1024;
  },
  extMax(name) {
    const b = loaded(name, '+@/eth0,6666@10.0.0.2/');
    b.kernel.printk(`${'\x02'.repeat(900)}\n`);
    const [length] = [
      ...b
        .take()
        .join('')
        .matchAll(/ncfrag=0\/(\d+);/g),
    ].map((m) => Number(m[1]));
    return length! > 2048 ? 8192 : 2048;
  },
  droppedNotice(name) {
    const out = flood(name, 8);
    const at = out.findIndex((payload) => NOTICE.test(payload));
    if (/ \*\* \[/.test(out[at]!)) return 'inline';
    return out[at]!.endsWith('**\n') ? 'own-write' : 'prepended';
  },
  filteredTakesNotice: (name) => !flood(name, 7).some((payload) => NOTICE.test(payload)),
  contMarker(name) {
    const b = bench(name);
    b.kernel.printk('\x01cx\n');
    return b.texts()[0] === 'x';
  },
  unfinishedIsCont: (name) => flags(pieces(name), /;one/) === 'c',
  unfinishedAtConsoles(name) {
    const b = loaded(name, PLAIN);
    b.kernel.kmsg.write('<6>one');
    return b.take().length > 0;
  },
  extStopsJoining: (name) => said(loaded(name, BOTH), /^printk: continuation disabled/) !== undefined,
  plainJoins: (name) => {
    const out = pieces(name).take(6666);
    return out.some((payload) => !payload.endsWith('\n'));
  },
  fragmentFlag: (name) => (({ 'c++': 'c+', '-c+': 'c+cont' })[flags(pieces(name), /;(one|two|three)/)] as 'c+') ?? 'c',
  kmsgWriteMax(name) {
    const b = bench(name);
    return errno(() => b.kernel.kmsg.write('x'.repeat(1000))) === 'ok' ? 1024 : 992;
  },
  kmsgRatelimit(name) {
    const b = bench(name, { devkmsg: 'ratelimit' });
    const file = b.kernel.kmsg.open();
    for (let i = 0; i < 11; i++) file.write('x\n');
    return b.log().length === 10;
  },
  kmsgFacility(name) {
    const b = bench(name);
    b.kernel.kmsg.write('<2048>x\n');
    return b.log()[0]!.startsWith('0,') ? 'whole' : 'cut';
  },
  sysrqCrash: (name) => (said(crash(name), /Fatal exception$/) ? 'oops' : 'panic'),
  panicEndCloses: (name) => said(crash(name), /^---\[ end Kernel panic/)!.endsWith(' ]---'),
  panicEndInside(name) {
    const b = loaded(name, `${PLAIN} oops_only=1`, { panicTimeout: 0 });
    b.kernel.sysrq('c');
    return b.take().join('').includes('---[ end Kernel panic');
  },
  sysrqInFragments: (name) => {
    const b = bench(name);
    b.kernel.sysrq('7');
    return b.texts()[0]!.startsWith('sysrq: SysRq : ');
  },
  nbcon(name) {
    const b = loaded(name, PLAIN);
    let inside = 0;
    b.kernel.oops(() => {
      b.kernel.printk('oops\n');
      inside = b.take().length;
    });
    return inside === 0;
  },
  executionContext(name) {
    const b = bench(name);
    b.kernel.current = { pid: 5, comm: 'echo', cpu: 2 };
    b.kernel.printk('x\n');
    const record = printkRecord();
    insideOf(b.kernel).ring.read(0, record);
    return record.comm === 'echo';
  },
  registerFlushesFirst(name) {
    const b = bench(name);
    const core = insideOf(b.kernel);
    b.kernel.printk('backlog\n');
    let stored = 0;
    const write = () => {
      stored ||= core.ring.nextSeq;
    };
    core.call(() => core.consoles.register({ name: 'test', flags: 1, emit: writing(write) }));
    // From 7.0 on threads print it, whenever they run.
    return SEEN.nbcon(name) ? false : stored === 1;
  },
  consolePrefix: (name) => prefixOf(loaded(name, PLAIN), ' \\[netcon0\\] enabled').split(' [')[0],
  printkTime(name) {
    const b = loaded(name, PLAIN);
    b.kernel.printk('x\n');
    return b.take()[0]!.startsWith('[');
  },
  releaseFeature: (name) => has(made(name), `${T1}/release`),
  booleans(name) {
    const b = made(name);
    return put(b, 'extended', 'Y') === 'ok' ? 'kstrtobool' : 'int';
  },
  kstrtobool(name) {
    const takes = (value: string) =>
      errno(() => bench(name).kernel.insmod('netconsole', `${PLAIN} oops_only=${value}`));
    const words = ['e', 't', 'on'].map((word) => takes(word) === 'ok');
    return (['enable-disable', 'true-false', 'on-off'] as const)[words.indexOf(true)] ?? 'yn';
  },
  cmdlineTargets(name) {
    const b = loaded(name, '@/eth0,1234@10.0.0.2/');
    b.kernel.fs.mkdir('netconsole/cmdline0');
    return b.kernel.fs.read('netconsole/cmdline0/remote_port') === '1234\n';
  },
  cmdlineFatal: (name) => errno(() => loaded(name, 'bad')) !== 'ok',
  userdataItems(name) {
    const b = made(name);
    if (!has(b, `${T1}/userdata`)) return 0;
    let n = 0;
    while (n < 300 && errno(() => b.kernel.fs.mkdir(`${T1}/userdata/k${n}`)) === 'ok') n++;
    return n;
  },
  userdataTooLong(name) {
    const b = made(name);
    if (!has(b, `${T1}/userdata`)) return undefined;
    b.kernel.fs.mkdir(`${T1}/userdata/k`);
    return put(b, 'userdata/k/value', 'v'.repeat(200)) === 'E2BIG' ? 'late' : 'early';
  },
  sysdata: (name) => has(made(name), `${T1}/userdata/cpu_nr_enabled`),
  sysdataMsgid: (name) => has(made(name), `${T1}/userdata/msgid_enabled`),
  sysdataCounts(name) {
    const b = made(name);
    if (!has(b, `${T1}/userdata/cpu_nr_enabled`)) return undefined;
    for (let i = 0; i < 16; i++) b.kernel.fs.mkdir(`${T1}/userdata/k${i}`);
    return put(b, 'userdata/cpu_nr_enabled', '1') === 'ENOSPC';
  },
  sysdataReleaseShowsTaskname(name) {
    const b = made(name);
    if (!has(b, `${T1}/userdata/cpu_nr_enabled`)) return undefined;
    put(b, 'userdata/taskname_enabled', '1');
    return b.kernel.fs.read(`${T1}/userdata/release_enabled`) === '1\n';
  },
  transmitErrors: (name) => has(made(name), `${T1}/transmit_errors`),
  cleanupList(name) {
    const b = made(name);
    b.kernel.fs.mkdir('netconsole/t2');
    b.kernel.fs.write('netconsole/t2/remote_ip', '10.0.0.8');
    for (const t of ['t1', 't2']) b.kernel.fs.write(`netconsole/${t}/enabled`, '1');
    b.kernel.fs.write(`${T1}/enabled`, '0');
    b.kernel.fs.write(`${T1}/enabled`, '1');
    b.device.frames.length = 0;
    b.kernel.printk('x\n');
    return b.frames().at(-2)!.ip!.dst === '10.0.0.9';
  },
  macBinding: (name) =>
    errno(() => loaded(name, '@/52:54:00:00:00:01,@10.0.0.2/', { kconfig: { dynamic: false } })) === 'ok',
  consolesOnDemand: (name) => said(loaded(name), /\[netcon0\] enabled/) === undefined,
  consolesUnregistered(name) {
    const b = made(name);
    put(b, 'enabled', '1');
    put(b, 'enabled', '0');
    return said(b, /\[netcon0\] disabled/) !== undefined;
  },
  bannerPrefix: (name) => prefixOf(loaded(name, PLAIN), 'remote port'),
  setupPrefix: (name) => prefixOf(loaded(name, PLAIN), 'local IP 10'),
  strictIp: (name) => put(made(name), 'remote_ip', '10.4') === 'EINVAL',
  resume(name) {
    const b = made(name);
    put(b, 'enabled', '1');
    b.kernel.removeDevice(b.eth0);
    b.kernel.addDevice(b.device, { name: 'eth0', addresses: ['10.0.0.1/24'] });
    return b.kernel.fs.read(`${T1}/enabled`) === '1\n';
  },
  edgeBug(name) {
    if (!SEEN.releaseFeature(name)) return undefined;
    const b = made(name, { release: '1.2.3' });
    for (const file of ['extended', 'release', 'enabled']) put(b, file, '1');
    b.take();
    // Some length makes a message of exactly 1000 bytes.
    for (let n = 940; n < 990; n++) b.kernel.printk(`${'x'.repeat(n)}\n`);
    return b.take().some((payload) => payload.length === 1000 && payload.endsWith('\0'));
  },
  startedBeforeEnabled(name) {
    const b = made(name);
    put(b, 'enabled', '1');
    return !b.take().join('').includes('network logging started');
  },
  startedPrefixTwice(name) {
    const b = made(name);
    put(b, 'enabled', '1');
    return b.texts().at(-1) === 'netconsole: netconsole: network logging started';
  },
  storeReturnsStrlen: (name) => made(name).kernel.fs.write(`${T1}/local_port`, '12\0abc') === 2,
  devNameTooLong: (name) => (put(made(name), 'dev_name', 'x'.repeat(16)) === 'ok' ? 'cut' : 'ENAMETOOLONG'),
  liveRename: (name) => {
    const b = bench(name);
    return errno(() => b.kernel.ip((all) => all.rename(b.eth0, 'wan0'))) === 'ok';
  },
  vethRefuses(name) {
    const b = made(name);
    b.kernel.addDevice(createMemoryDevice('veth0'), { addresses: ['10.1.0.1/24'], kind: 'veth' });
    put(b, 'dev_name', 'veth0');
    return put(b, 'enabled', '1') === 'ENOTSUPP';
  },
  needsPollController(name) {
    const b = made(name, { dev: { pollController: false } });
    return put(b, 'enabled', '1') === 'ENOTSUPP';
  },
  untrustworthyCarrier(name) {
    const b = made(name, { dev: { up: false } });
    put(b, 'enabled', '1');
    return said(b, /appears untrustworthy/) !== undefined;
  },
  unsetSource(name) {
    const b = loaded(name, '@::1/eth0,@fd00::2/', { dev: { addresses: ['fd00::1/64'] } });
    return said(b, /local IPv6 fd00::1/) ? 'first4' : 'family';
  },
  ipv6Source(name) {
    const b = loaded(name, '@/eth0,@fe80::2/', { dev: { addresses: ['fd00::1/64', 'fe80::1/64'] } });
    return said(b, /local IPv6 fe80::1/) ? 'scope' : 'not-linklocal';
  },
  idPerModule(name) {
    const b = loaded(name, PLAIN);
    b.kernel.printk('x\n');
    b.kernel.rmmod('netconsole');
    b.device.frames.length = 0;
    b.kernel.insmod('netconsole', PLAIN);
    return b.frames()[0]!.ip!.id === 1;
  },
  restoreSource(name) {
    const b = made(name, { dev: { disableNetpoll: true } });
    put(b, 'enabled', '1');
    return b.kernel.fs.read(`${T1}/local_ip`) === '0.0.0.0\n';
  },
  macCut(name) {
    const b = bench(name, { kconfig: { dynamic: true } });
    errno(() => b.kernel.insmod('netconsole', '@/52:54:00:00:00:99,@10.0.0.2/'));
    if (said(b, /52:54:00:00:00:9.*doesn't exist/) === undefined || !SEEN.macBinding(name)) return undefined;
    return said(b, /52:54:00:00:00:99 doesn't exist/) === undefined;
  },
  npinfoLost(name) {
    const b = made(name);
    b.kernel.fs.mkdir('netconsole/t2');
    b.kernel.fs.write('netconsole/t2/remote_ip', '10.0.0.8');
    for (const t of ['t1', 't2']) b.kernel.fs.write(`netconsole/${t}/enabled`, '1');
    b.kernel.fs.write('netconsole/t2/enabled', '0');
    b.take();
    b.kernel.printk('x\n');
    const silent = b.take().length === 0;
    // Whoever is enabled next makes all speak again.
    b.kernel.fs.write('netconsole/t2/enabled', '1');
    b.take();
    b.kernel.printk('y\n');
    expect(b.take()).toHaveLength(2);
    return silent;
  },
};

const kernels: readonly KnownKernel[] = KERNELS;
/** The first and the last kernel of each run of one value, and every stable tree that has its own. */
function ends(feature: keyof Features): KernelName[] {
  const row = FEATURES[feature] as Record<string, unknown>;
  const line = kernels.filter(({ base }) => base === undefined);
  const value = (k: KnownKernel | undefined) => k && featuresOf(k.name as KernelName)[feature];
  const names = line.filter((k, i) => value(k) !== value(line[i - 1]) || value(k) !== value(line[i + 1]));
  const stable = kernels.filter(({ base, name }) => base !== undefined && name in row);
  return [...names, ...stable].map(({ name }) => name as KernelName);
}

const rows = Object.keys(FEATURES) as (keyof Features)[];
describe.each(rows)('%s', (feature) => {
  it.each(ends(feature))('%s', (name) => {
    const seen = SEEN[feature](name);
    if (seen !== undefined) expect(seen).toBe(featuresOf(name)[feature]);
  });
  it('is seen somewhere', () => expect(ends(feature).some((name) => SEEN[feature](name) !== undefined)).toBe(true));
});
