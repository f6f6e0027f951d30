/** `receive` over loopback, with real sockets and the real clock. */
import { spawn } from 'node:child_process';
import dgram from 'node:dgram';
import { EventEmitter, once } from 'node:events';
import { existsSync } from 'node:fs';
import { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type ReceiveOptions, receive } from '../../../src/cli/receive.js';

class Text extends Writable {
  text = '';
  drains = 0;
  override _write(chunk: Buffer, _: string, done: () => void): void {
    this.text += chunk.toString();
    this.emit('text');
    done();
  }

  async until(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.text);
      if (match !== null) return match;
      await once(this, 'text', { signal: AbortSignal.timeout(10_000) }).catch(() => {
        throw new Error(`no ${pattern} in ${JSON.stringify(this.text)}`);
      });
    }
  }
}

const main = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));

/** The command, on a free port of loopback. */
function startCommand(...args: string[]) {
  expect(existsSync(main), 'dist is not built: npm run build').toBe(true);
  const child = spawn(process.execPath, [main, 'receive', '--host', '127.0.0.1', '--port', '0', '--quiet', ...args]);
  return { process: child, out: child.stdout.pipe(new Text()), err: child.stderr.pipe(new Text()) };
}

const sockets: dgram.Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.close();
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

async function bound(type: dgram.SocketType, address: string, port = 0): Promise<dgram.Socket> {
  const socket = dgram.createSocket(type);
  sockets.push(socket);
  socket.bind(port, address);
  await once(socket, 'listening');
  return socket;
}

interface Listening {
  readonly out: Text;
  readonly err: Text;
  readonly done: Promise<number>;
  readonly port: number;
}

async function start(options: ReceiveOptions, out: Text = new Text()): Promise<Listening> {
  const err = new Text();
  const done = receive({ port: 0, maxSeconds: 10, ...options }, out, err);
  const port = Number((await err.until(/listening on \S+:(\d+)\n/))[1]);
  return { out, err, done, port };
}

/** One after the other, as a sender would. */
async function send(socket: dgram.Socket, port: number, address: string, ...payloads: string[]): Promise<void> {
  for (const payload of payloads) {
    await new Promise((resolve) => socket.send(Buffer.from(payload, 'latin1'), port, address, resolve));
  }
}

describe('receive', () => {
  it('tells what each of many sources lost, however many come between', async () => {
    const sources = 300;
    const { err, done, port } = await start({ maxRecords: 2 * sources });
    const all: dgram.Socket[] = [];
    for (let i = 0; i < sources; i++) all.push(await bound('udp4', '127.0.0.1'));
    for (const seq of [1, 3]) for (const socket of all) await send(socket, port, '127.0.0.1', `6,${seq},0,-;a line\n`);
    expect(await done).toBe(0);
    expect(err.text).toMatch(/600 records printed; sources 300, datagrams 600, .*gaps 300, skipped 300\n$/);
  });

  it('prints records in order, with what happened to the stream', async () => {
    const { out, err, done, port } = await start({ maxRecords: 5 });
    const socket = await bound('udp4', '127.0.0.1');
    await send(
      socket,
      port,
      '127.0.0.1',
      '6,1,1000000,-;first\n',
      '6,3,3000000,-,ncfrag=3/7;rd\n\n',
      '6,2,2000000,-;second\n',
      '6,3,3000000,-,ncfrag=0/7;thi',
      'nonsense',
      '4,7,4000000,c,caller=T1;after a gap\n SUBSYSTEM=net\n',
      '6,900000,5000000,-;elsewhere\n',
    );
    expect(await done).toBe(0);
    const host = `127.0.0.1:${socket.address().port}`;
    expect(out.text.split('\n')).toEqual([
      `${host} -- a stream begins with seq 1`,
      `${host} <6>[    1.000000] first`,
      `${host} <6>[    2.000000] second`,
      `${host} <6>[    3.000000] third`,
      `${host} -- 3 records missing before seq 7`,
      `${host} <4>[    4.000000][    T1] after a gap`,
      `${host}  SUBSYSTEM=net`,
      `${host} <6>[    5.000000] elsewhere [out of sequence, seq 900000]`,
      '',
    ]);
    expect(err.text).toMatch(
      /^listening on .*\n5 records printed; sources 1, datagrams 7, fragments 2, oos 1, records 5, gaps 1, skipped 3; refused: no-semicolon 1\n$/,
    );
  });

  it.each([
    ['heo-2015', 'nca', ',emg=1'],
    ['netconsd', 'ncrx', ',ncemg=1'],
  ] as const)('%s: asks for what is missing and acks', async (dialect, prefix, emergency) => {
    const { out, done, port } = await start({ ack: true, dialect, maxRecords: 4 });
    const socket = await bound('udp4', '127.0.0.1');
    const answers: string[] = [];
    socket.on('message', (payload) => {
      answers.push(payload.toString());
      if (payload.toString() === `${prefix}1 2`) void send(socket, port, '127.0.0.1', '6,2,0,-;two\n');
    });
    await send(socket, port, '127.0.0.1', '6,1,0,-;one\n', '6,3,0,-;three\n');
    await out.until(/three\n/);
    await send(socket, port, '127.0.0.1', `6,3,0,-${emergency};three\n`);
    while (!answers.includes(`${prefix}3`)) await once(socket, 'message');
    await send(socket, port, '127.0.0.1', `6,4,0,-${emergency};four\n`);
    expect(await done).toBe(0);
    expect(out.text.match(/\] .*/g)).toEqual(['] one', '] two', '] three', '] four [emergency]']);
    // An ack may be due at the same time and go before it.
    expect(answers).toContain(`${prefix}1 2`);
  });

  it('json: an object a record, the last a summary', async () => {
    const { out, err, done, port } = await start({ json: true, maxRecords: 2 });
    const socket = await bound('udp4', '127.0.0.1');
    await send(socket, port, '127.0.0.1', '6.12.5,30,1,9,-;caf\\xc3\\xa9\n K=V\n', '6,2,9,-;x');
    expect(await done).toBe(0);
    const [first, second, last] = out.text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(first).toEqual({
      host: '127.0.0.1',
      port: socket.address().port,
      boot: 0,
      release: '6.12.5',
      facility: 3,
      level: 6,
      seq: 1,
      tsUsec: 9,
      flag: '-',
      text: 'café',
      dict: { K: 'V' },
      complete: true,
      missingBytes: 0,
      emergency: false,
      oos: false,
      seqReset: true,
      skipped: 0,
    });
    expect(second).toMatchObject({ seq: 2, dict: {} });
    expect(last).toMatchObject({ summary: { printed: 2, sources: 1, datagrams: 2, refused: { 'bad-seq': 0 } } });
    expect(err.text).toMatch(/^listening on \S+\n$/);
  });

  it('plain: lines, and at the end what is left of one', async () => {
    const { out, err, done, port } = await start({ plain: true, maxSeconds: 0.5 });
    const socket = await bound('udp4', '127.0.0.1');
    await send(socket, port, '127.0.0.1', '[ 1.0] a', 'b\n[ 1.1] c\n', 'rest');
    expect(await done).toBe(0);
    const host = `127.0.0.1:${socket.address().port}`;
    expect(out.text).toBe(`${host} [ 1.0] ab\n${host} [ 1.1] c\n${host} rest [no end of line]\n`);
    expect(err.text).toContain('3 lines printed; sources 1, datagrams 3');
  });

  it('hears IPv6 and IPv4 at once, each host by itself', async (context) => {
    const four = await bound('udp4', '127.0.0.1');
    const six = await bound('udp6', '::1').catch(() => undefined);
    if (six === undefined) return context.skip('there is no IPv6 on this machine');
    const { out, done, port } = await start({ maxRecords: 2 });
    await send(four, port, '127.0.0.1', '6,1,0,-;four\n');
    await send(six, port, '::1', '6,800000,0,-;six\n');
    expect(await done).toBe(0);
    expect(out.text).toContain(`127.0.0.1:${four.address().port} <6>[    0.000000] four\n`);
    expect(out.text).toContain(`[::1]:${six.address().port} <6>[    0.000000] six\n`);
  });

  it('--host listens there only', async () => {
    const { err, done } = await start({ host: '127.0.0.1', maxSeconds: 0.05 });
    expect(await done).toBe(0);
    expect(err.text).toMatch(/^listening on 127\.0\.0\.1:\d+\n0 records printed\n$/);
  });

  it('at the end prints what waits for a record that never came', async () => {
    const { out, done, port } = await start({ ack: true, maxSeconds: 0.5 });
    const socket = await bound('udp4', '127.0.0.1');
    await send(socket, port, '127.0.0.1', '6,1,0,-;one\n', '6,3,0,-;three\n');
    expect(await done).toBe(0);
    expect(out.text).toMatch(/one\n.*1 record missing before seq 3\n.*three\n$/);
  });

  it('a slow reader loses nothing', async () => {
    // Full after a byte: after every write it has to wait for a drain.
    const slow = new Text({ highWaterMark: 1 });
    slow._write = (chunk: Buffer, _: string, next: () => void) => {
      slow.text += chunk;
      setTimeout(next, 2);
    };
    slow.on('drain', () => slow.drains++);
    const { out, done, port } = await start({ maxRecords: 2000 }, slow);
    const socket = await bound('udp4', '127.0.0.1');
    for (let seq = 0; seq < 2000; seq++) {
      await send(socket, port, '127.0.0.1', `6,${seq},0,-;record ${seq}\n`);
      if (seq % 50 === 0) await sleep(1);
    }
    expect(await done).toBe(0);
    expect(out.text.match(/record \d+/g)).toEqual(Array.from({ length: 2000 }, (_, i) => `record ${i}`));
    expect(out.drains).toBeGreaterThan(10);
    expect(out.drains).toBeLessThan(1500);
  });

  it.each(['recvmmsg', 'dgram'])('%s: of what came before the end, nothing goes untold', async (how) => {
    vi.stubEnv('NETCONSOLE_RECEIVE', how);
    const sent = 30_000;
    const child = startCommand('--json', '--max-seconds', '60');
    try {
      const port = Number((await child.err.until(/listening on \S+:(\d+)\n/))[1]);
      const socket = await bound('udp4', '127.0.0.1');
      await send(socket, port, '127.0.0.1', '6,0,0,-;record 0\n');
      await child.out.until(/record 0/);
      child.process.kill('SIGSTOP');
      // More than fits in the buffer, if the limits of the system are low.
      const rest = 'x'.repeat(900);
      const payload = (seq: number) => `6,${seq},${seq},-;record ${seq} ${rest}\n`;
      for (let seq = 1; seq < sent; seq += 500)
        await Promise.all(
          Array.from({ length: Math.min(500, sent - seq) }, (_, i) =>
            send(socket, port, '127.0.0.1', payload(seq + i)),
          ),
        );
      child.process.kill('SIGINT');
      child.process.kill('SIGCONT');
      expect(await once(child.process, 'close')).toEqual([0, null]);
      const { summary } = JSON.parse(child.out.text.trim().split('\n').at(-1)!);
      expect(child.out.text.match(/"text":"record \d+/g)).toHaveLength(summary.printed);
      expect(summary.printed).toBeGreaterThan(50);
      expect(summary).toMatchObject({ records: summary.printed, overrun: 0, afterEnd: 0 });
      const { droppedBySystem } = summary;
      // How many the system keeps depends on its limits; none is neither printed nor counted.
      expect(summary.printed + droppedBySystem).toBe(sent);
      expect(child.err.text.includes(`the system dropped ${droppedBySystem} datagram`)).toBe(droppedBySystem > 0);
    } finally {
      child.process.kill('SIGKILL');
    }
  });

  it.each([
    ['EPIPE', 0, ''],
    ['ENOSPC', 1, 'the output cannot be written'],
  ])('output that fails with %s: exit code %d', async (code, exit, message) => {
    const { out, err, done, port } = await start({});
    Object.assign(out, {
      _write: (_: Buffer, __: string, next: (error: Error) => void) => next(Object.assign(new Error(code), { code })),
    });
    const socket = await bound('udp4', '127.0.0.1');
    await send(socket, port, '127.0.0.1', '6,1,0,-;one\n');
    expect(await done).toBe(exit);
    expect(err.text).toContain(message);
  });
});

describe('what cannot be', () => {
  /** One sentence, and an exit code: 2 where the words are wrong, 1 where the machine has it not. */
  async function sentence(options: ReceiveOptions, code: 1 | 2): Promise<string> {
    const out = new Text();
    const err = new Text();
    expect(await receive(options, out, err)).toBe(code);
    expect(out.text).toBe('');
    expect(err.text.trimEnd().split('\n')).toHaveLength(1);
    return err.text;
  }

  it.each<[ReceiveOptions, string]>([
    [{ port: 65536 }, 'the port must be a number from 0 to 65535'],
    [{ port: Number.NaN }, 'the port must be'],
    [{ host: 'example.org' }, "'example.org' is not an IP address"],
    [{ dialect: 'klingon' as never }, "there is no dialect 'klingon': choose heo-2015, netconsd, mainline"],
    [{ ack: true, dialect: 'mainline' }, 'mainline kernels listen to no acks'],
    [{ plain: true, ack: true }, 'plain targets know neither dialects nor acks'],
    [{ maxSeconds: 0 }, 'the number of seconds must be above 0'],
    [{ maxSeconds: 1e9 }, 'the number of seconds must be above 0'],
    [{ maxRecords: 1.5 }, 'the number of records must be'],
  ])('%j', async (options, text) => {
    expect(await sentence(options, 2)).toContain(text);
  });

  it('an address of another machine', async () => {
    expect(await sentence({ host: '192.0.2.77' }, 1)).toContain('192.0.2.77 is no address of this machine');
  });

  it.each([
    ['udp4', '0.0.0.0'],
    ['udp4', '127.0.0.1'],
  ] as const)('a port in use (%s %s)', async (type, address) => {
    const { port } = (await bound(type, address)).address();
    expect(await sentence(address === '127.0.0.1' ? { port, host: address } : { port }, 1)).toBe(
      `receive: UDP port ${port} is in use: stop the program that listens there, or choose another port\n`,
    );
  });

  /** A socket whose bind fails. */
  function failing(code: string): dgram.Socket {
    const socket = new EventEmitter();
    const bind = () => process.nextTick(() => socket.emit('error', Object.assign(new Error(code), { code })));
    return Object.assign(socket, { bind, close: () => undefined }) as unknown as dgram.Socket;
  }

  it('no permission', async () => {
    vi.stubEnv('NETCONSOLE_RECEIVE', 'dgram');
    vi.spyOn(dgram, 'createSocket').mockReturnValue(failing('EACCES'));
    expect(await sentence({ port: 514 }, 1)).toContain(
      'no permission to listen on UDP port 514: choose one above 1023',
    );
  });

  it('no IPv6: listens on IPv4', async () => {
    vi.stubEnv('NETCONSOLE_RECEIVE', 'dgram');
    vi.spyOn(dgram, 'createSocket').mockReturnValueOnce(failing('EAFNOSUPPORT'));
    const { err, done } = await start({ maxSeconds: 0.05 });
    expect(await done).toBe(0);
    expect(err.text).toMatch(/^listening on 0\.0\.0\.0:\d+\n/);
  });
});

it.each(['SIGINT', 'SIGTERM'] as const)('%s ends it cleanly, with a summary', async (signal) => {
  const url = new URL('../../../src/cli/receive.ts', import.meta.url).href;
  const code = `import { receive } from '${url}'; process.exitCode = await receive({ port: 0, ack: true }, process.stdout, process.stderr);`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', code]);
  const out = child.stdout.pipe(new Text());
  const err = child.stderr.pipe(new Text());
  try {
    const port = Number((await err.until(/listening on \S+:(\d+)\n/))[1]);
    const socket = await bound('udp4', '127.0.0.1');
    await send(socket, port, '127.0.0.1', '6,1,0,-;one\n', '6,3,0,-;three\n', 'nonsense');
    await out.until(/one\n/);
    await sleep(100);
    child.kill(signal);
    expect(await once(child, 'exit')).toEqual([0, null]);
    await err.until(/\n.*\n$/);
    expect(out.text).toMatch(/one\n.*1 record missing before seq 3\n.*three\n$/);
    // On a slow machine a request goes out before the signal comes.
    expect(err.text.replace(/, responses \d/, '')).toContain(
      '2 records printed; sources 1, datagrams 3, records 2, gaps 1, skipped 1; refused: no-semicolon 1',
    );
  } finally {
    child.kill('SIGKILL');
  }
});

describe('several workers', () => {
  const startWorkers = (...args: string[]) => startCommand('--workers', '3', '--max-seconds', '60', ...args);

  it.each(['--json', undefined])(
    'share a port, each host with one of them, and end with one summary: %s',
    async (json) => {
      const { process: child, out, err } = startWorkers(...(json === undefined ? [] : [json]));
      try {
        const port = Number((await err.until(/listening on \S+:(\d+)\n/))[1]);
        const senders = await Promise.all(Array.from({ length: 8 }, () => bound('udp4', '127.0.0.1')));
        for (let seq = 1; seq <= 20; seq++)
          for (const socket of senders) await send(socket, port, '127.0.0.1', `6,${seq},${seq},-;record ${seq}\n`);
        for (const socket of senders) await out.until(new RegExp(`${socket.address().port}\\b.*record 20\\b`));
        await send(senders[0]!, port, '127.0.0.1', '6,x,1,-;no record of any kind');
        child.kill('SIGTERM');
        expect(await once(child, 'exit')).toEqual([0, null]);
        for (const socket of senders) {
          const own = out.text
            .split('\n')
            .filter((line) => line.includes(String(socket.address().port)) && !line.includes('summary'));
          const seqs = own.flatMap((line) => /record (\d+)/.exec(line)?.[1] ?? []).map(Number);
          expect(seqs).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
        }
        if (json === undefined) {
          expect(err.text).toMatch(/\n16[01] records printed; sources 8, datagrams 161, /);
          return;
        }
        const { summary } = JSON.parse(out.text.trim().split('\n').at(-1)!);
        expect(summary).toMatchObject({ sources: 8, datagrams: 161, records: 160, skipped: 0, droppedBySystem: 0 });
        expect(summary.worst).toHaveLength(8);
        expect(out.text.split('summary')).toHaveLength(2);
      } finally {
        child.kill('SIGKILL');
      }
    },
  );

  it('a port that is taken is refused, and a count of records', async () => {
    const { port } = (await bound('udp4', '127.0.0.1')).address();
    const text = async (options: ReceiveOptions, code: 1 | 2) => {
      const err = new Text();
      expect(await receive({ host: '127.0.0.1', workers: 2, ...options }, new Text(), err)).toBe(code);
      return err.text;
    };
    expect(await text({ port }, 1)).toMatch(/is in use/);
    expect(await text({ port: 0, maxRecords: 5 }, 2)).toMatch(/do not count together/);
    expect(await text({ port: 0, workers: 0 }, 2)).toMatch(/from 1 to 64/);
  });
});
