/**
 * Makes the parts of the pages that come from the code. They stand between `<!-- NAME -->` and
 * `<!-- /NAME -->` in README.md or in the page of a room, each in one page. `npm run readme` writes
 * them, and a test fails if they are stale.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { PassThrough } from 'node:stream';
import { OUTPUT_FORMATS } from '../../src/check/index.js';
import { profileTable } from '../../src/cli/profiles.js';
import { createProgram } from '../../src/cli/program.js';
import { LOG_FORMATS } from '../../src/replay/index.js';
import { DIALECTS } from '../../src/wire/dialects.js';
import { WORKLOADS } from '../../src/workload/index.js';

import { aliasRows, featureRows, recordingRows } from './pages.js';

const root = new URL('../../', import.meta.url).pathname;

function table(rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(rows[0]!), line(rows[0]!.map(() => '---')), ...rows.slice(1).map(line)].join('\n');
}

/** Returns the paths of all source files, sorted. */
export function sourceFiles(): string[] {
  const walk = (folder: string): string[] =>
    readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? walk(path) : path.endsWith('.ts') ? [path] : [];
    });
  return walk(join(root, 'src')).sort();
}

/** Returns every `Differs:` of a file's comments, to the end of its paragraph. */
function differences(file: string): string[] {
  const found: string[] = [];
  let open: string[] | undefined;
  const close = () => {
    if (open !== undefined) found.push(open.join(' ').replace(/\s+/g, ' ').trim());
    open = undefined;
  };
  for (const raw of readFileSync(file, 'utf8').split('\n')) {
    const comment = /^\s*(?:\/\*\*?|\*|\/\/)\s?(.*?)(?:\*\/)?\s*$/.exec(raw);
    const text = comment?.[1]?.trim();
    if (text === undefined || text === '' || text === '/') {
      close();
      continue;
    }
    // In backquotes it is only mentioned.
    const at = text.search(/(?<!`)Differs: /);
    if (at >= 0) {
      close();
      open = [text.slice(at + 'Differs: '.length)];
    } else {
      open?.push(text);
    }
    if (raw.trimEnd().endsWith('*/')) close();
  }
  close();
  return found;
}

/**
 * Says whether a file is a receiver's: those differ from other receivers, all others from Linux.
 */
function isReceiver(file: string): boolean {
  return relative(join(root, 'src'), file).startsWith('receiver/');
}

/** Makes a table of every `Differs:` in the files that `of` accepts. */
function differencesTable(of: (file: string) => boolean): string {
  const rows = sourceFiles()
    .filter(of)
    .flatMap((file) => differences(file).map((text) => [`\`${relative(root, file)}\``, text]));
  return table([['where', 'how'], ...rows]);
}

function commandHelp(): string {
  const streams = { out: new PassThrough(), err: new PassThrough() };
  const program = createProgram(streams, () => {});
  return program.commands
    .map((command) => {
      command.configureHelp({ helpWidth: 110 });
      let text = '';
      command.configureOutput({ writeOut: (part) => (text += part), getOutHasColors: () => false });
      command.outputHelp();
      return `#### ${command.name()}\n\n\`\`\`text\n${text.trim()}\n\`\`\``;
    })
    .join('\n\n');
}

function dialectTable(): string {
  const rows = Object.values(DIALECTS).map((dialect) => [
    `\`${dialect.name}\``,
    dialect.responsePrefix === undefined ? 'none' : `\`${dialect.responsePrefix}42 43 44\``,
    dialect.emergencyKey === undefined ? 'none' : `\`,${dialect.emergencyKey}=1\``,
    dialect.fragment === 'index' ? '`,ncfrag=OFF@I/N`' : '`,ncfrag=OFF/TOTAL`',
  ]);
  return table([['dialect', 'a response that acks 42 and asks for 43 and 44', 'emergency', 'fragment'], ...rows]);
}

function workloadTable(): string {
  const rows = [...WORKLOADS.values()].map(({ id, about, parameters }) => [
    `\`${id}\``,
    about,
    Object.entries(parameters)
      .map(([name, { default: value, about: meaning }]) => `\`${name}\` (${value}): ${meaning}`)
      .join('; '),
  ]);
  return table([['workload', 'what happens', 'parameters (default)'], ...rows]);
}

/** The sections by name, each with a function that makes its text. */
export const SECTIONS: Readonly<Record<string, () => string>> = {
  profiles: () => table(profileTable()),
  differences: () => differencesTable((file) => !isReceiver(file)),
  'differences-receiver': () => differencesTable(isReceiver),
  dialects: dialectTable,
  commands: commandHelp,
  workloads: workloadTable,
  features: () => table(featureRows()),
  aliases: () => table(aliasRows()),
  recordings: () => table(recordingRows()),
  formats: () => table([['format', 'what writes it'], ...LOG_FORMATS.map((f) => [`\`${f.name}\``, f.description])]),
  outputs: () => table([['format', 'what it is'], ...OUTPUT_FORMATS.map(({ name, about }) => [`\`${name}\``, about])]),
};

function marks(name: string): RegExp {
  return new RegExp(`(<!-- ${name} -->\\n)[\\s\\S]*?(<!-- /${name} -->)`);
}

/** Returns the pages that may have sections, as paths from the root. */
export function pages(): string[] {
  const rooms = (readdirSync(join(root, 'src'), { recursive: true }) as string[])
    .filter((file) => file.endsWith('README.md'))
    .map((file) => join('src', file));
  return ['README.md', 'bench/README.md', 'test/README.md', ...rooms.sort()].filter((page) =>
    existsSync(join(root, page)),
  );
}

/** Returns the text of a page. */
export function page(name: string): string {
  return readFileSync(join(root, name), 'utf8');
}

/** Returns the text of a page with its sections made anew. */
export function renewed(text: string): string {
  return Object.entries(SECTIONS).reduce(
    (all, [name, make]) =>
      marks(name).test(all)
        ? all.replace(marks(name), (_, before: string, after: string) => `${before}\n${make()}\n\n${after}`)
        : all,
    text,
  );
}

/** Returns the pages in which a section stands. */
export function pagesOf(section: string): string[] {
  return pages().filter((name) => marks(section).test(page(name)));
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  for (const name of pages()) writeFileSync(join(root, name), renewed(page(name)));
}
