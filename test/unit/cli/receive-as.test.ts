/** `receive --as` of what the systems before netconsole send, over loopback. */
import dgram from 'node:dgram';
import { once } from 'node:events';
import { Writable } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import { type ReceiveOptions, receive } from '../../../src/cli/receive.js';
import { SYSTEMS, type SystemName } from '../../../src/modules/index.js';
import { testMachine } from '../modules/machine.js';

class Text extends Writable {
  text = '';
  override _write(chunk: Buffer, _: string, done: () => void): void {
    this.text += chunk.toString();
    this.emit('text');
    done();
  }
}

const sockets: dgram.Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.close();
});

async function socketOn(address: string, port = 0): Promise<dgram.Socket> {
  const socket = dgram.createSocket('udp4');
  sockets.push(socket);
  socket.bind(port, address);
  await once(socket, 'listening');
  return socket;
}

/** What `receive` prints of the payloads; the sender is 127.0.0.2, from the receiver's own port if `samePort`. */
async function printed(options: ReceiveOptions, payloads: readonly string[], samePort = true) {
  const [out, err] = [new Text(), new Text()];
  const done = receive({ host: '127.0.0.1', port: 0, maxSeconds: 1, ...options }, out, err);
  while (!err.text.includes('\n')) await once(err, 'text');
  const port = Number(/:(\d+)\n/.exec(err.text)?.[1]);
  if (port > 0) {
    const socket = await socketOn('127.0.0.2', samePort ? port : 0);
    for (const payload of payloads) {
      await new Promise((resolve) => socket.send(Buffer.from(payload, 'latin1'), port, '127.0.0.1', resolve));
    }
  }
  return {
    code: await done,
    lines: out.text.replaceAll(`127.0.0.2:${port} `, '').trimEnd().split('\n'),
    said: err.text,
  };
}

function sent(as: SystemName, profile: string): string[] {
  const { kernel, payloads } = testMachine({ profile, time: false });
  if (as === '2001') kernel.insmod('netconsole-2001', { target: '@/,@10.0.2.2/' });
  else kernel.insmod(SYSTEMS[as], '@/eth0,@10.0.2.2/');
  kernel.printk('hello\n');
  kernel.mute();
  kernel.sysrq('y');
  return payloads();
}

describe('receive', () => {
  it('netoops', async () => {
    const { code, lines, said } = await printed({ as: 'netoops', maxRecords: 1 }, sent('netoops', '2.6.37'));
    expect(code).toBe(0);
    expect(lines[0]).toMatch(/^-- netoops soft dump \d+, boot 0, 2\.6\.37, 1 packet$/);
    expect(lines.slice(-2)).toEqual(['<6>(null): local IP 10.0.2.15', '<4>hello']);
    expect(said).toMatch(/1 dump printed; .*dumps 1/);
  });

  it('2001, and what was lost', async () => {
    const [first, , third] = sent('2001', '2.4.10');
    const { lines, said } = await printed({ as: '2001', maxRecords: 2, server: '127.0.0.2' }, [first!, third!]);
    expect(lines).toEqual(['(0): [...network console startup...]', '-- 53 bytes lost', '(85): hello']);
    expect(said).toContain('2 messages printed');
    expect(said).toContain('lostBytes 53');
  });

  it('2001 listens to a server that is named, and only to what it sends from the same port; else to all', async () => {
    const payloads = sent('2001', '2.4.10');
    const other = await printed({ as: '2001', maxSeconds: 0.3, server: '127.0.0.3' }, payloads);
    const port = await printed({ as: '2001', maxSeconds: 0.3, server: '127.0.0.2' }, payloads, false);
    for (const { lines, said } of [other, port]) {
      expect(lines).toEqual(['']);
      expect(said).toContain('refused: source 3');
    }
    const any = await printed({ as: '2001', maxRecords: 3 }, payloads, false);
    expect(any.said).toContain('3 messages printed');
  });

  it('2003, as text; and everything as JSON', async () => {
    expect((await printed({ as: '2003', maxRecords: 2 }, sent('2003', '2.6.0'))).lines).toEqual([
      'netconsole: network logging started',
      'hello',
    ]);
    const { lines } = await printed({ as: '2001', json: true, maxRecords: 1 }, sent('2001', '2.4.10'));
    expect(JSON.parse(lines[0]!)).toMatchObject({ host: '127.0.0.2', kind: 'text', offset: 0, lost: 0 });
    const dump = await printed({ as: 'netoops', json: true, maxRecords: 1 }, sent('netoops', '2.6.37'));
    expect(JSON.parse(dump.lines[0]!)).toMatchObject({ kernelVersion: '2.6.37', soft: true, missing: 0 });
  });

  it.each([
    [{ as: '1999' }, /there is no system '1999'/],
    [{ as: '2001', ack: true }, /leave those out/],
    [{ as: 'netoops', server: '10.0.0.1' }, /for 2001 only/],
    [{ as: '2001', server: 'host' }, /'host' is not an IP address/],
  ])('%o: one sentence', async (options, sentence) => {
    const { code, said } = await printed(options as ReceiveOptions, []);
    expect([code, said]).toEqual([2, expect.stringMatching(sentence)]);
  });
});
