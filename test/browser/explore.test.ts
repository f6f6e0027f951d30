/** The explorer's page, used as a person would, and its frames held against the library's. */
import { readFileSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EXAMPLES } from '../../src/explore/examples.js';
import { explorerPage } from '../../src/explore/index.js';
import { decodeState, type ExplorerState, encodeState, toBase64 } from '../../src/explore/state.js';
import { recordsOfFrames } from '../../src/scenario/index.js';
import { compare, readGolden } from '../support/compare.js';
import { librarySends, RELIABLE_STATES, reliableSends, STATES } from '../support/explorer.js';
import { HELD, type Recording } from '../support/recordings.js';
import { axeFaults, browserArm, type OpenPage, openPage, screenshots } from './chromium.js';
import { digestOf, pictureOf, textOf } from './picture.js';

const PICTURE = new URL('../../src/explore/explorer.png', import.meta.url);

const hex = (frames: readonly Uint8Array[]) => frames.map((frame) => Buffer.from(frame).toString('hex'));
const example = (part: string) => EXAMPLES.find(({ name }) => name.includes(part))!.state;
const hello: ExplorerState = { kernels: ['6.1s'], targets: [{}], records: [{ text: 'hello', level: 6 }] };

interface Ran {
  readonly asked: string;
  readonly error?: string;
  readonly frames?: readonly string[];
}

/** What the page's own code makes of states. */
function runIn({ tab }: OpenPage, states: readonly ExplorerState[]): Promise<Ran[][]> {
  return tab.evaluate(
    (all) =>
      all.map((state) =>
        (globalThis as unknown as { netconsoleExplorer: { run(s: unknown): Ran[] } }).netconsoleExplorer.run(state),
      ),
    states,
  );
}

/** The frame that the page shows for a datagram, out of its dump. */
async function shown({ tab }: OpenPage, id: string): Promise<string> {
  const texts = await tab.locator(`[data-id="${id}"]`).first().locator('.hex').allTextContents();
  return texts.join('').replaceAll(' ', '');
}

browserArm('the explorer', (browser) => {
  const open = (state: ExplorerState = hello, options = {}) => openPage(browser, explorerPage(state), options);

  describe('its frames', () => {
    it('are those of the library for a hundred random states', async () => {
      await using page = await open();
      const states = fc.sample(STATES, { seed: 2015, numRuns: 100 });
      const ran = await runIn(page, states);
      let frames = 0;
      for (const [i, state] of states.entries()) {
        for (const [k, kernel] of state.kernels.entries()) {
          const expected = hex(librarySends(state, kernel));
          expect(ran[i]![k], JSON.stringify(state)).toMatchObject({ asked: kernel, frames: expected });
          frames += expected.length;
        }
      }
      expect(frames).toBeGreaterThan(300);
      expect(page.errors).toEqual([]);
    });

    it('are those of the library with acks, retransmission and emergencies, whatever is lost', async () => {
      await using page = await open();
      const states = fc.sample(RELIABLE_STATES, { seed: 2015, numRuns: 20 });
      const ran = await runIn(page, states);
      for (const [i, state] of states.entries())
        expect(ran[i]![0]!.frames).toEqual(hex(reliableSends(state, state.kernels[0]!)));
    });

    it('are the same without WebAssembly, where a policy forbids it', async () => {
      const policy = `default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:`;
      await using page = await open(hello, { policy });
      const compiles = await page.tab.evaluate(() => {
        try {
          return new WebAssembly.Module(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)) instanceof WebAssembly.Module;
        } catch {
          return false;
        }
      });
      expect(compiles).toBe(false);
      const states = fc.sample(STATES, { seed: 1, numRuns: 10 });
      const ran = await runIn(page, states);
      for (const [i, state] of states.entries())
        expect(ran[i]!.map(({ frames }) => frames)).toEqual(
          state.kernels.map((kernel) => hex(librarySends(state, kernel))),
        );
      // The browser says once that the policy forbade it.
      expect(page.errors.filter((error) => !/Content Security Policy|wasm|WebAssembly/i.test(error))).toEqual([]);
    });

    it('that it shows are those bytes', async () => {
      for (const state of [hello, { ...hello, targets: [{ localIp: '2001:db8::1', remoteIp: '2001:db8::2' }] }]) {
        await using page = await open(state);
        await expect.poll(() => shown(page, 'o0')).toBe(hex(librarySends(state, '6.1s'))[0]);
      }
    });
  });

  describe('recordings of real kernels', () => {
    const kernels = new Map<string, Recording[]>();
    for (const recording of HELD.filter(({ name }) => !name.startsWith('recorded/')))
      kernels.set(recording.kernel, [...(kernels.get(recording.kernel) ?? []), recording]);
    it.each([...kernels])('of %s: outcomes, log and frames are the same in the page', async (_, recordings) => {
      await using page = await open();
      for (const { folder } of recordings.slice(0, 3)) {
        const golden = readGolden(folder);
        const recorded = recordsOfFrames(golden.pcap, golden.kmsg ?? new Uint8Array(0));
        const state = {
          kernels: [recordings[0]!.profile],
          records: [],
          targets: [],
          scenario: {
            text: JSON.stringify(golden.scenario),
            recorded: toBase64(recorded),
            release: golden.release,
            ...(golden.version !== undefined && { version: golden.version }),
          },
        };
        const run = await page.tab.evaluate(
          (given) =>
            (
              globalThis as unknown as {
                netconsoleExplorer: { scenario(s: unknown): { pcap: string; kmsg: string; outcomes: unknown[] } };
              }
            ).netconsoleExplorer.scenario(given),
          state,
        );
        const bytes = (text: string) => Buffer.from(text, 'base64');
        expect(compare(golden, { ...run, pcap: bytes(run.pcap), kmsg: bytes(run.kmsg) })).toEqual([]);
      }
      expect(page.errors).toEqual([]);
    });
  });

  describe('in use', () => {
    it('shows what is typed', async () => {
      await using page = await open();
      await page.tab.getByLabel('Text', { exact: true }).fill('typed in a page');
      await page.tab.getByLabel('Level', { exact: true }).selectOption('3');
      const state = { ...hello, records: [{ text: 'typed in a page', level: 3 }] };
      await expect.poll(() => shown(page, 'o0')).toBe(hex(librarySends(state, '6.1s'))[0]);
      await page.tab.getByRole('button', { name: 'Add', exact: true }).click();
      await expect.poll(() => page.tab.locator('.records li').count()).toBe(2);
      expect(page.errors).toEqual([]);
    });

    it('compares versions, and marks what differs', async () => {
      await using page = await open({ ...hello, userdata: [['rack', 'B12']] });
      const { tab } = page;
      expect(await tab.getByRole('heading', { name: 'What differs' }).count()).toBe(0);
      await tab.getByLabel('Compare with').selectOption('7.3');
      await expect.poll(() => tab.getByRole('row', { name: /rack on the wire none rack=B12/ }).count()).toBe(1);
      const marked = tab.getByRole('region', { name: 'Linux 7.3' }).locator('.message .diff');
      expect((await marked.allTextContents()).join('')).toContain('rack=B12');
      expect(await tab.getByRole('region', { name: 'Linux 6.1s' }).locator('.message .diff').count()).toBe(0);
      expect(page.errors).toEqual([]);
    });

    it('takes any release, and copies its address with the state in it', async () => {
      await using page = await open();
      const { tab } = page;
      await tab.getByLabel('or any release').fill('5.15.0-134-generic');
      await tab.getByRole('button', { name: 'Compare', exact: true }).click();
      await expect
        .poll(() => tab.getByRole('region', { name: 'Linux 5.15.0-134-generic' }).textContent())
        .toMatch(/the nearest to 5.15.0-134-generic/);
      await tab.getByRole('button', { name: 'Copy the address' }).click();
      await expect.poll(() => tab.getByRole('button', { name: 'Copied' }).count()).toBe(1);
      const copied = (await tab.evaluate('navigator.clipboard.readText()')) as string;
      expect(copied).toBe(tab.url());
      const state = await decodeState(copied.slice(copied.indexOf('#') + 1));
      expect(state).toEqual({ ...hello, kernels: ['6.1s', '5.15.0-134-generic'] });
      expect(page.errors).toEqual([]);
    });

    it('drops a datagram that is clicked, and the address keeps it', async () => {
      const records = ['a', 'b', 'c'].map((text) => ({ text, level: 6 }));
      await using page = await open({ ...hello, records });
      const { tab } = page;
      await tab
        .locator('.ladder')
        .getByRole('button', { name: /seq 1: b/ })
        .click();
      await expect.poll(() => tab.locator('.ladder').textContent()).toMatch(/delivers 2: c, 1 given up/);
      expect(await tab.locator('.ladder').textContent()).not.toMatch(/delivers 1: b/);
      await expect.poll(() => tab.url()).toMatch(/#1\./);
      await tab.reload();
      await expect.poll(() => tab.locator('.ladder').textContent()).toMatch(/delivers 2: c, 1 given up/);
      await tab
        .locator('.ladder')
        .getByRole('button', { name: /seq 1: b/ })
        .click();
      await expect.poll(() => tab.locator('.ladder').textContent()).toMatch(/delivers 1: b/);
      expect(page.errors).toEqual([]);
    });

    it('steps through requests, acks and emergencies', async () => {
      await using page = await open(example('2015'));
      const { tab } = page;
      const clock = () => tab.locator('.clock').textContent();
      const slider = tab.getByRole('slider', { name: 'Events so far' });
      await slider.fill('0');
      await expect.poll(clock).toMatch(/0.000 s.*nothing yet/);
      await tab.getByRole('button', { name: 'One step on' }).click();
      await expect.poll(() => tab.locator('.ladder li:not(.future)').count()).toBe(1);
      const events = await tab.locator('.ladder li').allTextContents();
      const asks = events.findIndex((text) => text.includes('asks for 2, 3'));
      await slider.fill(String(asks + 1));
      await expect.poll(clock).toMatch(/asked for2, 3/);
      const emergencies = events.flatMap((text, i) => (text.includes('emergency') ? [i] : []));
      await slider.fill(String(emergencies.at(-1)! + 1));
      await expect.poll(clock).toMatch(/emergency interval800 ms/);
      await tab.getByRole('button', { name: 'Play' }).click();
      await expect.poll(clock).toMatch(/acked up toseq 8.*none/);
      await expect.poll(() => tab.getByRole('button', { name: 'Play' }).count()).toBe(1);
      expect(page.errors).toEqual([]);
    });

    it('reads a log that is pasted, and says what is none', async () => {
      await using page = await open();
      const { tab } = page;
      await tab.getByRole('button', { name: 'Paste a log' }).click();
      const area = tab.getByLabel(/^dmesg/);
      await area.fill('just a line');
      await tab.getByRole('button', { name: 'Read it' }).click();
      await expect.poll(() => tab.getByRole('alert').textContent()).toMatch(/the text /);
      await area.fill(readFileSync(new URL('../../examples/boot.kmsg', import.meta.url), 'utf8'));
      await tab.getByRole('button', { name: 'Read it' }).click();
      await expect.poll(() => tab.getByRole('heading', { name: /^Records/ }).textContent()).toBe('Records (394)');
      expect(page.errors).toEqual([]);
    });

    it('opens a file of a log', async () => {
      await using page = await open();
      const { tab } = page;
      await tab.getByRole('button', { name: 'Paste a log' }).click();
      await tab
        .getByLabel('or a file')
        .setInputFiles(new URL('../support/logs/boot-6.12.dmesg', import.meta.url).pathname);
      await expect.poll(() => tab.getByRole('heading', { name: /^Records/ }).textContent()).toBe('Records (394)');
      expect(page.errors).toEqual([]);
    });

    it('runs a scenario, and says what is wrong with one', async () => {
      const text = readFileSync(new URL('../../examples/scenario.json', import.meta.url), 'utf8');
      await using page = await open({ kernels: ['6.12'], records: [], targets: [], scenario: { text } });
      const { tab } = page;
      await expect.poll(() => tab.locator('.datagram').count()).toBeGreaterThan(0);
      await tab.getByLabel('Operations, in JSON').fill('{"ops": [{"op": "fly"}]}');
      await expect.poll(() => tab.getByRole('alert').textContent()).toMatch(/fly/);
      expect(page.errors).toEqual([]);
    });

    it('tells of an address that is none', async () => {
      await using page = await open(hello, { fragment: '1.nonsense' });
      await expect
        .poll(() => page.tab.getByRole('status').textContent())
        .toMatch(/cut short or damaged: copy all of it/);
      await expect.poll(() => shown(page, 'o0')).toBe(hex(librarySends(hello, '6.1s'))[0]);
      const fragment = await encodeState({ ...hello, records: [{ text: 'of the address', level: 4 }] });
      await page.tab.evaluate(`location.hash = ${JSON.stringify(fragment)}`);
      await expect.poll(() => page.tab.locator('.records').textContent()).toMatch(/of the address/);
      await expect.poll(() => page.tab.getByRole('status').textContent()).toBe('');
      expect(page.errors).toEqual([]);
    });

    it('says why a kernel cannot run it, and goes on with the others', async () => {
      await using page = await open({ ...hello, kernels: ['6.1s', '2.4.10', '9.9.9'] });
      await expect.poll(() => page.tab.getByRole('alert').textContent()).toMatch(/before netconsole/);
      await expect
        .poll(() => page.tab.getByRole('region', { name: 'Linux 9.9.9' }).textContent())
        .toMatch(/newer than 7.3/);
      expect(page.errors).toEqual([]);
    });
  });

  describe('for everybody', () => {
    it('explains each byte by keyboard', async () => {
      await using page = await open();
      const { tab } = page;
      const dump = tab.getByRole('group', { name: /Bytes of datagram o0/ });
      await dump.focus();
      await expect.poll(() => tab.locator('.meaning').textContent()).toMatch(/^destination MAC 02:00:00:00:00:02/);
      await dump.press('End');
      await expect.poll(() => tab.locator('.meaning').textContent()).toMatch(/^newline/);
      await dump.press('ArrowLeft');
      await expect.poll(() => tab.locator('.meaning').textContent()).toMatch(/^text hello/);
      await tab.locator('.hex .k-seq').first().hover();
      await expect.poll(() => tab.locator('.meaning').textContent()).toMatch(/^seq 0/);
    });

    it.each(EXAMPLES.map(({ name, state }, i) => [name, state, i] as const))(
      'has no serious fault that axe-core finds, light and dark: %s',
      async (_, state, i) => {
        await using page = await open(state);
        await expect.poll(() => page.tab.locator('.card').count()).toBeGreaterThan(0);
        for (const colorScheme of ['dark', 'light'] as const) {
          await page.tab.emulateMedia({ colorScheme });
          expect(await axeFaults(page)).toEqual([]);
        }
        const { light, dark } = await screenshots(page, `explore-${i + 1}`);
        expect(light.equals(dark)).toBe(false);
        expect(page.errors).toEqual([]);
      },
    );

    it('has none in a scenario, and where a log is pasted', async () => {
      const text = readFileSync(new URL('../../examples/scenario.json', import.meta.url), 'utf8');
      await using scenario = await open({ kernels: ['6.12', '5.4'], records: [], targets: [], scenario: { text } });
      await scenario.tab.getByText(/^Operations \(/).click();
      expect(await axeFaults(scenario)).toEqual([]);
      await screenshots(scenario, 'explore-scenario');
      await using page = await open();
      await page.tab.getByRole('button', { name: 'Paste a log' }).click();
      expect(await axeFaults(page)).toEqual([]);
    });

    it('is what the picture in the README shows (NCE_PICTURES=1 renews it)', async () => {
      const [record] = example('too long').records;
      await using page = await open({ ...example('too long'), records: [record!] });
      const { tab } = page;
      await tab.setViewportSize({ width: 1240, height: 1180 });
      await expect.poll(() => tab.locator('.datagram').count()).toBe(2);
      const bytes = tab.getByRole('region', { name: 'Linux 7.3' }).getByRole('group', { name: /^Bytes/ });
      await bytes.focus();
      while (!/^release/.test((await tab.locator('.meaning').last().textContent())!)) await bytes.press('ArrowRight');
      await tab.evaluate('document.activeElement.blur(); scrollTo(0, 0)');
      const digest = digestOf(await tab.locator('#app').innerText());
      const { light } = await screenshots(page, 'picture', { fullPage: false });
      if (process.env['NCE_PICTURES'] === '1') {
        const blank = await browser().newPage();
        writeFileSync(PICTURE, await pictureOf(light, digest, blank));
        await blank.close();
      }
      const picture = readFileSync(PICTURE);
      expect(textOf(picture), 'the picture is stale: run this test with NCE_PICTURES=1').toBe(digest);
      expect(picture.length).toBeLessThan(100_000);
    });

    it('prints what it shows, and not its controls', async () => {
      await using page = await open(example('too long'));
      await page.tab.emulateMedia({ media: 'print' });
      await expect.poll(() => page.tab.locator('.datagram').first().isVisible()).toBe(true);
      expect(await page.tab.locator('.controls').isVisible()).toBe(false);
    });
  });
});
