import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Facts, NOT_KEPT, printedFacts, trueFacts } from '../../../src/check/facts.js';
import { readObject, TRUE_RECORD } from '../../../src/check/json-record.js';
import { outputFormat } from '../../../src/check/printed.js';
import { RecordScanner } from '../../../src/check/scan.js';
import type { TrueRecord } from '../../../src/storm/index.js';
import { encodeText } from '../../../src/wire/text.js';

const facts = ({ seq, tsUsec, level, text, dict }: Facts): Facts => ({ seq, tsUsec, level, text, dict });

/** What JSON.parse has of a line of an output and of a manifest; undefined: it is not read. */
function asPrinted(line: string) {
  const record = outputFormat('receive-json').parse(line, 'x');
  return typeof record === 'object' ? { host: record.host, ...facts(printedFacts(record)) } : undefined;
}
function asTrue(line: string) {
  const record = readObject(line, TRUE_RECORD) as TrueRecord | string;
  return typeof record === 'string' ? undefined : { host: record.host, name: record.name, ...trueFacts(record) };
}

/** Both readings of a line, if the scanner takes it; it is put in front of another. */
function scanned(line: string, before = '') {
  const scanner = new RecordScanner();
  const bytes = encodeText(`${before}${line}\n{"host":"behind"}\n`);
  const from = encodeText(before).length;
  if (!scanner.scan(bytes, from)) return undefined;
  expect(scanner.next).toBe(from + encodeText(line).length + 1);
  const { host, name, named, boot, network, stamp } = scanner;
  const printed = { host, ...facts(scanner) };
  if (!named) return { printed, told: undefined };
  const told = { ...printed, name, boot, network };
  if (told.tsUsec < 0) told.tsUsec = stamp;
  if (told.dict === NOT_KEPT) told.dict = 0;
  return { printed, told };
}

const text = fc.oneof(
  { weight: 5, arbitrary: fc.string({ unit: fc.constantFrom(...'aZ09 [].:"\\\t\n') }) },
  fc.string({ unit: fc.constantFrom(...'aZ09 [].:<>=,{}"\\/\t\n\b\u0001\u007f\u00e9\u{1f600}') }),
  fc.tuple(fc.nat(99_999), fc.nat(999_999), fc.string()).map(([s, us, rest]) => {
    return `[${String(s).padStart(5)}.${String(us).padStart(6, '0')}]${rest}`;
  }),
);
const whole = fc.oneof({ weight: 9, arbitrary: fc.nat() }, { weight: 9, arbitrary: fc.nat(9) }, fc.maxSafeInteger());
const record = fc.record(
  {
    host: fc.constantFrom('198.18.0.1', '198.18.0.2', 'fd00::1', 'rack-1', '', 'h\u00e9'),
    name: fc.constantFrom('rack4-25', 'b', 'c', 'd', 'a"b'),
    boot: fc.nat(9),
    port: fc.constant(6665),
    release: fc.constantFrom('6.12.0', '6.1', '6.2', '6.3', 'x\\y'),
    facility: fc.nat(23),
    level: fc.nat(7),
    seq: whole,
    tsUsec: whole,
    complete: fc.boolean(),
    missingBytes: fc.constantFrom(0, 0, 0, 0, 0, 0, 0, 0, 7, -1, 1.5, null),
    text,
    dict: fc.dictionary(
      fc.oneof(
        { weight: 20, arbitrary: fc.constantFrom('SUBSYSTEM', 'DEVICE', 'a') },
        fc.constantFrom('', '1', '__proto__', '\u00e9'),
      ),
      text,
      {
        maxKeys: 3,
      },
    ),
    lost: fc.constantFrom('network', 'network', 'network', 'else'),
    atUsec: fc.nat(),
  },
  { requiredKeys: ['host', 'text'] },
);
const FIELDS = ['host', 'name', 'boot', 'seq', 'tsUsec', 'level', 'text', 'dict', 'lost', 'port'];
/** A field that is there once more, or is of another type or range. */
const oddField = fc.option(
  fc.tuple(
    fc.constantFrom(...FIELDS),
    fc.constantFrom(
      '0',
      '7',
      '8',
      '"7"',
      '"network"',
      'null',
      'true',
      '-1',
      '1.5',
      '1e3',
      '9007199254740992',
      '2147483648',
      '[]',
      '{}',
      '{"a":1}',
    ),
    fc.constantFrom('in place', 'in front', 'behind'),
  ),
  { freq: 3 },
);
function withOddField(line: string, [key, value, where]: [string, string, string]): string {
  if (where === 'in front') return line.replace('{', `{"${key}":${value},`);
  if (where === 'behind') return `${line.slice(0, -1)},"${key}":${value}}`;
  return JSON.stringify({ ...(JSON.parse(line) as object), [key]: JSON.parse(value) as unknown });
}
/** A change to a line: a character put somewhere, or taken away. */
const fault = fc.option(
  fc.tuple(fc.nat(400), fc.constantFrom('', '"', ',', '0', '-', ' ', '\\', '\r', '{', '}', 'e')),
  {
    freq: 2,
  },
);

describe('a line of JSON without an object', () => {
  it('is what JSON.parse says, or is left to it', () => {
    let taken = 0;
    fc.assert(
      fc.property(record, oddField, fault, fc.constantFrom('', 'x\n', '\u00e9\n'), (one, odd, change, before) => {
        let line = JSON.stringify(one);
        if (odd !== null) line = withOddField(line, odd);
        if (change !== null) line = line.slice(0, change[0]) + change[1] + line.slice(change[0] + 1);
        const made = scanned(line, before);
        if (made === undefined) return;
        taken++;
        // What a manifest alone has, an output may have in any form.
        if (made.told !== undefined) expect(made.told).toEqual(asTrue(line));
        expect(made.printed).toEqual(asPrinted(line));
      }),
      { numRuns: 12_000 },
    );
    expect(taken).toBeGreaterThan(300);
  });

  it('takes what a manifest and receive --json have', () => {
    for (const line of [
      '{"host":"198.18.0.26","name":"rack4-25","boot":0,"seq":0,"tsUsec":0,"level":6,"facility":0,"text":"eth0: \\"up\\"","atUsec":50343}',
      '{"host":"198.18.0.26","name":"rack4-25","boot":1,"text":"[    1.000002] eth0: up","atUsec":50343,"lost":"network"}',
      '{"host":"10.4.0.7","port":6665,"facility":0,"level":6,"boot":0,"seq":42,"tsUsec":12345678,"flag":"-","complete":true,"missingBytes":0,"emergency":false,"oos":false,"seqReset":false,"skipped":0,"text":"eth0: link up","dict":{"SUBSYSTEM":"net","DEVICE":"+net:eth0"}}',
    ]) {
      const made = scanned(line);
      expect(made?.printed, line).toEqual(asPrinted(line));
      expect(made, line).toBeDefined();
      if (line.includes('"name"')) expect(made?.told).toEqual(asTrue(line));
    }
  });

  it('leaves what is no record', () => {
    for (const line of [
      '',
      '{}',
      '[]',
      '{"summary":{}}',
      '{"summary":{},"host":"a","text":"b"}',
      '{"host":"a","text":"b"',
    ]) {
      expect(scanned(line), line).toBeUndefined();
    }
  });

  it('a text that differs in a character has another hash', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.nat(), fc.string({ minLength: 1, maxLength: 1 }), (line, at, c) => {
        const i = at % line.length;
        fc.pre(line[i] !== c);
        const other = line.slice(0, i) + c + line.slice(i + 1);
        expect(printedFacts({ host: '', text: other }).text).not.toBe(printedFacts({ host: '', text: line }).text);
      }),
    );
  });
});
