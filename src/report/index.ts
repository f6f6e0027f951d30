/**
 * Reports: what a command prints with `--json`, as a page for people, written to one file.
 *
 *   using report = openReport('storm.html', { files: ['plan.yaml'] });    before anything else begins
 *   ... the run ...
 *   report.write('storm', summary);
 *
 *   index.ts          the file, which is checked before the run and written after it
 *   environment.ts    the machine and the command line
 *   sections.ts       a summary as figures, charts and tables; it is pure and runs in the page
 *   page/             draws these in a browser
 */
import { closeSync, existsSync, openSync, readSync, realpathSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { KernelError } from '../errno.js';
import { renderPage } from '../page/index.js';
import { type Environment, environmentOf } from './environment.js';
import type { ReportCommand, Summary } from './sections.js';

/** What a page is made from. The page holds it as JSON, in the element `data`. */
export interface ReportData {
  /** The command that made the summary. */
  readonly command: ReportCommand;
  /** What the command prints with `--json`, with up to `REPORTED_HOSTS` hosts. */
  readonly summary: Summary;
  /** Where the run took place. */
  readonly environment: Environment;
}

/** What `openReport` must know of the command. */
export interface ReportOptions {
  /** Files that the command reads or writes, which the report must not replace; `-` is no file. */
  readonly files: readonly string[];
}

/** A file that a report goes to. The caller must dispose of it. */
export interface ReportFile extends Disposable {
  /** Writes the page. Throws, with the path, EIO or a more exact code if the disk refuses it. */
  write(command: ReportCommand, summary: Summary): void;
  /** Removes the file if it was created for this report and nothing was written. Idempotent. */
  [Symbol.dispose](): void;
}

/** The most hosts that a report names. */
export const REPORTED_HOSTS = 10_000;
/** How many hosts a summary names, the worst first, unless `--worst` says another number. */
export const WORST_HOSTS = 10;

const PAGE = /^<!doctype html/i;

/**
 * Checks that a report can be written to `path`, so that a long run does not end without one.
 * Throws EINVAL if `path` is one of the other files, or holds something other than a page; and
 * EACCES, EISDIR or ENOENT if it cannot be written.
 */
export function openReport(path: string, { files }: ReportOptions): ReportFile {
  if (path === '-' || path === '') throw failed('EINVAL', path, 'name a file: standard output has the summary');
  const other = files.find((file) => file !== '-' && isSameFile(path, file));
  if (other !== undefined) throw failed('EINVAL', path, `would overwrite ${other}: name another file`);
  const isNew = !existsSync(path);
  if (!isNew && !isPage(path)) {
    throw failed('EINVAL', path, 'is there already and is no HTML page: name another file, or remove that one');
  }
  try {
    // Appending creates or opens the file but keeps an older report until the new one is there.
    closeSync(openSync(path, 'a'));
  } catch (error) {
    throw unwritable(path, error);
  }
  let open = true;
  return {
    write(command, summary) {
      open = false;
      const data: ReportData = { command, summary, environment: environmentOf() };
      const page = renderPage('report', data);
      try {
        writeFileSync(path, page);
      } catch (error) {
        throw unwritable(path, error);
      }
    },
    [Symbol.dispose]() {
      if (open && isNew) unlinkSync(path);
      open = false;
    },
  };
}

/** Says whether a path may be overwritten: it is an HTML page, an empty file, or a device. */
function isPage(path: string): boolean {
  try {
    if (!statSync(path).isFile()) return !statSync(path).isDirectory();
    const head = Buffer.alloc(64);
    const file = openSync(path, 'r');
    const length = readSync(file, head, 0, head.length, 0);
    closeSync(file);
    return (
      length === 0 ||
      PAGE.test(
        head
          .toString('utf8')
          .replace(/^\uFEFF/, '')
          .trimStart(),
      )
    );
  } catch (error) {
    throw unwritable(path, error);
  }
}

/** Says whether two paths lead to the same file, which may not be there yet. */
export function isSameFile(a: string, b: string): boolean {
  if (existsSync(a) && existsSync(b)) {
    const [one, other] = [statSync(a), statSync(b)];
    return one.ino === other.ino && one.dev === other.dev;
  }
  return placeOf(a) === placeOf(b);
}

/** Returns where a file is or will be, with the links in the path of its folder resolved. */
function placeOf(path: string): string {
  const folder = dirname(resolve(path));
  return join(existsSync(folder) ? realpathSync(folder) : folder, basename(path));
}

const SYSTEM_ERRORS = {
  EACCES: 'no permission to write there',
  EISDIR: 'is a folder: name a file in it',
  ENOENT: 'its folder does not exist: create it',
  ENOTDIR: 'part of the path is no folder',
  ENOSPC: 'the disk is full',
} as const;

/** Returns the error to throw for an error of the file system. */
function unwritable(path: string, error: unknown): KernelError {
  const { code, message } = error as NodeJS.ErrnoException;
  const known = SYSTEM_ERRORS[code as keyof typeof SYSTEM_ERRORS];
  return known === undefined ? failed('EIO', path, message) : failed(code as keyof typeof SYSTEM_ERRORS, path, known);
}

function failed(code: KernelError['code'], path: string, why: string): KernelError {
  return new KernelError(code, 'report', `--report ${path}: ${why}`);
}
