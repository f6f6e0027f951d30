/** A UDP socket of Node's own. */
import dgram from 'node:dgram';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { type Listener, type ListenerEvents, type ListenOptions, RECEIVE_BUFFER_BYTES } from './listener.js';

/**
 * IPv6 and IPv4 on every address unless `host` says otherwise, IPv4 alone where there is no IPv6.
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
      // Some systems refuse what is too much, others give what they can.
    }
  }
  const { address, port } = socket.address();
  return {
    address,
    port,
    how: 'dgram',
    bufferBytes: socket.getRecvBufferSize(),
    start({ datagram, pause }: ListenerEvents) {
      socket.on('error', () => {});
      socket.on('message', (payload, from) => {
        datagram(payload, from.address, from.port);
        pause();
      });
    },
    // What Node has not read yet it can't be made to read.
    drain: () => {},
    send(payload, to, toPort, failed) {
      socket.send(payload, toPort, to, (error) => {
        if (error) failed();
      });
    },
    drops: () => procDrops(port),
    close: () => socket.close(),
  };
}

/**
 * Of this process's sockets on a port, by /proc/net/udp and udp6. Linux: net/ipv4/udp.c
 * udp4_format_sock().
 */
function procDrops(port: number): number | undefined {
  try {
    const ours = new Set<string>();
    for (const fd of readdirSync('/proc/self/fd')) {
      try {
        ours.add(/^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${fd}`))?.[1] ?? '');
      } catch {
        // That of reading the folder is closed already.
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
