import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

interface Op {
  op: string;
  data?: string;
  hex?: string;
  seconds?: number;
  path?: string;
  outcome?: unknown;
}
interface Guest {
  errnoOf(text: string): string;
  initScript(ops: readonly Op[]): string;
  readReport(text: string, ops: Op[]): { release?: string; version?: string; kmsg?: Buffer };
  withMarkers(ops: readonly Op[], before?: number, after?: number): Op[];
  withoutMarkers(ops: readonly Op[]): Op[];
}
const file = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const guest = (await import(new URL('./guest.mjs', import.meta.url).href)) as Guest;
const random = (...args: string[]): string =>
  execFileSync('node', [file('./random.mjs'), ...args], { encoding: 'utf8' });

describe('the recorder: operations', () => {
  it('takes the markers out of a recording again', () => {
    const ops: Op[] = [
      { op: 'settle', seconds: 1 },
      { op: 'mkdir', path: 't' },
      { op: 'settle', seconds: 2 },
      { op: 'kmsg', data: '<6>klab: up\n' },
      { op: 'rmmod' },
    ];
    expect(guest.withoutMarkers(guest.withMarkers(ops).map((op) => ({ ...op, outcome: 'ok' })))).toEqual(ops);
  });

  it('puts a pause, a marker with its place, and a pause before what can change the log', () => {
    const ops = guest.withMarkers([{ op: 'mkdir', path: 't' }, { op: 'read', path: 't/enabled' }, { op: 'rmmod' }]);
    expect(ops.map((o) => o.data ?? o.seconds ?? o.op)).toEqual([
      0.3,
      '<6>klab: op 2\n',
      0.2,
      'mkdir',
      'read',
      0.3,
      '<6>klab: op 7\n',
      0.2,
      'rmmod',
    ]);
  });

  it('writes any bytes in one write', () => {
    const script = guest.initScript([{ op: 'kmsg', hex: '3c 00 ff' }]);
    expect(script).toContain("printf '\\074\\000\\377' >/bytes; dd if=/bytes of='/dev/kmsg'");
  });

  it('quotes paths for the shell', () => {
    const script = guest.initScript([{ op: 'mkdir', path: "it's $(here)" }]);
    expect(script).toContain(`mkdir '/sys/kernel/config/netconsole/it'\\''s $(here)'`);
  });

  it('refuses an operation it does not know', () => {
    expect(() => guest.initScript([{ op: 'nonesuch' }])).toThrow("unknown operation 'nonesuch' (operation 0)");
  });

  it('makes a shell script of every scenario', () => {
    for (const name of readdirSync(file('../scenarios'))) {
      const scenario = JSON.parse(readFileSync(file(`../scenarios/${name}`), 'utf8')) as { about: string; ops: Op[] };
      expect(scenario.about, name).toMatch(/\S/);
      const script = guest.initScript(guest.withMarkers(scenario.ops));
      expect(() => execFileSync('sh', ['-n'], { input: script }), name).not.toThrow();
    }
  });
});

describe('the recorder: the report', () => {
  const ops = (): Op[] => [{ op: 'insmod' }, { op: 'read' }, { op: 'read' }, { op: 'write' }, { op: 'read' }];

  it('reads outcomes, attributes of any text, the release and the log', () => {
    const list = ops();
    const text =
      'UNAME 7.3.4\nOK 0\nDATA 1\n0\nEND 1\nDATA 2\nno newline, OK 0\nERR 9 zEND 2\nERR 3 dd: error writing: Invalid argument 0+1 records in\nDATA 4\nERR 4 cat: no: No such file or directory\n\nKMSG\n6,0,0,-;Linux\n6,1,1,-;x\nKMSG-END\n';
    const { release, kmsg } = guest.readReport(text, list);
    expect(release).toBe('7.3.4');
    expect(kmsg?.toString()).toBe('6,0,0,-;Linux\n6,1,1,-;x\n');
    expect(list.map((o) => o.outcome)).toEqual([
      'ok',
      { data: '0\n' },
      { data: 'no newline, OK 0\nERR 9 z' },
      'EINVAL',
      'ENOENT',
    ]);
  });

  it('takes the version from the build where the release hides it', () => {
    const uname = (release: string, version: string) =>
      guest.readReport(`UNAME ${release} #1 SMP PREEMPT_DYNAMIC Debian ${version} (2026-01-01)\n`, []);
    expect(uname('6.1.0-50-amd64', '6.1.192-2')).toMatchObject({ release: '6.1.0-50-amd64', version: '6.1.192' });
    expect(uname('7.3.4+deb13-amd64', '7.3.4-1~bpo13+1')).toMatchObject({ release: '7.3.4+deb13-amd64' });
    expect(uname('7.3.4+deb13-amd64', '7.3.4-1~bpo13+1').version).toBeUndefined();
  });

  it('has no log and no outcomes after the kernel died', () => {
    const list = ops();
    expect(guest.readReport('UNAME 6.1\nOK 0\n', list)).toEqual({ release: '6.1', kmsg: undefined });
    expect(list.map((o) => o.outcome)).toEqual(['ok', undefined, undefined, undefined, undefined]);
  });

  it.each([
    ["dd: error writing 'x': Unknown error 524", 'ENOTSUPP'],
    ["insmod: can't insert '/mod/netconsole.ko': No such device", 'ENODEV'],
    ["dd: error writing 'x': Argument list too long 0+1", "dd: error writing 'x': Argument list too long 0+1"],
    ['dmesg: number 9 is not in 1..8 range', 'dmesg: number 9 is not in 1..8 range'],
  ])('%s is %s', (text, errno) => {
    expect(guest.errnoOf(text)).toBe(errno);
  });
});

describe('random scenarios', () => {
  it('are the same for the same seed, and differ by seed and kind', () => {
    const one = random('7', 'mixed', '20');
    expect(random('7', 'mixed', '20')).toBe(one);
    expect(random('8', 'mixed', '20')).not.toBe(one);
    expect(random('7', 'kmsg', '20')).not.toBe(one);
  });

  const MACHINE = ['subnet', 'ipv6', 'links', 'plug', 'boot', 'edges', 'levels', 'nuls', 'bytes', 'many'];
  it.each(['configfs', 'userdata', 'kmsg', 'device', 'mixed', ...MACHINE])('of kind %s can be run', (kind) => {
    const { ops } = JSON.parse(random('3', kind, '60')) as { ops: Op[] };
    expect(ops.length).toBeGreaterThanOrEqual(60);
    expect(() => execFileSync('sh', ['-n'], { input: guest.initScript(guest.withMarkers(ops)) })).not.toThrow();
  });
});
