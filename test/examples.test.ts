/** Every example runs, unprivileged, and prints what it promises. They import the package by its name: it must be built. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const folder = new URL('../examples/', import.meta.url).pathname;
const root = new URL('..', import.meta.url).pathname;
const examples = readdirSync(folder)
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
  .sort();
/** Those that need a network card say so in their first line. */
const privileged = (name: string): boolean => /needs/i.test(readFileSync(folder + name, 'utf8').split('\n')[0]!);

const PRINTS: Readonly<Record<string, RegExp>> = {
  '01-hello.ts': /"hello, wire"\n.*"link is up" SUBSYSTEM="net" DEVICE="n2"\n$/,
  '02-configfs.ts':
    /"with userdata behind it" rack="B12" release="6\.18\.2"\n.*fragment 0-\d+\/1027 [\s\S]*EINVAL\nlocal_ip is 192\.0\.2\.1\n$/,
  '03-replay.ts': /^\/dev\/kmsg: 394 records, 381 frames through pcap:/,
  '04-test.ts': /^fragments: ok\nmainline: 20 of 30 .*\nheo-2015: 30 of 30 /,
  '05-real-time.ts': /\] one\n.*\] two\n.*\] three\n$/,
  '06-netoops.ts': /^0 frames while all is well\n12 frames after [\s\S]*Attempted to kill init!\n[\s\S]*missing: 0/,
  '07-netconsole-2001.ts': /dropped: 8, fromReserve: 32[\s\S]*\(85\): alpha\n-- 11 bytes lost\n\(102\): delta\n/,
  '14-fleet.ts': /^67 of 200 hosts killed a process, in \d+ frames\n198\.18\.0\.1 Out of memory/,
  '15-other-process.ts': /,hello\n.*;bye\n$|;hello\n[\s\S]*;bye\n$/,
  '08-netconsole-2003.ts': /2\.6\.0, from 52:[\s\S]*no udp cksum[\s\S]*from 00:00:00:00:00:00\n[\s\S]*udp sum ok/,
  '09-reliable.ts': /message 20\n[\s\S]*<- nca30\n46 frames for 31 records\n$/,
  '10-full-speed.ts':
    /million records a second\n288011 records logged, 0 without room\n288011 frames, 0 dropped, 0 without a slot, 0 waiting\non the wire: 288000 of 288000\n$/,
  '11-own-device.ts': /^1 sent, 2 waiting\n3 sent, 0 waiting\n.*"one"\n.*"two"\n.*"three"\n$/,
  '12-shared-device.ts': /"host 0 is up"\n[\s\S]*"host 0 still logs"\n.*"host 2 still logs"\n$/,
  '13-faults.ts': /passed: 856,\n {2}dropped: 38,[\s\S]*953 of 1000 records delivered\n$/,
};

function run(name: string): string {
  const tsx = new URL('../node_modules/tsx/dist/cli.mjs', import.meta.url).pathname;
  return execFileSync(process.execPath, [tsx, folder + name], { cwd: root, encoding: 'utf8', timeout: 60_000 });
}

describe('examples', () => {
  it('are numbered in reading order, without gaps', () => {
    const numbers = examples.map((name) => Number(name.slice(0, 2)));
    expect(numbers).toEqual(numbers.map((_, i) => i + 1));
    expect(Object.keys(PRINTS).every((name) => examples.includes(name))).toBe(true);
  });

  it.each(examples)('%s has under 60 lines and says how it is run', (name) => {
    const text = readFileSync(folder + name, 'utf8');
    expect(text.split('\n').length).toBeLessThan(61);
    expect(text).toContain(`npx tsx examples/${name}`);
  });

  it.each(examples.filter((name) => !privileged(name)))('%s', (name) => {
    const printed = run(name);
    expect(printed).toMatch(PRINTS[name] ?? /\S/);
    rmSync(`${folder}boot.pcap`, { force: true });
  });
});
