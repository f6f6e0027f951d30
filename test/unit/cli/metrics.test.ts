/** What Prometheus reads while a run lasts. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { openMetrics } from '../../../src/cli/metrics.js';

async function serving() {
  const err = new PassThrough();
  const metrics = await openMetrics(0, 'storm', err);
  const url = /http:\/\/127\.0\.0\.1:\d+\/metrics/.exec(String(err.read()))![0];
  return { metrics, url };
}

/** The samples of an exposition: name with labels, and value. */
async function samples(url: string): Promise<Record<string, number>> {
  const response = await fetch(url);
  expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  const lines = (await response.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return Object.fromEntries(lines.map((line) => [line.replace(/ [^ ]*$/, ''), Number(line.split(' ').at(-1))]));
}

const L = 'command="storm"';

describe('the metrics', () => {
  it('are what the run has come to, at each time', async () => {
    const { metrics, url } = await serving();
    expect(await samples(url)).toEqual({});
    metrics.update({
      seconds: 1,
      frames: 10,
      asked: 12,
      lost: { wire: 2, ring: 0 },
      late: { p50: 0.5, p99: 2, max: 3 },
    });
    expect(await samples(url)).toEqual({
      [`netconsole_emulator_frames_total{${L}}`]: 10,
      [`netconsole_emulator_asked_frames_total{${L}}`]: 12,
      [`netconsole_emulator_run_seconds{${L}}`]: 1,
      [`netconsole_emulator_lost_total{place="ring",${L}}`]: 0,
      [`netconsole_emulator_lost_total{place="wire",${L}}`]: 2,
      [`netconsole_emulator_lateness_seconds{quantile="0.5",${L}}`]: 0.0005,
      [`netconsole_emulator_lateness_seconds{quantile="0.99",${L}}`]: 0.002,
      [`netconsole_emulator_lateness_seconds{quantile="1",${L}}`]: 0.003,
    });
    metrics.update({ seconds: 2, frames: 30, hosts: 5, hostsUp: 4, emergencyMs: 800, lost: { wire: 3 } });
    expect(await samples(url)).toMatchObject({
      [`netconsole_emulator_frames_total{${L}}`]: 30,
      [`netconsole_emulator_hosts_up{${L}}`]: 4,
      [`netconsole_emulator_emergency_interval_seconds{${L}}`]: 0.8,
      [`netconsole_emulator_lost_total{place="wire",${L}}`]: 3,
    });
    await metrics.close();
  });

  it('are at one path, and gone with the run', async () => {
    const { metrics, url } = await serving();
    expect((await fetch(url.replace('/metrics', '/'))).status).toBe(404);
    await metrics.close();
    await metrics.close();
    await expect(fetch(url)).rejects.toThrow();
  });

  it('are refused where the port is taken or is none', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const err = new PassThrough();
    await expect(openMetrics(port, 'storm', err)).rejects.toThrow(`--metrics ${port}: the port is in use`);
    await expect(openMetrics(65536, 'storm', err)).rejects.toThrow('a port is a number from 0 to 65535');
    expect(err.read()).toBeNull();
    other.close();
  });

  it('are nothing unless they are asked for', async () => {
    const err = new PassThrough();
    const metrics = await openMetrics(undefined, 'storm', err);
    metrics.update({ seconds: 1, frames: 1, lost: {} });
    await metrics.close();
    expect(err.read()).toBeNull();
  });
});
