/** The file of a report: what it is refused for before a run, and what is left when a run fails. */
import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { environmentOf } from '../../../src/report/environment.js';
import { openReport } from '../../../src/report/index.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'nce-report-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string) => join(folder, name);

describe('openReport', () => {
  it('refuses a file of the command, whatever it is called', () => {
    writeFileSync(at('plan.yaml'), 'duration: 1\n');
    symlinkSync(at('plan.yaml'), at('link.html'));
    linkSync(at('plan.yaml'), at('hard.html'));
    for (const path of [at('plan.yaml'), at('link.html'), at('hard.html'), join(folder, '.', 'plan.yaml')])
      expect(() => openReport(path, { files: ['-', at('plan.yaml')] })).toThrow(/would overwrite .*plan\.yaml/);
    expect(() => openReport(at('new.pcap'), { files: [at('new.pcap')] })).toThrow(/would overwrite/);
    expect(existsSync(at('new.pcap'))).toBe(false);
    expect(readFileSync(at('plan.yaml'), 'utf8')).toBe('duration: 1\n');
  });

  it('refuses what is no page, a folder, and a folder that is not there', () => {
    writeFileSync(at('notes.txt'), 'mine');
    mkdirSync(at('dir'));
    const refused = (path: string, why: RegExp) => expect(() => openReport(path, { files: [] })).toThrow(why);
    refused(at('notes.txt'), /is there already and is no HTML page/);
    refused(at('dir'), /no HTML page|is a folder/);
    refused(at('none/report.html'), /its folder does not exist: create it/);
    refused(at('notes.txt/report.html'), /part of the path is no folder/);
    refused('-', /name a file/);
    expect(readFileSync(at('notes.txt'), 'utf8')).toBe('mine');
  });

  it('writes a page, in which the summary is, and replaces an older one', () => {
    for (const seconds of [1, 2]) {
      const report = openReport(at('report.html'), { files: [] });
      report.write('storm', { seconds, text: '</script><b>' });
      report[Symbol.dispose]();
      const page = readFileSync(at('report.html'), 'utf8');
      const json = /<script type="application\/json" id="data">(.*?)<\/script>/s.exec(page)![1]!;
      expect(JSON.parse(json)).toMatchObject({ command: 'storm', summary: { seconds, text: '</script><b>' } });
      expect(page).toMatch(/Content-Security-Policy" content="default-src 'none'; script-src 'sha256-/);
    }
  });

  it('leaves nothing behind when the run fails, but an older report', () => {
    openReport(at('failed.html'), { files: [] })[Symbol.dispose]();
    expect(existsSync(at('failed.html'))).toBe(false);
    writeFileSync(at('older.html'), '<!doctype html><p>older');
    openReport(at('older.html'), { files: [] })[Symbol.dispose]();
    expect(readFileSync(at('older.html'), 'utf8')).toBe('<!doctype html><p>older');
  });
});

describe('the environment', () => {
  it('has the command line as a shell takes it, and nobody’s name', () => {
    const { commandLine, ...rest } = environmentOf(['storm', join(homedir(), 'a plan.yaml'), "it's", '--hosts=5']);
    expect(commandLine).toBe(`netconsole-emulator storm '~/a plan.yaml' 'it'\\''s' --hosts=5`);
    expect(Object.keys(rest).sort()).toEqual(['cpu', 'cpus', 'memoryBytes', 'runtime', 'system', 'time', 'version']);
    expect(rest.runtime).toBe(`Node.js ${process.versions.node}`);
  });
});
