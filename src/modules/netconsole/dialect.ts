/**
 * The dialect of the reliable extension of 2015 that a target is to speak, by name. The table is
 * `wire/dialects.ts`.
 */
import { KernelError } from '../../errno.js';
import { RELIABLE_DIALECTS, type ReliableDialect } from '../../wire/dialects.js';

/** EINVAL if no reliable dialect has that name. */
export function reliableDialect(name: string): ReliableDialect {
  const found = RELIABLE_DIALECTS.find((d) => d.name === name);
  if (found) return found;
  const known = RELIABLE_DIALECTS.map((d) => d.name).join(' or ');
  throw new KernelError('EINVAL', 'reliable', `there is no dialect "${name}": choose ${known}`);
}
