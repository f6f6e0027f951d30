/**
 * Describes where a run took place, for a reader who compares two reports. It holds nothing secret.
 */
import { readFileSync } from 'node:fs';
import { arch, availableParallelism, cpus, homedir, release, totalmem, type } from 'node:os';

/** The machine, its software, and the command line of a run. */
export interface Environment {
  /** When the report was written, in ISO 8601, UTC. */
  readonly time: string;
  /** The version of this package. */
  readonly version: string;
  /** The command line as typed, quoted for a shell, with the home folder as `~`. */
  readonly commandLine: string;
  /** The operating system, its release and architecture: `Linux 6.1.0-25-amd64 x64`. */
  readonly system: string;
  /** The model of the processor. */
  readonly cpu: string;
  /** How many processors this process may use. */
  readonly cpus: number;
  /** The size of the machine's memory, in bytes. */
  readonly memoryBytes: number;
  /** The JavaScript runtime and its version. */
  readonly runtime: string;
}

/** Describes this machine and process. `argv` is the command's arguments, without its name. */
export function environmentOf(argv: readonly string[] = process.argv.slice(2)): Environment {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  const all = cpus();
  return {
    time: new Date().toISOString(),
    version,
    commandLine: ['netconsole-emulator', ...argv].map(quoted).join(' '),
    system: `${type()} ${release()} ${arch()}`,
    cpu: all[0]?.model.trim() || 'not known',
    cpus: availableParallelism(),
    memoryBytes: totalmem(),
    runtime: runtimeOf(),
  };
}

function runtimeOf(): string {
  const { bun, deno, node } = process.versions as Record<string, string | undefined>;
  if (bun !== undefined) return `Bun ${bun}`;
  if (deno !== undefined) return `Deno ${deno}`;
  return `Node.js ${node}`;
}

/** Quotes a word for a shell. The home folder is hidden, since it often names the user. */
function quoted(word: string): string {
  const home = homedir();
  const short = home.length > 1 ? word.replaceAll(home, '~') : word;
  return /^[\w@%+=:,./~-]+$/.test(short) ? short : `'${short.replaceAll("'", String.raw`'\''`)}'`;
}
