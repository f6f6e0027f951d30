/** How the command line fails: one sentence, no stack, and an exit code. */
import { KernelError, shortened } from '../errno.js';

/** 1: the surroundings are at fault (no privilege, full disk). 2: what was asked for is. */
export type ExitCode = 1 | 2;

/** The user's input or surroundings are at fault. */
export class UsageError extends Error {
  readonly exitCode: ExitCode;

  constructor(message: string, exitCode: ExitCode = 2) {
    super(shortened(message));
    this.exitCode = exitCode;
  }
}

/** Of these the user's words are the cause. */
const ASKED_WRONG: readonly string[] = ['EINVAL', 'ENAMETOOLONG', 'ENOSPC-insmod'];

/** The sentence and the exit code for an error that has one; undefined for a bug of ours. */
export function explain(error: unknown): { message: string; exitCode: ExitCode } | undefined {
  if (error instanceof UsageError) return error;
  if (!(error instanceof KernelError)) return undefined;
  const { code, op } = error;
  // A file that cannot be read is what was asked for wrongly, whatever the system calls it.
  const asked = op === 'open' || ASKED_WRONG.includes(code) || ASKED_WRONG.includes(`${code}-${op}`);
  return { message: error.message, exitCode: asked ? 2 : 1 };
}
