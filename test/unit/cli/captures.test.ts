/**
 * Captures as people make them, each with the outcomes that are right in `captures/expected.json`: link types, tunnels, lengths that
 * lie, copies, cuts.
 */
import { spawnSync } from 'node:child_process';
import { createReadStream, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { decode } from '../../../src/cli/decode.js';
import { keepRecord, type LogRecord, readLog } from '../../../src/replay/index.js';
import { Sink } from '../../support/cli.js';

const folder = new URL('captures', import.meta.url).pathname;

interface Accepted {
  readonly exit: number;
  readonly message?: string;
  readonly records?: readonly Record<string, unknown>[];
  readonly counts?: Record<string, number>;
  readonly joined?: number;
  readonly incomplete?: number;
}

interface Case {
  readonly file: string;
  readonly command: string;
  readonly about: string;
  readonly accept: readonly Accepted[];
}

const cases = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')) as Case[];

/** What `decode --json` says, in the words of the expectations. */
async function outcome(file: string): Promise<Accepted & { readonly message: string }> {
  const [out, err] = [new Sink(), new Sink()];
  const exit = await decode(file, { json: true }, out, err);
  const lines = out.text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
  const messages = lines.flatMap(({ message, joined }) => {
    const found = joined?.message ?? message;
    return found?.kind === 'extended' && found.fragment === undefined ? [found] : [];
  });
  const records = messages.map(({ prio, ...rest }) => ({ level: prio & 7, ...rest }));
  const counts = lines.at(-1)?.summary;
  return { exit, message: err.text, records, counts, joined: counts?.joined, incomplete: counts?.incomplete };
}

/** The first of the right outcomes that this is, or what is wrong with the first. */
function judge(got: Accepted & { readonly message: string }, { accept }: Case): void {
  const wanted = accept.map((one) => ({
    exit: one.exit,
    ...(one.message !== undefined && {
      message: expect.stringMatching(new RegExp(one.message.replace('(?i)', ''), 'i')),
    }),
    ...(one.records !== undefined && { records: one.records.map((record) => expect.objectContaining(record)) }),
    ...(one.counts !== undefined && { counts: expect.objectContaining(one.counts) }),
    ...(one.joined !== undefined && { joined: one.joined }),
    ...(one.incomplete !== undefined && { incomplete: one.incomplete }),
  }));
  const right = wanted.some((one) => {
    try {
      expect(got).toMatchObject(one);
      return true;
    } catch {
      return false;
    }
  });
  if (!right) expect(got).toMatchObject(wanted[0]!);
}

describe('captures as people make them', () => {
  const decoded = cases.filter(({ command }) => command === 'decode FILE');

  it('has cases', () => expect(decoded.length).toBeGreaterThan(20));

  it.each(decoded.map((one) => [one.file, one.about, one] as const))('%s: %s', async (file, _about, one) => {
    judge(await outcome(join(folder, file)), one);
  });

  it.each(cases.filter(({ command }) => command === 'decode -').map((one) => [one.file, one] as const))(
    '%s, through standard input',
    (file, one) => {
      const program = new URL('../../../dist/cli/main.js', import.meta.url).pathname;
      const input = readFileSync(join(folder, file));
      const { status, stdout } = spawnSync(process.execPath, [program, 'decode', '-', '--json'], { input });
      const texts = stdout
        .toString()
        .split('\n')
        .flatMap((line) => (line.includes('"message"') ? [JSON.parse(line).message.text] : []));
      expect({ status, texts }).toEqual({ status: 0, texts: one.accept[0]!.records!.map(({ text }) => text) });
    },
  );

  it.each(cases.filter(({ command }) => command.startsWith('replay')).map((one) => [one.file, one] as const))(
    '%s, as a log',
    async (file, one) => {
      const records: LogRecord[] = [];
      const log = readLog(createReadStream(join(folder, file)));
      for await (const batch of log) records.push(...batch.map(keepRecord));
      const shown = records.map(({ text, callerId, ...rest }) => ({
        ...rest,
        text: Buffer.from(text).toString(),
        ...(callerId !== undefined && { caller: `T${callerId}` }),
      }));
      expect(shown).toMatchObject(one.accept[0]!.records!);
      expect(log.problems.total).toBe(0);
    },
  );
});
