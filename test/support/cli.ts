/** Runs the command line in this process, as `main.ts` runs it. */
import { Writable } from 'node:stream';
import { CommanderError } from 'commander';
import { explain } from '../../src/cli/errors.js';
import { createProgram } from '../../src/cli/program.js';

/** Keeps what is written to it. */
export class Sink extends Writable {
  /** All that was written so far. */
  text = '';
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

/**
 * Runs a command; returns what it printed, and its exit code. Rejects with what main.ts takes for a
 * bug.
 */
export async function runCli(
  ...args: readonly string[]
): Promise<{ code: number | undefined; out: string; err: string }> {
  const out = new Sink();
  const err = new Sink();
  let code: number | undefined;
  const program = createProgram({ out, err }, (ended) => {
    code = ended;
  });
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return { code: 2, out: out.text, err: err.text };
    const known = explain(error);
    if (known === undefined) throw error;
    return { code: known.exitCode, out: out.text, err: `${err.text}${known.message}\n` };
  }
  return { code, out: out.text, err: err.text };
}
