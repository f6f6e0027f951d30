/** A listener on a UDP socket of Node's own (`node:dgram`). */
import dgram from 'node:dgram';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { DRAIN_MS, type Listener, type ListenerEvents, type ListenOptions, RECEIVE_BUFFER_BYTES } from './listener.js';

/**
 * Binds to every address, IPv6 and IPv4, unless `host` names one; to IPv4 alone where there is no
 * IPv6. Throws an Error with the system's `code` if that fails.
 */
export async function listenDgram({ host, port }: ListenOptions): Promise<Listener> {
  if (host !== undefined) return wrap(await bind(isIPv6(host) ? 'udp6' : 'udp4', host, port));
  try {
    return wrap(await bind('udp6', '::', port));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'EAFNOSUPPORT' && code !== 'EADDRNOTAVAIL' && code !== 'EPROTONOSUPPORT') throw error;
    return wrap(await bind('udp4', '0.0.0.0', port));
  }
}

function bind(type: dgram.SocketType, address: string, port: number): Promise<dgram.Socket> {
  return new Promise((resolve, reject) => {
    const socket = dgram.createSocket({ type });
    socket.once('error', (error) => {
      socket.close();
      reject(error);
    });
    socket.bind({ address, port, exclusive: true }, () => {
      socket.removeAllListeners('error');
      resolve(socket);
    });
  });
}

function wrap(socket: dgram.Socket): Listener {
  for (let bytes = RECEIVE_BUFFER_BYTES; bytes > 65536; bytes /= 2) {
    try {
      socket.setRecvBufferSize(bytes);
      break;
    } catch {
      // Some systems refuse a size that is too large, others give what they can.
    }
  }
  const { address, port } = socket.address();
  let read = 0;
  let connected = false;
  return {
    address,
    port,
    bufferBytes: socket.getRecvBufferSize(),
    start({ datagram, pause }: ListenerEvents) {
      socket.on('error', () => {});
      socket.on('message', (payload, from) => {
        read++;
        datagram(payload, from.address, from.port);
        pause();
      });
    },
    async drain() {
      connected = await connectToItself(socket);
      const until = connected ? Number.POSITIVE_INFINITY : performance.now() + DRAIN_MS;
      // The present turn of Node's event loop may be past its reading. A whole turn reads whatever
      // waits.
      await nextTurn();
      for (let before = -1; before !== read; ) {
        if (performance.now() >= until) return false;
        before = read;
        await nextTurn();
      }
      return true;
    },
    send(payload, to, toPort, failed) {
      // A connected socket can send only to where it is connected, here to itself.
      if (connected) return failed();
      socket.send(payload, toPort, to, (error) => {
        if (error) failed();
      });
    },
    drops: () => procDrops(port),
    // The system rejects late datagrams, and counts them for no socket.
    late: () => undefined,
    close: () => socket.close(),
  };
}

/**
 * Connects the socket to its own address: from then on the system takes datagrams from nobody else,
 * while those that wait already are still read. Resolves to whether it could be connected.
 */
function connectToItself(socket: dgram.Socket): Promise<boolean> {
  const { address, port } = socket.address();
  const itself = address === '::' ? '::1' : address === '0.0.0.0' ? '127.0.0.1' : address;
  return new Promise((resolve) => {
    const failed = () => resolve(false);
    socket.once('error', failed);
    socket.connect(port, itself, () => {
      socket.off('error', failed);
      resolve(true);
    });
  });
}

const nextTurn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/**
 * Returns how many datagrams the system has dropped for this process's sockets on a port, by
 * /proc/net/udp and udp6; undefined where there is no /proc. Linux: net/ipv4/udp.c
 * udp4_format_sock().
 */
function procDrops(port: number): number | undefined {
  try {
    const ours = new Set<string>();
    for (const fd of readdirSync('/proc/self/fd')) {
      try {
        ours.add(/^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${fd}`))?.[1] ?? '');
      } catch {
        // The descriptor that the folder was read through is closed already.
      }
    }
    const local = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
    let drops = 0;
    for (const file of ['/proc/net/udp', '/proc/net/udp6']) {
      for (const line of readFileSync(file, 'latin1').split('\n')) {
        const fields = line.trim().split(/\s+/);
        if (fields[1]?.endsWith(local) && ours.has(fields[9] ?? '')) drops += Number(fields[12] ?? 0);
      }
    }
    return drops;
  } catch {
    return undefined;
  }
}
