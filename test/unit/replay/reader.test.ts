import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KernelError } from '../../../src/errno.js';
import { formatProblem, NotALogError, readLog } from '../../../src/replay/reader.js';
import { dmesg, dmesgDecode, dmesgJson, dmesgRaw, kmsg, type Rec } from '../../support/logs/render.js';
import { reachableBytes } from '../../support/reachable.js';
import { chunks, collect, readText, textOf } from './collect.js';

const fixture = (name: string): string => new URL(`../../support/logs/${name}`, import.meta.url).pathname;
const FORMATS: Record<string, string> = {
  kmsg: '/dev/kmsg',
  dmesg: 'dmesg',
  'dmesg-r': 'dmesg -r',
  'dmesg-x': 'dmesg -x',
  'dmesg-json': 'dmesg --json',
};

describe('a real boot log (Linux 6.12) in every format', () => {
  it.each(Object.entries(FORMATS))('%s', async (file, format) => {
    const dump = await readFile(fixture('boot-6.12.kmsg'), 'latin1');
    const expected = dump.split('\n').filter((line) => /^\d/.test(line));
    const read = await collect(fixture(`boot-6.12.${file}`));
    expect(read).toMatchObject({ format, broken: 0 });
    expect(read.records.length).toBe(expected.length);
    for (const [i, record] of read.records.entries()) {
      const [, priority, seq, usec, text] = /^(\d+),(\d+),(\d+),-;(.*)$/.exec(expected[i]!)!;
      const decoded = text!.replace(/\\x(..)/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
      expect(textOf(record)).toBe(decoded);
      expect(record.tsUsec).toBe(Number(usec));
      if (file === 'kmsg') expect(record.seq).toBe(Number(seq));
      // util-linux 2.38, which made these, prints what user space logged with a wrong priority.
      if (file !== 'dmesg' && Number(priority) < 8) expect(record.level).toBe(Number(priority) & 7);
    }
  });

  it('keeps the dictionary of /dev/kmsg', async () => {
    const { records } = await collect(fixture('boot-6.12.kmsg'));
    const dump = await readFile(fixture('boot-6.12.kmsg'), 'latin1');
    expect(records.filter((r) => r.subsystem !== undefined).length).toBe(dump.split('\n SUBSYSTEM=').length - 1);
    expect(records.find((r) => r.device === '+acpi:PNP0A03:00')?.subsystem).toBe('acpi');
  });
});

describe('what the formats make of odd records', () => {
  const acpi = 'acpi PNP0A03:00: _OSC: \\_SB_ "quoted" \ttab \x1b[1mesc\xc3\xa9 bad \xff';
  it.each<[string, string, string[], (number | undefined)[]]>([
    // A newline at a text's end is a blank line to dmesg, and so is an empty record: neither can be told from a gap.
    ['oddities.kmsg', '/dev/kmsg', [acpi, '', 'continued', 'ends in newline\n'], [5, 6, 4, 6, 6, 6, 6, 7, 6]],
    ['oddities.dmesg', 'dmesg', [acpi, 'continued', 'ends in newline'], [-1, -1, -1, -1, -1, -1, -1, -1]],
    ['oddities-c-locale.dmesg', 'dmesg', [acpi, 'continued', 'ends in newline'], Array(8).fill(-1)],
    ['oddities.dmesg-r', 'dmesg -r', [acpi, 'continued', 'ends in newline'], [5, 6, 5, 6, 6, 7, -1, 6]],
    ['oddities.dmesg-x', 'dmesg -x', [acpi, 'continued', 'ends in newline'], [5, 6, 4, 6, 6, 6, -1, 6]],
    ['oddities.dmesg-json', 'dmesg --json', [acpi, 'continued', 'ends in newline\n'], [5, 6, 5, 6, 6, 7, -1, 6]],
    ['oddities.dmesg-x-json', 'dmesg --json', [acpi, 'continued', 'ends in newline\n'], [5, 6, 4, 6, 6, 6, -1, 6]],
  ])('%s', async (file, format, middle, levels) => {
    const read = await collect(fixture(file));
    expect(read).toMatchObject({ format, broken: 0 });
    expect(read.records.map(textOf)).toEqual([
      'Linux version 6.12.95',
      'one\ntwo\n  indented three',
      ...middle,
      'systemd[1]: hello',
      'facility 24',
      'end of all',
    ]);
    expect(read.records.map((record) => record.level)).toEqual(levels);
    expect(read.records.at(-1)?.tsUsec).toBe(99999999999);
  });

  it.each(['reltime'])('refuses the stamps of dmesg, %s', async (stamps) => {
    await expect(collect(fixture(`refused.dmesg-${stamps}`))).rejects.toThrow(
      /time since boot: make the log with plain dmesg/,
    );
  });
});

describe('lines of /dev/kmsg', () => {
  it.each<[string, string, object]>([
    ['a thread', '6,1,2,-,caller=T12;x', { callerId: 12, seq: 1, tsUsec: 2, level: 6, facility: 0, cont: false }],
    ['a CPU', '6,1,2,-,caller=C3;x', { callerId: 0x80000003 }],
    ['a later field', '6,1,2,-,caller=T1,comm=sh;x', { callerId: 1 }],
    ['an unknown field', '6,1,2,-,new=1;x', { callerId: undefined }],
    ['a facility', '14,1,2,-;x', { level: 6, facility: 1 }],
    ['the largest priority', '2047,1,2,-;x', { level: 7, facility: 255 }],
    ['a continuation', '6,1,2,c;x', { cont: true }],
    ['a continuation of 4.x', '6,1,2,+;x', { cont: true }],
    ['no flag, as in 3.5', '6,1,2;x', { cont: false }],
    ['the largest seq', '6,9007199254740991,2,-;x', { seq: 2 ** 53 - 1 }],
    ['CR LF', '6,1,2,-;x\r', { line: 1 }],
  ])('reads %s', async (_, line, expected) => {
    const { records, broken } = await readText(`${line}\n`);
    expect(broken).toBe(0);
    expect(records).toMatchObject([expected]);
    expect(textOf(records[0]!)).toBe('x');
  });

  it.each([
    ['\\x41\\x0A\\x5c', 'A\n\\'],
    ['cut \\x0', 'cut '],
    ['cut \\', 'cut '],
    ['lone \\q', 'lone \\q'],
    ['raw \xff\0 byte', 'raw \xff\0 byte'],
  ])('decodes %j', async (escaped, text) => {
    const { records } = await readText(`6,1,2,-;${escaped}\n`);
    expect(textOf(records[0]!)).toBe(text);
  });

  it.each([
    ['no header', 'garbage', /no record of/],
    ['a flag that is none', '6,1,2,x;t', /no record of/],
    ['a header that does not end', '6,1,2,-', /no record of/],
    ['a priority over a byte of facility', '2048,1,2,-;t', /priority over 2047/],
    ['a seq over 2^53', '6,9007199254740993,2,-;t', /over 2\^53/],
    ['a stamp over 2^53', `6,1,${'9'.repeat(400)},-;t`, /over 2\^53/],
    ['a caller that is none', '6,1,2,-,caller=X1;t', /neither T and a thread/],
    ['an entry that is none', ' SUBSYSTEM', /no dictionary entry/],
  ])('names %s by its line', async (_, line, reason) => {
    const { records, problems, broken } = await readText(`6,1,2,-;before\n${line}\n6,2,2,-;after\n`);
    expect(records.map((r) => [r.line, textOf(r)])).toEqual([
      [1, 'before'],
      [3, 'after'],
    ]);
    expect(broken).toBe(1);
    expect(problems).toMatchObject([{ line: 2, reason: expect.stringMatching(reason) }]);
  });

  it('counts the dictionary of a broken record too, and names 20 lines of many', async () => {
    const { broken, problems } = await readText(`6,1,2,-;x\n${'6,2,x;t\n SUBSYSTEM=acpi\n'.repeat(50)}`);
    expect([broken, problems.length]).toEqual([100, 20]);
    expect(problems.slice(0, 2).map((p) => p.line)).toEqual([2, 3]);
    expect(formatProblem(problems[1]!)).toBe(
      'line 3: a dictionary entry without a record before it: " SUBSYSTEM=acpi"',
    );
  });
});

describe('lines of dmesg', () => {
  it.each<[string, string, object]>([
    ['the console with callers', '[    0.000001][    T1] x', { callerId: 1, tsUsec: 1, level: -1 }],
    ['-r without stamps', '<14>x', { level: 6, facility: 1, tsUsec: undefined }],
    ['-x without stamps', 'user  :warn  : x', { level: 4, facility: 1, tsUsec: undefined }],
    ['-x of a long name', 'authpriv:notice: [    1.000000] [C0] x', { level: 5, facility: 10, callerId: 0x80000000 }],
    ['a long uptime', '[12345678.000001] x', { tsUsec: 12345678000001 }],
  ])('reads %s', async (_, line, expected) => {
    const { records, broken } = await readText(`${line}\n`);
    expect(broken).toBe(0);
    expect(records).toMatchObject([expected]);
    expect(textOf(records[0]!)).toBe('x');
  });

  it('joins lines indented behind the stamp, as before util-linux 2.40, or behind the caller', async () => {
    const behindStamp = `[    1.000000] [    T1] a\n${' '.repeat(15)}b\n`;
    const behindCaller = `[    2.000000] [    T1] c\n${' '.repeat(24)}  d\n`;
    const { records } = await readText(behindStamp + behindCaller);
    expect(records.map(textOf)).toEqual(['a\nb', 'c\n  d']);
  });

  it('leaves what is no escape of dmesg alone', async () => {
    const { records } = await readText('[    1.000000] \\x41 \\x1b \\xff \\_SB \\x\n');
    expect(textOf(records[0]!)).toBe('\\x41 \x1b \xff \\_SB \\x');
  });

  it.each(['garbage', '  too little indented', '[Fri Feb 13 23:31:31 2009] x'])('names %j', async (line) => {
    const { records, problems, broken } = await readText(`[    1.000000] a\n${line}\n[    2.000000] b\n`);
    expect(records.map(textOf)).toEqual(['a', 'b']);
    expect(broken).toBe(1);
    expect(problems[0]?.line).toBe(2);
  });
});

describe('dmesg --json', () => {
  const wrap = (...objects: string[]): string => `{"dmesg":[${objects.join(',')}]}`;
  it.each<[string, string, object, string]>([
    ['all on one line', '{"pri":6,"time":1.000002,"msg":"x"}', { level: 6, tsUsec: 1000002, line: 1 }, 'x'],
    ['no stamp', '{"pri":6,"msg":"x"}', { tsUsec: undefined }, 'x'],
    ['a number as jq prints it', '{"time":1e-06,"msg":"x"}', { tsUsec: 1 }, 'x'],
    ['a short fraction', '{"time":12.5,"msg":"x"}', { tsUsec: 12500000 }, 'x'],
    ['members that are not ours', '{"a":"b\\"","c":1.5,"d":null,"msg":"x"}', { level: -1 }, 'x'],
    ['a caller', '{"caller":"C1","msg":"x"}', { callerId: 0x80000001 }, 'x'],
    [
      'escapes',
      '{"msg":"\\"\\\\\\/\\b\\f\\n\\r\\t\\u001b\\u00e9\\ud83d\\ude00\\q"}',
      {},
      '"\\/\b\f\n\r\t\x1b\xc3\xa9\xf0\x9f\x98\x80\\q',
    ],
    ['raw bytes', '{"msg":"\xff\0"}', {}, '\xff\0'],
  ])('reads %s', async (_, object, expected, text) => {
    const { records, broken } = await readText(wrap(object));
    expect(broken).toBe(0);
    expect(records).toMatchObject([expected]);
    expect(textOf(records[0]!)).toBe(text);
  });

  it.each([
    ['a member without value', '{"pri":,"msg":"t"}'],
    ['an unknown level', '{"pri":"loud","msg":"t"}'],
    ['an unknown facility', '{"fac":"x","pri":"info","msg":"t"}'],
    ['no text', '{"pri":6}'],
    ['a string that does not end', '{"pri":6,"msg":"t\n}'],
    ['something else', 'garbage'],
    ['a list', '[{}]'],
  ])('names %s', async (_, object) => {
    const { records, problems, broken } = await readText(wrap('{"msg":"a {"}\n', `${object}\n`, '{"msg":"b"}'));
    expect(records.map(textOf)).toEqual(['a {', 'b']);
    expect(broken).toBe(1);
    expect(problems[0]?.line).toBe(2);
  });

  it('reads an object inside a broken one from its own beginning', async () => {
    const { records, broken } = await readText(wrap('{"pri":6,"x":{"msg":"a \\" b"}', '{"msg":"c"}'));
    expect(records.map(textOf)).toEqual(['a " b', 'c']);
    expect(broken).toBe(1);
  });

  it('names the object the file ends in', async () => {
    const { records, problems } = await readText('{"dmesg":[{"msg":"a"},\n{"msg":"b');
    expect(records.length).toBe(1);
    expect(problems).toMatchObject([{ line: 2, reason: 'the file ends inside this object' }]);
  });
});

describe('what is no log', () => {
  it.each<[string, Buffer, RegExp]>([
    ['nothing', Buffer.alloc(0), /is empty/],
    ['prose', Buffer.from('hello\nworld\n'), /no kernel log.*--list-formats.*--format text/],
    ['blanks', Buffer.from('\n\n \n'), /no kernel log/],
    ['noise without a newline', Buffer.alloc(300_000, 0xee), /no kernel log/],
    ['a zip', Buffer.from('PK\x03\x04'), /compressed with zip/],
    ['UTF-16', Buffer.from('\ufeff[    0.000000] x\n', 'utf16le'), /UTF-16/],
    ['JSON with differences', Buffer.from('{"dmesg":[{"time":"[  +0.000100]","msg":"x"}]}'), /time since boot/],
  ])('%s', async (_, bytes, message) => {
    const error = await collect(chunks(bytes)).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(NotALogError);
    expect(error).toMatchObject({ code: 'EINVAL', message: expect.stringMatching(message) });
  });

  it('says what is wrong with a file that cannot be read', async () => {
    await expect(collect('/nowhere/boot.kmsg')).rejects.toThrow(
      new KernelError('ENOENT', 'open', "/nowhere/boot.kmsg can't be read: there is no such file"),
    );
    await expect(collect(tmpdir())).rejects.toMatchObject({ code: 'EISDIR' });
  });

  it('finds a log behind lines of something else, and names those', async () => {
    const { format, broken, records } = await readText(
      'login: root\n# dmesg -r\n<6>[    1.000000] x\n<6>[    2.000000] y\n',
    );
    expect({ format, broken, records: records.length }).toEqual({ format: 'dmesg -r', broken: 2, records: 2 });
  });
});

describe('any log', () => {
  const word = fc.stringMatching(/^[a-z0-9:+.-]{1,15}$/);
  /** No text that dmesg could not tell from something else: an escape or a caller; a blank line, a CR LF. */
  const text = fc
    .uint8Array({ minLength: 1, maxLength: 200 })
    .map((bytes) => Uint8Array.from(bytes, (byte, i) => (i % 7 === 3 ? 10 : byte)))
    .filter((bytes) => !/^\[|\\x[0-9a-f]{2}|^\n|\n$|\r$|\r\n/.test(Buffer.from(bytes).toString('latin1')));
  const rec: fc.Arbitrary<Rec> = fc.record({
    priority: fc.integer({ min: 0, max: 12 * 8 - 1 }),
    seq: fc.maxSafeNat(),
    usec: fc.nat({ max: 2 ** 45 }),
    text,
    cont: fc.boolean(),
    caller: fc.option(
      fc.oneof(
        fc.nat().map((n) => `T${n}`),
        fc.nat({ max: 4095 }).map((n) => `C${n}`),
      ),
      { nil: undefined },
    ),
    subsystem: fc.option(word, { nil: undefined }),
    device: fc.option(word, { nil: undefined }),
  });
  /** As one kernel logs them: stamps and seqs go on, with gaps. */
  const asLogged = (recs: readonly Rec[]): Rec[] => {
    const stamps = recs.map(({ usec }) => usec).sort((a, b) => a - b);
    let seq = 0;
    return recs.map((one, i) => {
      seq += 1 + (one.seq % 3);
      return { ...one, seq, usec: stamps[i]! };
    });
  };
  const perLine = (print: (one: Rec) => string) => (recs: readonly Rec[]) => recs.map(print).join('');

  it.each<[string, (recs: readonly Rec[]) => string]>([
    ['/dev/kmsg', perLine(kmsg)],
    ['dmesg', perLine(dmesg)],
    ['dmesg -r', perLine(dmesgRaw)],
    ['dmesg -x', perLine(dmesgDecode)],
    ['dmesg --json', dmesgJson],
  ])('%s gives back what went in, however it is cut', async (format, print) => {
    const sizes = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(fc.array(rec, { minLength: 1, maxLength: 30 }), sizes, async (any, cuts) => {
        const recs = asLogged(any);
        const read = await collect(chunks(Buffer.from(print(recs), 'latin1'), cuts));
        expect(read).toMatchObject({ format, broken: 0 });
        const whole = format === '/dev/kmsg';
        expect(
          read.records.map(({ line: _, ...rest }) => ({ ...rest, text: Buffer.from(rest.text).toString('latin1') })),
        ).toMatchObject(
          recs.map((one) => ({
            seq: whole ? one.seq : undefined,
            tsUsec: one.usec,
            level: format === 'dmesg' ? -1 : one.priority & 7,
            facility: format === 'dmesg' ? 0 : one.priority >> 3,
            text: Buffer.from(one.text).toString('latin1'),
            cont: whole && one.cont,
            callerId:
              one.caller === undefined
                ? undefined
                : Number(one.caller.slice(1)) + (one.caller.startsWith('C') ? 2 ** 31 : 0),
            subsystem: whole ? one.subsystem : undefined,
            device: whole ? one.device : undefined,
          })),
        );
      }),
      { numRuns: 60 },
    );
  });

  it.each(['oddities.kmsg', 'oddities.dmesg', 'oddities.dmesg-r', 'oddities.dmesg-x', 'oddities.dmesg-json'])(
    '%s with bytes changed is read alike in any chunks, and never throws',
    async (file) => {
      const good = await readFile(fixture(file));
      const change = fc.tuple(
        fc.nat({ max: good.length - 1 }),
        fc.oneof(fc.constantFrom(10, 32, 92, 34, 123), fc.nat({ max: 255 })),
      );
      const cuts = fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 4 });
      await fc.assert(
        fc.asyncProperty(
          fc.array(change, { maxLength: 20 }),
          cuts,
          fc.nat({ max: good.length }),
          async (changes, sizes, length) => {
            const bytes = Uint8Array.from(good.subarray(0, good.length - (length % 50)));
            for (const [at, byte] of changes) if (at < bytes.length) bytes[at] = byte;
            const results = [];
            for (const source of [chunks(bytes), chunks(bytes, sizes)]) {
              results.push(
                await collect(source).catch((error: unknown) =>
                  error instanceof NotALogError ? error.message : Promise.reject(error),
                ),
              );
            }
            expect(results[1]).toEqual(results[0]);
          },
        ),
        { numRuns: 40 },
      );
    },
  );

  it('random bytes are no log, or a broken one', async () => {
    const starts = [
      '',
      '6,1,2,-;',
      '<6>[    1.000000] ',
      '[    1.000000] ',
      'kern  :info  : [    1.000000] ',
      '{"dmesg":[{"msg":"',
    ];
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...starts), fc.uint8Array({ maxLength: 2000 }), async (start, noise) => {
        const bytes = Buffer.concat([Buffer.from(start), noise]);
        await collect(chunks(bytes, [97])).catch((error: unknown) => expect(error).toBeInstanceOf(NotALogError));
      }),
      { numRuns: 300 },
    );
  });

  it('leaves the chunks it was given alone', async () => {
    const bytes = Buffer.from('6,1,2,-;a\\x0ab\n');
    const before = createHash('sha256').update(bytes).digest('hex');
    await collect(chunks(bytes, [4]));
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(before);
  });

  it('is read once', async () => {
    const log = readLog(chunks(Buffer.from('6,1,2,-;a\n')));
    for await (const batch of log) expect(batch.length).toBe(1);
    expect([log.bytesRead, log.records]).toEqual([10, 1]);
    await expect(log[Symbol.asyncIterator]().next()).rejects.toThrow(/read it anew/);
  });

  it('closes its file when the caller stops early', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'reader-'));
    const path = join(dir, 'big.kmsg');
    await writeFile(path, Array.from({ length: 100_000 }, (_, seq) => `6,${seq},2,-;x\n`).join(''));
    const log = readLog(path);
    for await (const batch of log) {
      expect(batch.length).toBe(4096);
      break;
    }
    expect(log.records).toBe(4096);
    await rm(dir, { recursive: true });
  });
});

describe('memory', () => {
  const GIANT_BYTES = 100 * 1024 * 1024;
  it.each<[string, string, string, string, number]>([
    ['/dev/kmsg', '6,1,2,-;before\n6,2,2,-;', '\n6,3,2,-;after\n', 'before,after', 2],
    ['dmesg', '[    1.000000] before\n[    1.000000] ', '\n[    1.000000] after\n', 'before,after', 2],
    ['dmesg --json', '{"dmesg":[{"msg":"before"},\n{"msg":"', '"},{"msg":"after"}]}', 'before,after', 2],
    ['a first line that could be anything', '', '\n6,1,2,-;after\n', 'after', 1],
  ])('stays bounded over a hundred megabytes in one line: %s', async (_, head, tail, texts, line) => {
    const part = Buffer.alloc(1024 * 1024, 'x');
    async function* giant(): AsyncGenerator<Uint8Array> {
      yield Buffer.from(head);
      for (let i = 0; i < GIANT_BYTES / part.length; i++) yield part;
      yield Buffer.from(tail);
    }
    const before = reachableBytes();
    let peak = 0;
    const seen: string[] = [];
    const log = readLog(
      (async function* () {
        for await (const chunk of giant()) {
          peak = Math.max(peak, reachableBytes());
          yield chunk;
        }
      })(),
    );
    for await (const batch of log) for (const record of batch) seen.push(textOf(record));
    expect(seen.join()).toBe(texts);
    expect(log.problems.total).toBe(1);
    expect(log.problems.named[0]).toMatchObject({ line, reason: expect.stringContaining('more than 65536 bytes') });
    expect(log.problems.named[0]!.excerpt).toContain('xxxxx...');
    expect(peak - before).toBeLessThan(4 * 1024 * 1024);
  });

  it.each([
    ['a record with a dictionary without end', '6,1,2,-;x\n', ' KEY=value\n', /record grows over/],
    ['a record of lines without end', '[    1.000000] x\n', `${' '.repeat(15)}more\n`, /record grows over/],
  ])('ends %s', async (_, head, line, reason) => {
    const { records, problems } = await readText(head + line.repeat(20_000));
    expect(records.length).toBe(1);
    expect(problems[0]?.reason).toMatch(reason);
  });
});
