/**
 * The reliable extension of 2015, which was never merged, as data: how its two spellings differ on the wire.
 *
 *   heo-2015   the series itself:       nca42 43 44     ,emg=1     ,ncfrag=OFF@I/N     pieces of 1000 - H - 25
 *   netconsd   its user-space heirs:    ncrx42 43 44    ,ncemg=1   ,ncfrag=OFF/TOTAL   pieces of 1000 - H - 26
 *
 * H is the length of the header. The constants are the C sizes of the longest extra header: pieces of one record are all of the same
 * length, whatever the numbers printed.
 */
import { KernelError } from '../../errno.js';

export interface ReliableDialect {
  readonly name: 'heo-2015' | 'netconsd';
  /** What a response begins with. */
  readonly ackPrefix: string;
  /** Marks an emergency transmission; before `ncfrag`. */
  readonly emergencyKey: string;
  /** `index`: OFF@I/N. `bytes`: OFF/TOTAL. */
  readonly fragment: 'index' | 'bytes';
  /** Bytes kept free in every piece. */
  readonly extra: number;
}

export const RELIABLE_DIALECTS: readonly ReliableDialect[] = [
  { name: 'heo-2015', ackPrefix: 'nca', emergencyKey: 'emg', fragment: 'index', extra: 25 },
  { name: 'netconsd', ackPrefix: 'ncrx', emergencyKey: 'ncemg', fragment: 'bytes', extra: 26 },
];

/** EINVAL if there is none of that name. */
export function reliableDialect(name: string): ReliableDialect {
  const found = RELIABLE_DIALECTS.find((d) => d.name === name);
  if (found) return found;
  const known = RELIABLE_DIALECTS.map((d) => d.name).join(' or ');
  throw new KernelError('EINVAL', 'reliable', `there is no dialect "${name}": choose ${known}`);
}
