/** Any sequence of configfs operations leaves the tree as a table says; hostile ones get an errno and nothing else. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ERRNO } from '../../src/errno.js';
import { insideOf } from '../../src/kernel/index.js';
import { profile as profileOf } from '../../src/profile/index.js';
import { bench, errno, MODERN } from '../support/harness.js';
import { type ConfigOp, OracleConfigfs } from '../support/oracle-configfs.js';

const target = fc.constantFrom('a', 'b', 'cmdline0');
const key = fc.constantFrom('k1', 'k2', 'x'.repeat(53), 'x'.repeat(54));
const newline = (value: fc.Arbitrary<string>) =>
  fc.tuple(value, fc.constantFrom('', '\n')).map(([text, end]) => text + end);
const boolean = newline(fc.constantFrom('0', '1', '1', '2', 'y', 'n', 'on', 'off', 'x', ''));
const attributes: Record<string, fc.Arbitrary<string>> = {
  enabled: newline(fc.constantFrom('0', '1', '1')),
  extended: boolean,
  release: boolean,
  dev_name: newline(fc.constantFrom('eth0', 'eth0', 'eth9', 'abcdefghijklmno', 'abcdefghijklmnop')),
  local_port: newline(fc.constantFrom('1', '65535', '65536', '+7', 'x')),
  remote_port: newline(fc.constantFrom('1', '65535', '65536', '+7', 'x')),
  local_ip: newline(fc.constantFrom('10.0.0.7', '0.0.0.0')),
  remote_ip: newline(fc.ipV4()),
  remote_mac: newline(fc.constantFrom('12:34:56:78:9a:BC', '12:34', 'ff:ff:ff:ff:ff:ff')),
};
const step: fc.Arbitrary<ConfigOp> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ op: fc.constant('mkdir' as const), target }) },
  { weight: 1, arbitrary: fc.record({ op: fc.constant('rmdir' as const), target }) },
  {
    weight: 2,
    arbitrary: fc.record({ op: fc.constantFrom('mkdir' as const, 'mkdir' as const, 'rmdir' as const), target, key }),
  },
  {
    weight: 8,
    arbitrary: fc.constantFrom(...Object.keys(attributes)).chain((attribute) =>
      fc.record({
        op: fc.constant('write' as const),
        target,
        attribute: fc.constant(attribute),
        value: attributes[attribute]!,
      }),
    ),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      op: fc.constant('value' as const),
      target,
      key,
      value: fc.oneof(
        fc.string({ unit: 'binary-ascii', maxLength: 20 }).map((s) => s.replaceAll('\0', '')),
        fc.integer({ min: 195, max: 203 }).map((n) => 'v'.repeat(n)),
      ),
    }),
  },
);

describe('any sequence of operations', () => {
  it('is answered, and leaves the tree, as the table says', () => {
    fc.assert(
      fc.property(fc.constantFrom(...MODERN), fc.array(step, { maxLength: 60 }), (name, steps) => {
        const b = bench(name);
        const { fs } = b.kernel;
        b.kernel.insmod('netconsole');
        const oracle = new OracleConfigfs(profileOf(name));
        for (const s of steps) {
          const base = `netconsole/${s.target}`;
          const does = () => {
            if (s.op === 'write') return fs.write(`${base}/${s.attribute}`, s.value);
            if (s.op === 'value') return fs.write(`${base}/userdata/${s.key}/value`, s.value);
            return fs[s.op](s.key === undefined ? base : `${base}/userdata/${s.key}`);
          };
          expect([s, errno(does)]).toEqual([s, oracle.do(s)]);
        }
        const shown = oracle.shown();
        for (const [path, value] of shown) expect([path, fs.read(path)]).toEqual([path, value]);
        expect([...fs.readdir('netconsole')].sort()).toEqual([...oracle.targets.keys()].sort());
        // Each enabled target gets the message, with its own lines.
        b.take();
        b.kernel.printk('hello\n');
        const sent = b
          .take()
          .map((payload) => payload.slice(payload.search(/hello/)))
          .sort();
        const wanted = [...oracle.targets]
          .filter(([, t]) => t.enabled)
          .map(([n, t]) => `hello\n${t.extended ? oracle.lines(n) : ''}`)
          .sort();
        if (wanted.every((text) => text.length < 800)) expect(sent).toEqual(wanted);
        for (const n of oracle.targets.keys()) {
          for (const k of oracle.targets.get(n)!.userdata.keys()) fs.rmdir(`netconsole/${n}/userdata/${k}`);
          fs.rmdir(`netconsole/${n}`);
        }
        b.kernel.rmmod('netconsole');
        expect(b.device.slab.inUse).toBe(0);
        b.kernel.close();
      }),
      { numRuns: 250 },
    );
  });
});

describe('hostile operations', () => {
  const part = fc.oneof(
    fc.constantFrom(
      'netconsole',
      't',
      'userdata',
      'enabled',
      'value',
      'k',
      '',
      '.',
      '..',
      '__proto__',
      'constructor',
      'a/b',
      '\0',
      'x'.repeat(256),
      'cmdline0',
    ),
    fc.string({ maxLength: 8 }),
  );
  const path = fc.array(part, { maxLength: 6 }).map((parts) => parts.join('/'));
  const op = fc.tuple(
    fc.constantFrom('mkdir', 'rmdir', 'readdir', 'read', 'write', 'kind'),
    fc.oneof(
      path,
      path.map((p) => `netconsole/${p}`),
    ),
    fc.uint8Array({ maxLength: 300 }),
  );

  it('get one of the kernel errors, or work', () => {
    fc.assert(
      fc.property(fc.constantFrom('4.2', '6.1s', '6.12', '7.3'), fc.array(op, { maxLength: 40 }), (name, ops) => {
        const b = bench(name);
        const { fs } = b.kernel;
        b.kernel.insmod('netconsole');
        fs.mkdir('netconsole/t');
        for (const [what, p, bytes] of ops) {
          const result = errno(() => (what === 'write' ? fs.write(p, bytes) : (fs[what as 'mkdir'](p) as unknown)));
          expect(result === 'ok' || result in ERRNO).toBe(true);
        }
        b.kernel.printk('x\n');
        for (const { odd } of b.frames()) expect(odd).toEqual([]);
        b.kernel.close();
      }),
      { numRuns: 200 },
    );
  });

  it('attributes take any bytes of any length', () => {
    const b = bench('7.3');
    const { fs } = b.kernel;
    b.kernel.insmod('netconsole');
    fs.mkdir('netconsole/t');
    fs.mkdir('netconsole/t/userdata/k');
    const files = [
      ...fs
        .readdir('netconsole/t')
        .filter((n) => n !== 'userdata')
        .map((n) => `netconsole/t/${n}`),
      ...fs
        .readdir('netconsole/t/userdata')
        .filter((n) => n !== 'k')
        .map((n) => `netconsole/t/userdata/${n}`),
      'netconsole/t/userdata/k/value',
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...files),
        fc.oneof(
          fc.uint8Array({ maxLength: 300 }),
          fc.integer({ min: 4090, max: 100_000 }).map((n) => new Uint8Array(n).fill(0x31)),
        ),
        (file, bytes) => {
          const result = errno(() => expect(fs.write(file, bytes)).toBeLessThanOrEqual(4095));
          expect(result === 'ok' || result in ERRNO).toBe(true);
          expect(fs.read(file).endsWith('\n')).toBe(true);
        },
      ),
      { numRuns: 2000 },
    );
    b.kernel.printk('x\n');
    for (const { odd } of b.frames()) expect(odd).toEqual([]);
  });

  it('ten thousand targets, disabled', () => {
    const b = bench('7.3');
    b.kernel.insmod('netconsole');
    for (let i = 0; i < 10_000; i++) b.kernel.fs.mkdir(`netconsole/t${i}`);
    expect(b.kernel.fs.readdir('netconsole').length).toBe(10_000);
    b.kernel.printk('x\n');
    for (let i = 0; i < 10_000; i++) b.kernel.fs.rmdir(`netconsole/t${i}`);
    b.kernel.rmmod('netconsole');
    b.kernel.close();
  });

  it('a thousand targets, enabled: all are sent to, in order', () => {
    const b = bench('6.12', { loglevel: 5 });
    b.kernel.insmod('netconsole');
    for (let i = 0; i < 1000; i++) {
      b.kernel.fs.mkdir(`netconsole/t${i}`);
      b.kernel.fs.write(`netconsole/t${i}/remote_ip`, '10.0.0.2');
      b.kernel.fs.write(`netconsole/t${i}/remote_port`, String(1 + i));
      b.kernel.fs.write(`netconsole/t${i}/enabled`, '1');
    }
    b.device.frames.length = 0;
    b.kernel.printk('x\n', { level: 4 });
    expect(b.frames().map(({ udp }) => udp?.dstPort)).toEqual(Array.from({ length: 1000 }, (_, i) => 1000 - i));
    expect(b.device.slab.inUse).toBe(0);
    for (let i = 0; i < 1000; i++) b.kernel.fs.rmdir(`netconsole/t${i}`);
    b.kernel.close();
  });

  it('ten thousand userdata keys: the limit, and memory that is given back', () => {
    const b = bench('7.3');
    b.kernel.insmod('netconsole');
    b.kernel.fs.mkdir('netconsole/t');
    let made = 0;
    for (let i = 0; i < 10_000; i++) if (errno(() => b.kernel.fs.mkdir(`netconsole/t/userdata/k${i}`)) === 'ok') made++;
    expect(made).toBe(256);
    const before = insideOf(b.kernel).heap.used;
    for (let i = 0; i < 256; i++) b.kernel.fs.write(`netconsole/t/userdata/k${i}/value`, 'v'.repeat(199));
    for (let i = 0; i < 256; i++) b.kernel.fs.rmdir(`netconsole/t/userdata/k${i}`);
    for (let i = 0; i < 10_000; i++) {
      b.kernel.fs.mkdir(`netconsole/t/userdata/k${i}`);
      b.kernel.fs.write(`netconsole/t/userdata/k${i}/value`, 'v');
      b.kernel.fs.rmdir(`netconsole/t/userdata/k${i}`);
    }
    expect(insideOf(b.kernel).heap.used).toBeLessThanOrEqual(before + 16384);
  });
});
