/** A project of its own in a folder of its own, into which the package is unpacked as it would be published. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = new URL('../../', import.meta.url).pathname;

interface Manifest {
  readonly exports: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>;
  readonly dependencies: object;
  readonly optionalDependencies: object;
}
export const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest;
export const entries: readonly string[] = Object.keys(manifest.exports).filter(
  (name) => !name.includes('*') && !name.endsWith('.json'),
);

export interface Project {
  readonly folder: string;
  readonly tarball: string;
  /** Paths in the tarball. */
  readonly packed: readonly string[];
  /** Where it is in the project. */
  readonly unpacked: string;
}

/** The caller removes the folder. */
export function makeProject(): Project {
  const folder = mkdtempSync(join(tmpdir(), 'nce-package-'));
  const pack = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder];
  const [made] = JSON.parse(execFileSync('npm', pack, { cwd: root, encoding: 'utf8' })) as [
    { filename: string; files: { path: string }[] },
  ];
  const tarball = join(folder, made.filename);
  const modules = join(folder, 'node_modules');
  const unpacked = join(modules, 'netconsole-emulator');
  mkdirSync(unpacked, { recursive: true });
  execFileSync('tar', ['-xzf', tarball, '--strip-components=1', '-C', unpacked]);
  // What an install would fetch is linked instead.
  for (const name of [...Object.keys(manifest.dependencies), ...Object.keys(manifest.optionalDependencies)]) {
    if (existsSync(join(root, 'node_modules', name)))
      symlinkSync(join(root, 'node_modules', name), join(modules, name));
  }
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'project', private: true, type: 'module' }));
  return { folder, tarball, packed: made.files.map(({ path }) => path), unpacked };
}
