/**
 * Looks up a dialect of the reliable extension of 2015 by its name. The table is in
 * `wire/dialects.ts`.
 */
import { KernelError } from '../../errno.js';
import { RELIABLE_DIALECTS, type ReliableDialect } from '../../wire/dialects.js';

/** Throws EINVAL if no reliable dialect has that name. */
export function reliableDialect(name: string): ReliableDialect {
  const found = RELIABLE_DIALECTS.find((d) => d.name === name);
  if (found) return found;
  const known = RELIABLE_DIALECTS.map((d) => d.name).join(' or ');
  throw new KernelError('EINVAL', 'reliable', `there is no dialect "${name}": choose ${known}`);
}
