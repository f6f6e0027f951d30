/**
 * Where `receive` gets its datagrams: from a UDP socket. On Linux `recvmmsg` reads many of them in
 * one call; elsewhere, and where `koffi` is not installed, `node:dgram` reads them.
 *
 * The receive buffer is as large as the system lets it be. Datagrams that the system dropped all
 * the same, because nobody read in time, are counted apart from those that never came: `drops`.
 */
import { KernelError } from '../errno.js';
import { listenDgram } from './listen-dgram.js';
import { listenMmsg } from './listen-mmsg.js';
import type { Listener, ListenOptions } from './listener.js';

export type { Listener } from './listener.js';

/**
 * Binds a socket. Throws an Error with the system's `code` if that fails. With
 * `NETCONSOLE_RECEIVE=dgram` in the environment the socket is always Node's.
 */
export async function listen(options: ListenOptions): Promise<Listener> {
  if (process.env['NETCONSOLE_RECEIVE'] !== 'dgram') {
    try {
      return await listenMmsg(options);
    } catch (error) {
      if (!(error instanceof KernelError && error.code === 'ENOSYS') || options.shared === true) throw error;
    }
  }
  return listenDgram(options);
}
