/** What holds for every format: what is written is read back, whatever cuts, ends or interrupts its lines. */
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LOG_FORMATS, type LogFormat, lineFormat, NotALogError, readLog } from '../../../src/replay/reader.js';
import type { Rec } from '../../support/logs/render.js';
import { WRITERS, type Writer } from '../../support/logs/writers.js';
import { chunks, collect, readText, textOf } from './collect.js';

const word = fc.stringMatching(/^[a-z][a-z0-9:+.\xe9 -]{0,40}[a-z]$/);
const records = fc
  .array(fc.tuple(word, fc.nat({ max: 90e6 }), fc.nat({ max: 7 })), { minLength: 3, maxLength: 20 })
  .map((list): Rec[] => {
    let usec = 0;
    return list.map(([text, step, level], seq) => {
      usec += step;
      const bytes = Buffer.from(text, 'latin1');
      return {
        priority: level,
        seq,
        usec,
        text: bytes,
        cont: false,
        caller: undefined,
        subsystem: undefined,
        device: undefined,
      };
    });
  });

/** `recs` as a writer can write them. */
function fitting({ ascii }: Writer, recs: readonly Rec[]): readonly Rec[] {
  if (!ascii) return recs;
  return recs.map((rec) => ({ ...rec, text: rec.text.map((byte) => (byte < 0x80 ? byte : 0x65)) }));
}

/** What a writer's log keeps of `recs`. */
function kept({ level, stamps, seconds }: Writer, recs: readonly Rec[]): object[] {
  const unit = seconds ? 1e6 : 1;
  const whole = (usec: number) => Math.floor(usec / unit) * unit;
  return recs.map((rec) => ({
    text: Buffer.from(rec.text).toString('latin1'),
    ...(level && { level: rec.priority }),
    ...(stamps !== 'none' && { tsUsec: stamps === 'boot' ? rec.usec : whole(rec.usec) - whole(recs[0]!.usec) }),
  }));
}

const shown = (list: Awaited<ReturnType<typeof collect>>['records']) => list.map((r) => ({ ...r, text: textOf(r) }));
const NOISE = ['U-Boot 2020.01', 'Starting kernel ...', 'login: root', '$ ls -l', 'hello, world'];
/** Formats that say by their lines alone which records there are; the journal's have no lines of noise. */
const LINES = WRITERS.filter(({ format, blocks }) => !blocks && !/json|export/.test(format));
/** The others: a record is an entry of several lines, or an object. */
const ENTRIES = WRITERS.filter((writer) => !LINES.includes(writer));

describe('every format', () => {
  it.each(WRITERS.map((writer) => [writer.format, writer] as const))('%s is read back', async (format, writer) => {
    await fc.assert(
      fc.asyncProperty(records, fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1 }), async (all, cuts) => {
        const recs = fitting(writer, all);
        const read = await collect(chunks(Buffer.from(writer.write(recs), 'latin1'), cuts));
        expect(read).toMatchObject({ format, broken: writer.named?.length ?? 0 });
        expect(shown(read.records)).toMatchObject(kept(writer, recs));
        expect(read.records.length).toBe(recs.length);
      }),
      { numRuns: 25 },
    );
  });

  it.each(LINES.map((writer) => [writer.format, writer] as const))('%s with any line end', async (format, writer) => {
    const [recs] = fc.sample(records, { numRuns: 1, seed: 7 }) as [Rec[]];
    for (const end of ['\r\n', '\r\r\n', '\n\r', '\r', '\n\0']) {
      const read = await readText(`\xef\xbb\xbf${writer.write(recs).replaceAll('\n', end)}`);
      expect(read).toMatchObject({ format, broken: writer.named?.length ?? 0 });
      expect(shown(read.records)).toMatchObject(kept(writer, recs));
    }
  });

  it.each(LINES.map((writer) => [writer.format, writer] as const))('%s between noise', async (_, writer) => {
    await fc.assert(
      fc.asyncProperty(
        records,
        fc.array(fc.constantFrom(...NOISE), { minLength: 1, maxLength: 4 }),
        async (recs, noise) => {
          const lines = writer.write(recs).trimEnd().split('\n');
          const middle = Math.ceil(lines.length / 2);
          const mixed = [...lines.slice(0, middle), ...noise, ...lines.slice(middle)];
          const read = await readText(`${mixed.join('\n')}\n`);
          expect(shown(read.records)).toMatchObject(kept(writer, recs));
          expect(read.records.length).toBe(recs.length);
          const named = [...(writer.named ?? []), ...noise.map((__, i) => middle + i + 1)];
          expect(read.problems.map(({ line }) => line)).toEqual(named);
        },
      ),
      { numRuns: 15 },
    );
  });

  it.each(ENTRIES.map((writer) => [writer.format, writer] as const))('%s between noise', async (_, writer) => {
    await fc.assert(
      fc.asyncProperty(
        records,
        fc.array(fc.constantFrom(...NOISE), { minLength: 1, maxLength: 4 }),
        fc.constantFrom(...(writer.format === 'journalctl -o export' ? ['\n'] : ['\n', '\r\n', '\n\r'])),
        async (all, noise, end) => {
          const recs = fitting(writer, all);
          const middle = Math.ceil(recs.length / 2);
          const before = writer.write(recs.slice(0, middle));
          const log = `${before}${noise.join('\n')}\n${writer.write(recs.slice(middle))}`;
          const read = await readText(log.replaceAll('\n', end));
          expect(shown(read.records)).toMatchObject(kept(writer, recs));
          expect(read.records.length).toBe(recs.length);
          expect(read.problems.length).toBeGreaterThan(0);
        },
      ),
      { numRuns: 15 },
    );
  });

  it.each(WRITERS.map((writer) => [writer.format, writer] as const))('%s cut at every byte', async (_, writer) => {
    const [all] = fc.sample(records, { numRuns: 1, seed: 3 }) as [Rec[]];
    const recs = fitting(writer, all);
    const log = writer.write(recs.slice(0, 4));
    const whole = kept(writer, recs.slice(0, 4));
    for (let length = 1; length < log.length; length++) {
      const read = await readText(log.slice(0, length)).catch((error: unknown) => {
        expect(error).toBeInstanceOf(NotALogError);
        return undefined;
      });
      // Only the last record may be shorter than it was.
      const complete = shown(read?.records ?? []).slice(0, -1);
      expect(complete).toMatchObject(whole.slice(0, complete.length));
    }
  });

  it('mixed with another one in one file invents no record', async () => {
    const [recs] = fc.sample(records, { numRuns: 1, seed: 5 }) as [Rec[]];
    const texts = new Set(recs.map((rec) => Buffer.from(rec.text).toString('latin1')));
    for (const a of LINES) {
      for (const b of LINES) {
        const read = await readText(a.write(recs) + b.write(recs.slice(0, 2)));
        expect(read.records.length + read.broken).toBeGreaterThanOrEqual(recs.length);
        // In a log of dmesg, what journalctl puts in front of a text could be the text's own.
        if (read.format !== a.format || b.format === 'journalctl -o short-monotonic') continue;
        for (const record of read.records) expect(texts).toContain(textOf(record));
      }
    }
  });

  it('has a name of its own and says what writes it', () => {
    expect(new Set(LOG_FORMATS.map(({ name }) => name)).size).toBe(LOG_FORMATS.length);
    for (const { description } of LOG_FORMATS) expect(description.length).toBeGreaterThan(10);
  });
});

describe('where a log comes from', () => {
  it.each<[string, Parameters<typeof readLog>[0]]>([
    ['text', { text: '6,1,2,-;a café\n' }],
    ['an array of lines', ['6,1,2,-;a café', '6,2,3,-;b']],
    [
      'strings',
      (async function* () {
        yield '6,1,2,-;a c';
        yield 'afé\n';
      })(),
    ],
    ['bytes', chunks(Buffer.from('6,1,2,-;a café\n'), [1])],
    ['a gzip', chunks(gzipSync('6,1,2,-;a café\n'), [5])],
  ])('%s', async (_, source) => {
    const { records: read } = await collect(source);
    expect(Buffer.from(read[0]!.text).toString()).toBe('a café');
  });

  it.each([null, 5, {}, { text: 5 }])('not %j', (source) => {
    expect(() => readLog(source as never)).toThrow(/not a file's name, \{ text \}/);
  });

  it('checks its options', () => {
    expect(() => readLog('x', { format: 'nothing' })).toThrow(/no log format "nothing"; the formats are/);
    expect(() => readLog('x', { formats: [{}] as unknown as LogFormat[] })).toThrow(/formats is an array, not/);
    expect(() => readLog('x', { fromat: 'dmesg' } as object)).toThrow(/did you mean "format"/);
  });

  it('a gzip that is cut gives what came before, and says so', async () => {
    const log = Array.from({ length: 50_000 }, (_, i) => `6,${i},${i},-;${(i * 7919) % 100_003}\n`).join('');
    const packed = gzipSync(log);
    const read = await collect(chunks(packed.subarray(0, packed.length / 2), [4096]));
    expect(read.records.length).toBeGreaterThan(1000);
    expect(read.problems.at(-1)?.reason).toMatch(/the log ends here: its gzip is cut short or damaged/);
  });

  it('a bomb ends in bounded time and memory, and is said', async () => {
    const bomb = gzipSync(Buffer.alloc(100 * 1024 * 1024, '6,1,2,-;x\n'));
    const read = readLog(chunks(bomb, [4096]));
    for await (const _ of read);
    expect(read.problems.named.map(({ reason }) => reason).join()).toMatch(/its gzip grows more than 200 times/);
  });

  it.each<[string, Buffer, RegExp]>([
    ['xz', Buffer.from('fd377a585a000000', 'hex'), /compressed with xz.*xz -dc/],
    ['a journal', Buffer.from('LPKSHHRH\0\0\0\0'), /journalctl --file/],
    ['a vmcore', Buffer.from('\x7fELF\x02\x01'), /makedumpfile --dump-dmesg/],
    ['a tar', Buffer.concat([Buffer.alloc(257, 'x'), Buffer.from('ustar\0')]), /tar archive/],
    ['a web page', Buffer.from('<!DOCTYPE html>\n<p>hi</p>\n'), /web page/],
  ])('%s is named', async (_, bytes, message) => {
    await expect(collect(chunks(bytes))).rejects.toThrow(message);
  });
});

describe("a user's own format", () => {
  const relay = lineFormat({
    name: 'relay',
    description: 'what a relay writes',
    match(line) {
      const m = /^relay (\S+) (\d)\| /.exec(line);
      return m === null ? undefined : { at: m[0].length, host: m[1], level: Number(m[2]) };
    },
  });

  it('is recognised, and can be forced', async () => {
    const text = 'relay a 3| [    1.000000][    T1] x\nnoise\nrelay b 4| [    2.000000] y\n';
    for (const options of [{ formats: [relay] }, { formats: [relay], format: 'relay' }]) {
      const read = await collect({ text }, options);
      expect(read).toMatchObject({ format: 'relay', broken: 1 });
      expect(shown(read.records)).toMatchObject([
        { host: 'a', level: 3, tsUsec: 1e6, callerId: 1, text: 'x' },
        { host: 'b', level: 4, tsUsec: 2e6, text: 'y' },
      ]);
    }
  });
});

describe('records of a network', () => {
  const line = (seq: number, usec: number, text: string) => `6,${seq},${usec},-;${text}\n`;
  const read = async (text: string) => {
    const log = readLog({ text });
    const list: string[] = [];
    for await (const batch of log) for (const r of batch) list.push(`${r.boot} ${r.seq} ${textOf(r)}`);
    return { list, counts: log.counts };
  };

  it('come out once and in order, however they were delivered', async () => {
    const delivery = fc.array(fc.record({ late: fc.nat({ max: 6 }), twice: fc.boolean() }), {
      minLength: 2,
      maxLength: 60,
    });
    await fc.assert(
      fc.asyncProperty(delivery, fc.nat({ max: 1e6 }), async (list, first) => {
        const sent = list.flatMap(({ late, twice }, i) => {
          const one = { at: i + late, text: line(first + i, 5e6 + i * 100, `text ${i}`) };
          return twice ? [one, { ...one, at: one.at + 1 }] : [one];
        });
        sent.sort((a, b) => a.at - b.at);
        fc.pre(sent[0]!.text === line(first, 5e6, 'text 0'));
        const { list: got, counts } = await read(sent.map(({ text }) => text).join(''));
        expect(got).toEqual(list.map((_, i) => `0 ${first + i} text ${i}`));
        expect(counts).toMatchObject({ boots: 1, hosts: 1, duplicates: list.filter(({ twice }) => twice).length });
      }),
      { numRuns: 100 },
    );
  });

  it('of a host that reboots are two boots', async () => {
    const { list, counts } = await read(
      line(100, 500e6, 'a') + line(101, 501e6, 'b') + line(0, 0, 'c') + line(1, 9, 'd'),
    );
    expect(list).toEqual(['0 100 a', '0 101 b', '1 0 c', '1 1 d']);
    expect(counts).toMatchObject({ boots: 2, hosts: 1 });
  });

  it('keep the lines and texts of fragments in both dialects, and name what is missing', async () => {
    const text =
      '4,9,50,-,ncfrag=0/13;first half 4,9,50,-,ncfrag=11/13;2\n4,10,60,-,ncfrag=0@0/2;one 4,10,60,-,ncfrag=4@1/2;two\n' +
      '4,11,70,-,ncfrag=0/99;lost\n6,12,80,-;end\n';
    const log = readLog({ text });
    const list: string[] = [];
    for await (const batch of log) for (const r of batch) list.push(`${r.line} ${r.seq} ${textOf(r)}`);
    expect(list).toEqual(['1 9 first half 2', '2 10 one two', '4 12 end']);
    expect(log.counts).toMatchObject({ joined: 2, incomplete: 1 });
    expect(log.problems.named).toMatchObject([{ line: 3, reason: expect.stringMatching(/of 99 bytes/) }]);
  });
});
