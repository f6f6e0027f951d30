/** A report in a browser: of a fleet of 10,000 hosts and an hour, and of each command. */
import { createSocket } from 'node:dgram';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { createProgram } from '../../src/cli/program.js';
import { renderPage } from '../../src/page/index.js';
import { environmentOf } from '../../src/report/environment.js';
import type { ReportData } from '../../src/report/index.js';
import { axeFaults, browserArm, type OpenPage, openPage, screenshots } from './chromium.js';

const HOSTS = 10_000;
const SECONDS = 3600;

/** A storm of an hour, as long as one can be. */
function largeReport(): ReportData {
  const random = (i: number) => ((i * 2_654_435_761) >>> 0) / 2 ** 32;
  const intervals = Array.from({ length: SECONDS }, (_, i) => {
    const asked = Math.round(20_000 + 8_000 * Math.sin(i / 300));
    const lost = i > 1800 && i < 1900 ? 900 : Math.round(random(i) * 20);
    const emergencyMs = i > 1800 && i < 2000 ? Math.min(100 * 2 ** Math.floor((i - 1800) / 10), 10_000) : 0;
    return {
      ...{ from: i, seconds: 1, asked, achieved: asked - lost, fragments: Math.round(asked / 50), lost, skipped: 0 },
      ...{ acks: 1000, retransmits: lost, emergencies: emergencyMs > 0 ? 40 : 0, emergencyMs },
    };
  });
  const worst = Array.from({ length: HOSTS }, (_, i) => ({
    ...{ host: `198.18.${i >> 8}.${i & 255}`, name: `rack${i % 40}-${i}`, boots: 1, messages: 7200, carried: 7260 },
    ...{ lost: Math.max(0, 90 - i), partitioned: 0, notSent: i % 7, fragments: 144, acks: 3600, retransmits: 12 },
  }));
  const buckets = Array.from({ length: 12 }, (_, i) => ({
    belowMs: 0.0625 * 2 ** i,
    frames: Math.round(7e6 / 3 ** i),
  }));
  const frames = intervals.reduce((sum, { achieved }) => sum + achieved, 0);
  const sums = { frames, bytes: frames * 190, deviceLost: 12, notSent: 30_000, noRoom: 3 };
  const out = { carried: frames, lost: 4005, partitioned: 0, duplicated: 7 };
  const lateness = { p50: 0.0625, p99: 2, max: 117, buckets };
  return {
    command: 'storm',
    environment: environmentOf(['storm', 'plan.yaml', '--report', 'storm.html']),
    summary: { via: 'af-packet:eth1', hosts: HOSTS, seconds: SECONDS, ...sums, out, intervals, lateness, worst },
  };
}

/** A table of the page, as text. */
function cells({ tab }: OpenPage, section: string): Promise<string[][]> {
  const rows = `document.querySelectorAll('#${section} table.rows tbody tr')`;
  return tab.evaluate(`[...${rows}].map((row) => [...row.cells].map((cell) => cell.textContent))`);
}

async function command(...args: string[]): Promise<void> {
  const streams = { out: new PassThrough().resume(), err: new PassThrough().resume() };
  await createProgram(streams, () => {}).parseAsync(args, { from: 'user' });
}

/** Two senders, one of which has a gap of three records. */
async function received(report: string): Promise<void> {
  const err = new PassThrough();
  let said = '';
  err.on('data', (text) => {
    said += String(text);
  });
  const args = ['receive', '--host', '127.0.0.1', '--port', '0', '--max-records', '5', '--report', report];
  const done = createProgram({ out: new PassThrough().resume(), err }, () => {}).parseAsync(args, { from: 'user' });
  const listening = () => /listening on [\d.]+:(\d+)/.exec(said);
  await expect.poll(listening).not.toBeNull();
  const port = Number(listening()![1]);
  const senders = { a: createSocket('udp4'), b: createSocket('udp4') };
  for (const [sender, seq] of [
    ['a', 1],
    ['a', 5],
    ['b', 1],
    ['b', 2],
    ['b', 3],
  ] as const)
    senders[sender].send(`6,${seq},${seq}000000,-;record ${seq}\n`, port, '127.0.0.1');
  await done;
  for (const sender of Object.values(senders)) sender.close();
}

browserArm('a report', (browser) => {
  it('of 10,000 hosts and an hour is searched, sorted, and light', async () => {
    const data = largeReport();
    const html = renderPage('report', data);
    expect(html.length).toBeLessThan(5e6);
    await using page = await openPage(browser, html);
    const { tab } = page;
    await tab.getByRole('heading', { name: 'Environment' }).waitFor();
    // Not a measurement of a machine that has other things to do: a page that builds all rows takes far longer.
    const opened = await tab.evaluate<number>(`performance.getEntriesByType('navigation')[0].duration`);
    console.log(
      `a report of ${HOSTS} hosts and ${SECONDS} intervals: ${(html.length / 1e6).toFixed(1)} MB, open after ${Math.round(opened)} ms`,
    );
    expect(await cells(page, 'drops')).toEqual([
      ['ring', 'records that found no room in a ring', '3'],
      ['netpoll', 'frames that a kernel gave up: no buffer, the interface down or gone', '30,000'],
      ['device', 'frames that the device took and lost', '12'],
      ['wire', 'frames or records that the network lost', '4,005'],
    ]);
    expect(await tab.locator('#hosts output').textContent()).toBe('1 to 50 of 10,000');
    await tab.getByLabel('Search').fill('rack7-9967');
    expect(await tab.locator('#hosts output').textContent()).toBe('1 to 1 of 1');
    expect((await cells(page, 'hosts'))[0]!.slice(0, 2)).toEqual(['198.18.38.239', 'rack7-9967']);
    await tab.getByLabel('Search').fill('no such host');
    expect(await tab.locator('#hosts output').textContent()).toBe('0 to 0 of 0');
    await tab.getByLabel('Search').fill('');
    await tab.getByRole('button', { name: 'not sent' }).click();
    expect((await cells(page, 'hosts')).every((row) => row.includes('6'))).toBe(true);
    await tab.getByRole('button', { name: 'Next' }).click();
    expect(await tab.locator('#hosts output').textContent()).toBe('51 to 100 of 10,000');
    expect(await axeFaults(page)).toEqual([]);
    const { light, dark } = await screenshots(page, 'report');
    expect(light.equals(dark)).toBe(false);
    expect(page.errors).toEqual([]);
  });

  it('draws its charts, says them in words, and has their numbers in tables', async () => {
    const data = largeReport();
    await using page = await openPage(browser, renderPage('report', data));
    const { tab } = page;
    const charts = ['rate', 'losses', 'fragments', 'reliable', 'emergency-interval', 'lateness'];
    for (const id of charts) {
      // A chart is drawn when the browser tells it its width: in a frame of its own.
      const drawn = `(() => {
        const canvas = document.querySelector('#${id} canvas');
        const pixels = canvas?.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
        return pixels?.data.some((value) => value !== 0);
      })()`;
      await expect.poll(() => tab.evaluate(drawn), { message: id }).toBe(true);
    }
    expect(await tab.locator('#rate [role=img]').getAttribute('aria-label')).toMatch(
      /^Rate: asked for [\d,]+ frames\/s on average/,
    );
    const { intervals } = data.summary as { intervals: { achieved: number }[] };
    await tab.locator('#rate summary').click();
    // The browser says that a part opened in a task after the click's.
    await expect.poll(() => tab.locator('#rate table.rows tbody tr').count()).toBe(SECONDS);
    const rows = await cells(page, 'rate');
    expect(rows.map((row) => Number(row[2]!.replaceAll(',', '')))).toEqual(intervals.map(({ achieved }) => achieved));
    expect(page.errors).toEqual([]);
  });

  it('is used with keys alone', async () => {
    await using page = await openPage(browser, renderPage('report', largeReport()));
    const { tab } = page;
    await tab.getByLabel('Search').focus();
    await tab.keyboard.type('198.18.0.5');
    await expect.poll(() => tab.locator('#hosts tbody tr').count()).toBeLessThan(50);
    const focused = () => tab.evaluate<string>('document.activeElement.textContent');
    for (let i = 0; i < 10 && (await focused()) !== 'lost'; i++) await tab.keyboard.press('Tab');
    await tab.keyboard.press('Enter');
    await expect.poll(() => tab.locator('#hosts th[aria-sort]').textContent()).toBe('lost');
  });

  it('prints on paper', async () => {
    await using page = await openPage(browser, renderPage('report', largeReport()));
    await page.tab.emulateMedia({ colorScheme: 'dark' });
    const pdf = await page.tab.pdf({ format: 'A4', printBackground: true });
    expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
    expect(page.errors).toEqual([]);
  });

  it('of each command has the numbers of its --json', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'nce-reports-'));
    const at = (name: string) => join(folder, name);
    const examples = new URL('../../examples/', import.meta.url).pathname;
    try {
      const storm = [
        'storm',
        '--hosts',
        '30',
        '--duration',
        '8',
        '--loss',
        '0.05',
        '--via',
        `pcap:${at('storm.pcap')}`,
      ];
      await command(...storm, '--manifest', at('truth.jsonl'), '--report', at('storm.html'));
      await command('check', at('truth.jsonl'), at('storm.pcap'), '--report', at('check.html'));
      const fleet = ['--hosts', '12', '--loss', '0.05', '--reliable', 'netconsd'];
      await command('replay', join(examples, 'boot.kmsg'), '--via', 'memory', ...fleet, '--report', at('replay.html'));
      await received(at('receive.html'));
      const golden = new URL('../golden/6.12/basic', import.meta.url).pathname;
      await command('run', golden, '--out', at('run'), '--report', at('run.html'));
      for (const name of ['storm', 'check', 'replay', 'receive', 'run']) {
        const html = readFileSync(at(`${name}.html`), 'utf8');
        await using page = await openPage(browser, html);
        const shown = new Map((await cells(page, 'counts')).map(([key, value]) => [key!, value!]));
        const { summary } = JSON.parse((await page.tab.locator('#data').textContent()) ?? '') as ReportData;
        for (const [key, value] of Object.entries(summary)) {
          if (typeof value !== 'number') continue;
          const text = value.toLocaleString('en-US', { maximumFractionDigits: 3 });
          expect([name, key, shown.get(key)]).toEqual([name, key, text]);
        }
        expect(shown.size).toBeGreaterThan(5);
        if (name === 'receive') {
          expect(shown.get('skipped')).toBe('3');
          expect((await cells(page, 'hosts')).map((row) => row[0])).toEqual(['127.0.0.1', '127.0.0.1']);
        }
        if (name === 'replay') expect((await cells(page, 'hosts')).length).toBe(12);
        if (name === 'check') expect((await cells(page, 'hosts')).length).toBeGreaterThan(1);
        expect(await axeFaults(page)).toEqual([]);
        await screenshots(page, `report-${name}`);
        expect(page.errors).toEqual([]);
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
