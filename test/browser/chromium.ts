/**
 * Pages in a real browser: the Chromium of the machine, driven by playwright-core. Without one the tests are skipped with the reason,
 * or fail when NCE_REQUIRED_ARMS names the arm `chromium`.
 */
import { accessSync, constants, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];
/** Root has no sandbox; the rest keeps the browser from talking to its maker. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const REQUIRED = (process.env['NCE_REQUIRED_ARMS'] ?? '').split(',').includes('chromium');

/** The browser's program, or undefined. */
function findChromium(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const candidates = [process.env['CHROMIUM'], ...NAMES.flatMap((name) => folders.map((folder) => join(folder, name)))];
  return candidates.find((file) => {
    if (file === undefined || file === '') return false;
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** A suite with a browser, which is started before its tests and ended after them. */
export function browserArm(name: string, suite: (browser: () => BrowserContext) => void): void {
  const program = findChromium();
  if (program === undefined && !REQUIRED) {
    describe.skip(`${name} (skipped: no Chromium in PATH; install it, or set CHROMIUM)`, () => {
      it('opens in a browser', () => undefined);
    });
    return;
  }
  describe(name, () => {
    let context: BrowserContext | undefined;
    let profile: string;
    beforeAll(async () => {
      expect(program, 'the arm chromium is required, and no Chromium is here').toBeDefined();
      profile = mkdtempSync(join(tmpdir(), 'nce-chromium-'));
      context = await chromium.launchPersistentContext(profile, {
        executablePath: program!,
        headless: true,
        args: FLAGS,
        viewport: { width: 1280, height: 900 },
        permissions: ['clipboard-read', 'clipboard-write'],
      });
    });
    afterAll(async () => {
      await context?.close();
      rmSync(profile, { recursive: true, force: true });
    });
    suite(() => context!);
  });
}

/** A page that is open. */
export interface OpenPage extends AsyncDisposable {
  readonly tab: Page;
  /** What must not be: errors and warnings on the console, exceptions, requests for anything but the page itself. */
  readonly errors: readonly string[];
  readonly url: string;
}

export interface OpenOptions {
  /** Behind the address, without `#`. */
  readonly fragment?: string;
  /** A policy of the server's, in force beside the page's own; the page then comes from a server that is none. */
  readonly policy?: string;
}

const SERVED = 'http://page.invalid/page.html';

/** Opens the text of a page as a file from disk. */
export async function openPage(
  browser: () => BrowserContext,
  html: string,
  options: OpenOptions = {},
): Promise<OpenPage> {
  const folder = mkdtempSync(join(tmpdir(), 'nce-page-'));
  const file = join(folder, 'page.html');
  writeFileSync(file, html);
  const tab = await browser().newPage();
  const errors: string[] = [];
  tab.on('pageerror', (error) => errors.push(`exception: ${error.stack ?? error.message}`));
  tab.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) errors.push(`console: ${message.text()}`);
  });
  const url = options.policy === undefined ? pathToFileURL(file).href : SERVED;
  tab.on('request', (request) => {
    const wanted = request.url();
    if (wanted.split('#')[0] !== url && !/^(data|blob):/.test(wanted)) errors.push(`request: ${wanted}`);
  });
  if (options.policy !== undefined) {
    const headers = { 'content-security-policy': options.policy, 'content-type': 'text/html; charset=utf-8' };
    await tab.route(SERVED, (route) => route.fulfill({ body: html, headers }));
  }
  await tab.goto(options.fragment === undefined ? url : `${url}#${options.fragment}`);
  return {
    tab,
    errors,
    url,
    [Symbol.asyncDispose]: async () => {
      await tab.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface AxeResults {
  readonly violations: readonly {
    readonly id: string;
    readonly impact: string | null;
    readonly help: string;
    readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
  }[];
}

/** What axe-core finds serious or critical, one line each. */
export async function axeFaults({ tab }: OpenPage): Promise<string[]> {
  await tab.evaluate(AXE);
  const { violations } = (await tab.evaluate('axe.run(document, { resultTypes: ["violations"] })')) as AxeResults;
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, help, nodes }) =>
      nodes.slice(0, 3).map(({ html, failureSummary }) => `${id}: ${help}: ${html} ${failureSummary ?? ''}`),
    );
}

/** Pictures of the whole page, light and dark, into the folder NCE_SCREENSHOTS if there is one; returns them as PNG. */
export async function screenshots(
  { tab }: OpenPage,
  name: string,
  shot: { readonly fullPage?: boolean } = {},
): Promise<Readonly<Record<'light' | 'dark', Buffer>>> {
  const folder = process.env['NCE_SCREENSHOTS'];
  if (folder !== undefined && folder !== '') mkdirSync(folder, { recursive: true });
  const pictures: Record<'light' | 'dark', Buffer> = { light: Buffer.alloc(0), dark: Buffer.alloc(0) };
  for (const scheme of ['dark', 'light'] as const) {
    await tab.emulateMedia({ colorScheme: scheme });
    pictures[scheme] = await tab.screenshot({ fullPage: true, animations: 'disabled', ...shot });
    if (folder !== undefined && folder !== '') writeFileSync(join(folder, `${name}-${scheme}.png`), pictures[scheme]);
  }
  return pictures;
}
