/**
 * The commands in a real terminal, tmux's: what stands on the screen while they run and afterwards.
 * Where there is no tmux the tests are skipped with that reason, or fail if NCE_REQUIRED_ARMS names it.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = new URL('../..', import.meta.url).pathname;
const cli = `${process.execPath} ${join(root, 'dist/cli/main.js')}`;
const missing = spawnSync('tmux', ['-V']).status !== 0;
const required = (process.env['NCE_REQUIRED_ARMS'] ?? '').split(',').includes('tmux');

/** One window of a server of its own. */
class Terminal implements Disposable {
  readonly #socket: string;
  readonly #folder: string;

  constructor(columns: number, rows: number) {
    this.#folder = mkdtempSync(join(tmpdir(), 'nce-tmux-'));
    this.#socket = join(this.#folder, 'tmux');
    const size = ['-x', String(columns), '-y', String(rows)];
    this.#tmux('-f', '/dev/null', 'new-session', '-d', ...size, 'env PS1="$ " PROMPT_COMMAND= sh');
  }

  #tmux(...args: string[]): string {
    return execFileSync('tmux', ['-S', this.#socket, ...args], { encoding: 'utf8' });
  }

  type(line: string): void {
    this.#tmux('send-keys', '-l', line);
    this.#tmux('send-keys', 'Enter');
  }

  interrupt(): void {
    this.#tmux('send-keys', 'C-c');
  }

  resize(columns: number, rows: number): void {
    this.#tmux('resize-window', '-x', String(columns), '-y', String(rows));
  }

  /** What stands there, line by line. */
  get screen(): string[] {
    return this.#tmux('capture-pane', '-p').trimEnd().split('\n');
  }

  /** With the colours. */
  get colored(): string {
    return this.#tmux('capture-pane', '-p', '-e');
  }

  [Symbol.dispose](): void {
    this.#tmux('kill-server');
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Lines of the block: its bar. */
const bars = (screen: readonly string[]) => screen.filter((line) => /^\[#*\.*\] +\d+% /.test(line));
const until = (see: () => unknown) => expect.poll(see, { timeout: 20_000, interval: 50 });

if (missing && !required) {
  describe.skip('in a terminal (skipped: no tmux in PATH)', () => {
    it('is shown', () => undefined);
  });
} else {
  describe('in a terminal', () => {
    let folder: string;
    beforeAll(() => {
      expect(missing, 'the arm tmux is required, and no tmux is here: apt-get install tmux').toBe(false);
      folder = mkdtempSync(join(tmpdir(), 'nce-terminal-'));
    });
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    const STORM = 'storm --hosts 20 --duration 6 --speed 1 --via memory';

    it.each([40, 80, 200])(
      'a storm has one block of %d columns at most, and leaves its summary alone',
      async (columns) => {
        using terminal = new Terminal(columns, 24);
        terminal.type(`clear; ${cli} ${STORM}; echo the"-"end`);
        await until(() => bars(terminal.screen).length).toBe(1);
        await until(() => terminal.screen.some((line) => /[3-6]\d%/.test(line))).toBe(true);
        const during = terminal.screen;
        expect(bars(during)).toHaveLength(1);
        expect(during.join('\n')).toMatch(/20 of 20 hosts up/);
        expect(during.join('\n')).toMatch(/\/s of [\d,]+\/s asked/);
        await until(() => terminal.screen.includes('the-end')).toBe(true);
        const after = terminal.screen;
        expect(bars(after)).toEqual([]);
        const said = after.join(columns < 80 ? '' : '\n');
        expect(said).toMatch(/20 hosts for 6\.0 s of the plan, seed 1/);
        expect(said).not.toMatch(/hosts up|\/s asked/);
      },
    );

    it('the block survives windows that grow and shrink', async () => {
      using terminal = new Terminal(120, 24);
      terminal.type(`clear; ${cli} ${STORM}; echo the"-"end`);
      await until(() => bars(terminal.screen).length).toBe(1);
      for (const columns of [50, 160, 60]) {
        terminal.resize(columns, 24);
        await until(() => Math.max(...terminal.screen.map((line) => line.length))).toBeLessThanOrEqual(columns);
        await new Promise((resolve) => setTimeout(resolve, 400));
        expect(bars(terminal.screen)).toHaveLength(1);
        expect(terminal.screen.filter((line) => /hosts up/.test(line))).toHaveLength(1);
      }
      await until(() => terminal.screen.includes('the-end')).toBe(true);
      expect(bars(terminal.screen)).toEqual([]);
      expect(terminal.screen.join('\n')).not.toMatch(/hosts up/);
    });

    it('has colours, and none with NO_COLOR; nothing with --quiet', async () => {
      using terminal = new Terminal(100, 24);
      const show = async (before: string, options: string) => {
        terminal.type(`clear; ${before} ${cli} ${STORM} ${options}; echo the"-"end`);
        if (options === '') await until(() => bars(terminal.screen).length).toBe(1);
        else await new Promise((resolve) => setTimeout(resolve, 2000));
        const { screen, colored } = terminal;
        terminal.interrupt();
        await until(() => terminal.screen.includes('the-end')).toBe(true);
        return { screen, colored };
      };
      expect((await show('', '')).colored).toMatch(/\x1b\[36m/);
      expect((await show('NO_COLOR=1', '')).colored).not.toMatch(/\x1b\[3[16]m/);
      expect(bars((await show('', '--quiet')).screen)).toEqual([]);
    });

    it('a replay in real time shows how much is left, and Ctrl-C leaves the terminal as it was', async () => {
      using terminal = new Terminal(100, 24);
      terminal.type(
        `clear; ${cli} replay ${join(root, 'examples/boot.kmsg')} --speed 0.2 --via memory; echo the"-"end`,
      );
      await until(() => bars(terminal.screen).length).toBe(1);
      await until(() => terminal.screen.join('\n')).toMatch(/[1-9]%.* left[\s\S]*1 of 1 hosts up/);
      terminal.interrupt();
      await until(() => terminal.screen.includes('the-end')).toBe(true);
      expect(bars(terminal.screen)).toEqual([]);
      expect(terminal.screen.join('\n')).toMatch(/stopped before the end of the log/);
    });

    it('what is received stands above the block, which tells the rest', async () => {
      using terminal = new Terminal(100, 24);
      terminal.type(`clear; ${cli} receive --host 127.0.0.1 --port 0 --max-seconds 60; echo the"-"end`);
      const listening = () => /listening on 127\.0\.0\.1:(\d+)/.exec(terminal.screen.join('\n'));
      await until(listening).not.toBeNull();
      const port = Number(listening()![1]);
      const socket = createSocket('udp4');
      for (const seq of [1, 2, 4, 5]) {
        socket.send(`6,${seq},${seq}000000,-;record ${seq}\n`, port, '127.0.0.1');
        await until(() => terminal.screen.some((line) => line.endsWith(`record ${seq}`))).toBe(true);
      }
      await until(() => terminal.screen.join('\n')).toMatch(/4 frames/);
      const during = terminal.screen;
      expect(during.filter((line) => /record \d$/.test(line))).toHaveLength(4);
      expect(during.join('\n')).toMatch(/1 seqs missing/);
      expect(bars(during)).toHaveLength(1);
      expect(during.findIndex((line) => /record 5$/.test(line))).toBeLessThan(
        during.findIndex((line) => /1 hosts/.test(line)),
      );
      terminal.interrupt();
      await until(() => terminal.screen.includes('the-end')).toBe(true);
      socket.close();
      expect(bars(terminal.screen)).toEqual([]);
      expect(terminal.screen.join('\n')).toMatch(/4 records printed/);
    });

    it('without a terminal it is a line every five seconds', () => {
      const file = join(folder, 'err');
      execFileSync('sh', ['-c', `${cli} ${STORM} --json >/dev/null 2>${file}`]);
      const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
      expect(lines).toHaveLength(1);
      expect(lines[0]).toMatch(/^netconsole-emulator: \d+%, 5 s, \d s left, .* frames, .*20 of 20 hosts up$/);
      execFileSync('sh', ['-c', `${cli} ${STORM} --quiet >/dev/null 2>${file}`]);
      expect(readFileSync(file, 'utf8')).toBe('');
    });
  });
}
