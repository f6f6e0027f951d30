// Where the kernels are that `prepare.sh` unpacked, and which there are.
import { homedir } from 'node:os';
import { join } from 'node:path';

/** The kernels that Debian has packages of, as `prepare.sh` names them. */
export const DEBIAN_KERNELS = ['5.10', '6.1', '6.12', '6.16', '6.17', '6.18', '7.2', '7.3'];

/** NETCONSOLE_LAB, or `netconsole-lab` in the cache folder of your home. */
export function kernelFolder(key) {
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  return join(process.env.NETCONSOLE_LAB ?? join(cache, 'netconsole-lab'), key);
}
