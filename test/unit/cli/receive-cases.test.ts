/** The inputs of `test/cases/receive`, sent over loopback: what is printed, and what is said. */
import dgram from 'node:dgram';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { receive } from '../../../src/cli/receive.js';

interface Wanted {
  readonly exit: number;
  readonly records?: readonly Record<string, unknown>[];
  readonly refused?: number;
  readonly message?: string;
}

interface Case {
  readonly file: string;
  readonly command: string;
  readonly accept: readonly Wanted[];
}

interface Datagram {
  readonly afterMs: number;
  readonly from: string;
  readonly payload: string;
}

const folder = new URL('../../cases/receive/', import.meta.url);
const { cases } = JSON.parse(readFileSync(new URL('expected.json', folder), 'utf8')) as { cases: Case[] };

class Text extends Writable {
  text = '';
  override _write(chunk: Buffer, _: string, done: () => void): void {
    this.text += chunk.toString();
    this.emit('text');
    done();
  }
}

/** What `receive` prints of the datagrams, and what it says. */
async function run({ file, command }: Case): Promise<{ exit: number; out: string; err: string }> {
  const { datagrams } = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as { datagrams: Datagram[] };
  const [out, err] = [new Text(), new Text()];
  const options = { port: 0, host: '127.0.0.1', json: true, plain: command.includes('--plain') };
  const seconds = 1 + datagrams.reduce((sum, { afterMs }) => sum + afterMs, 0) / 1000;
  const done = receive({ ...options, maxSeconds: seconds }, out, err);
  while (!/listening on \S+:(\d+)/.test(err.text)) await once(err, 'text');
  const port = Number(/listening on \S+:(\d+)/.exec(err.text)![1]);
  const sockets = new Map<string, dgram.Socket>();
  for (const { afterMs, from, payload } of datagrams) {
    if (afterMs > 0) await sleep(afterMs);
    const socket = sockets.get(from) ?? dgram.createSocket('udp4');
    sockets.set(from, socket);
    await new Promise((resolve) => socket.send(Buffer.from(payload, 'latin1'), port, '127.0.0.1', resolve));
  }
  const exit = await done;
  for (const socket of sockets.values()) socket.close();
  return { exit, out: out.text, err: err.text };
}

// Read through `recvmmsg` where there is such a thing, and through Node's own sockets.
describe.each(['recvmmsg', 'dgram'])('the cases, through %s', (how) => {
  beforeAll(() => void vi.stubEnv('NETCONSOLE_RECEIVE', how));
  afterAll(() => void vi.unstubAllEnvs());

  it('are all there', () =>
    expect(
      readdirSync(folder)
        .filter((name) => name.endsWith('.datagrams.json'))
        .sort(),
    ).toEqual(cases.map((c) => c.file).sort()));

  it.concurrent.each(cases)('$file', async (wanted) => {
    const { exit, out, err } = await run(wanted);
    const lines = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const { summary } = lines.pop() as { summary: { refused?: Record<string, number> } };
    // The order among hosts is free: that of each stream is not.
    const byBoot = (list: readonly Record<string, unknown>[]) =>
      [...list].sort((a, b) => Number(a['boot']) - Number(b['boot']));
    const found = wanted.accept.map((accept) => {
      const refused = Object.values(summary.refused ?? {}).reduce((a, b) => a + b, 0);
      try {
        expect(exit).toBe(accept.exit);
        if (accept.message !== undefined) expect(err).toMatch(new RegExp(accept.message.replace('(?i)', ''), 'i'));
        if (accept.refused !== undefined) expect(refused).toBe(accept.refused);
        if (accept.records !== undefined) {
          const records = accept.records.map((record) => expect.objectContaining(record));
          try {
            expect(lines).toEqual(records);
          } catch {
            const grouped = byBoot(lines);
            const wantedGrouped = grouped.map(({ seq, text }) =>
              accept.records!.find((r) => r['seq'] === seq && r['text'] === text),
            );
            expect(wantedGrouped).not.toContain(undefined);
            expect(lines).toHaveLength(records.length);
            expect(grouped).toEqual(wantedGrouped.map((r) => expect.objectContaining(r!)));
          }
        }
        return undefined;
      } catch (error) {
        return error;
      }
    });
    if (!found.includes(undefined)) throw found[0];
  });
});
