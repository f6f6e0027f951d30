/**
 * Where `receive` gets its datagrams: a UDP socket, read through `recvmmsg` on Linux, many
 * datagrams a call, and through `node:dgram` elsewhere and where `koffi` is not there.
 *
 * The receive buffer is as large as the system lets it be, and what the system dropped all the
 * same, because nobody read in time, is told apart from what never came: `drops`.
 */
import { KernelError } from '../errno.js';
import { listenDgram } from './listen-dgram.js';
import { listenMmsg } from './listen-mmsg.js';
import type { Listener, ListenOptions } from './listener.js';

export type { Listener } from './listener.js';

/** Binds a socket. An Error with the system's `code` if that fails. */
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
