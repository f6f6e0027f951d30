/**
 * Where a run took place: what a reader who compares two reports has to know, and nothing secret.
 */
import { readFileSync } from 'node:fs';
import { arch, availableParallelism, cpus, homedir, release, totalmem, type } from 'node:os';

export interface Environment {
  /** When the report was written, in ISO 8601, UTC. */
  readonly time: string;
  /** Of this package. */
  readonly version: string;
  /** As typed; the home folder is `~`. */
  readonly commandLine: string;
  /** `Linux 6.1.0-25-amd64 x64`. */
  readonly system: string;
  readonly cpu: string;
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly runtime: string;
}

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

/** As a shell takes it. Who runs this is nobody's business. */
function quoted(word: string): string {
  const home = homedir();
  const short = home.length > 1 ? word.replaceAll(home, '~') : word;
  return /^[\w@%+=:,./~-]+$/.test(short) ? short : `'${short.replaceAll("'", String.raw`'\''`)}'`;
}
