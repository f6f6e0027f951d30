/**
 * More logs in the shape of public bug reports, a kind a file in `test/cases/siblings`: what the reader makes of each, and that
 * a replay sends just those records.
 */
import { describe, expect, it } from 'vitest';
import { createMemoryDevice } from '../../../src/net/memory.js';
import {
  keepRecord,
  type LogReader,
  type LogRecord,
  NotALogError,
  readLog,
  replay,
} from '../../../src/replay/index.js';
import type { Sibling, Wanted } from '../../cases/siblings/case.js';
import { CONSOLES } from '../../cases/siblings/consoles.js';
import { DAEMONS } from '../../cases/siblings/daemons.js';
import { DMESG } from '../../cases/siblings/dmesg.js';
import { MACHINES } from '../../cases/siblings/machines.js';
import { OWN_FORM } from '../../cases/siblings/own-form.js';
import { SHIPPERS } from '../../cases/siblings/shippers.js';
import { WRAPPED } from '../../cases/siblings/wrapped.js';
import { chunks, textOf } from './collect.js';

const ALL = [...DMESG, ...CONSOLES, ...DAEMONS, ...OWN_FORM, ...MACHINES, ...SHIPPERS, ...WRAPPED].map(
  (one) => [one.about, one] as const,
);

function bytesOf({ log }: Sibling): Uint8Array {
  if (log instanceof Uint8Array) return log;
  return Buffer.from(typeof log === 'string' ? log : `${log.join('\n')}\n`, 'latin1');
}

function shown(record: LogRecord, [, , , , more = {}]: Wanted): unknown[] {
  const rest = Object.fromEntries(Object.keys(more).map((key) => [key, record[key as keyof LogRecord]]));
  const { line, tsUsec = null, level } = record;
  return [line, tsUsec, level < 0 ? null : level, textOf(record), rest];
}

async function read(one: Sibling, sizes?: readonly number[]): Promise<[LogReader, LogRecord[]]> {
  const log = readLog(chunks(bytesOf(one), sizes));
  const records: LogRecord[] = [];
  for await (const batch of log) for (const record of batch) records.push(keepRecord(record));
  return [log, records];
}

describe('logs as people have them, more of each kind', () => {
  it.each(ALL)('%s', async (_, one) => {
    for (const sizes of [undefined, [1], [7, 64]]) {
      if (one.refused !== undefined) {
        const refusal = await read(one, sizes).catch((error: unknown) => error);
        expect(refusal).toBeInstanceOf(NotALogError);
        expect((refusal as Error).message).toMatch(one.refused);
        continue;
      }
      const { records: wanted = [], named = [], boots = 1, origin = 'boot', counts = {}, format } = one;
      const [log, records] = await read(one, sizes);
      expect(records.map((record, i) => shown(record, wanted[i] ?? [0, 0, 0, '']))).toEqual(
        wanted.map(([line, tsUsec, level, text, more = {}]) => [line, tsUsec, level, text, more]),
      );
      const lines = new Set(log.problems.named.map(({ line }) => line));
      expect([...lines].sort((a, b) => a - b)).toEqual(named);
      expect(log).toMatchObject({ origin, counts: { boots, ...counts }, ...(format !== undefined && { format }) });
    }
  });

  it.each(ALL.filter(([, { refused }]) => refused === undefined))('%s: sent', async (_, one) => {
    const device = createMemoryDevice('eth0');
    const summary = await replay(readLog(chunks(bytesOf(one))), device, { loglevel: 8 });
    const { records = [], boots = 1 } = one;
    expect(summary).toMatchObject({ records: records.length, boots, filtered: 0, droppedRecords: 0, droppedFrames: 0 });
    expect(summary.frames).toBe(records.length);
  });
});
