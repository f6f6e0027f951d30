/** How the command line fails: one sentence, no stack, and an exit code. */
import { KernelError, shortened } from '../errno.js';

/** 1 if the environment is at fault (no privilege, full disk), 2 if the request is. */
export type ExitCode = 1 | 2;

/** An error of the user's input or environment. */
export class UsageError extends Error {
  /** The exit code that the command ends with. */
  readonly exitCode: ExitCode;

  /** Makes an error of the sentence that is printed. By default the request is at fault. */
  constructor(message: string, exitCode: ExitCode = 2) {
    super(shortened(message));
    this.exitCode = exitCode;
  }
}

/** Codes, or codes with the operation, of errors whose cause is what the user asked for. */
const ASKED_WRONG: readonly string[] = ['EINVAL', 'ENAMETOOLONG', 'ENOSPC-insmod'];

/** Returns the sentence and the exit code for an expected error; undefined for a bug. */
export function explain(error: unknown): { message: string; exitCode: ExitCode } | undefined {
  if (error instanceof UsageError) return error;
  if (!(error instanceof KernelError)) return undefined;
  const { code, op } = error;
  // A file that cannot be read counts as a wrong request, whatever the system calls the error.
  const asked = op === 'open' || ASKED_WRONG.includes(code) || ASKED_WRONG.includes(`${code}-${op}`);
  return { message: error.message, exitCode: asked ? 2 : 1 };
}
