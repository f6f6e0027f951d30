/**
 * Starts the explorer in the browser. Its state comes from the address, or else from what the page
 * was written with, and goes back into the address after every change.
 *
 * `netconsoleExplorer` is for scripts and tests: `netconsoleExplorer.run(state)` returns the bytes
 * that the page shows, in hexadecimal, and `scenario(state)` a scenario's results, in base64.
 */
import { h, render } from 'preact';
import { pageData } from '../../page/data.js';
import { hexText } from '../../wire/text.js';
import type { PageData } from '../data.js';
import { runOne } from '../scenario.js';
import { checkState, decodeState, type ExplorerState, encodeState, toBase64 } from '../state.js';
import { App } from './app.js';
import { outcomesOf } from './results.js';

/** A longer fragment breaks where addresses are pasted; the state is then only in the page. */
const ADDRESS_MAX = 60_000;

/** Milliseconds after the last change at which the address follows. */
const WRITE_MS = 150;

const data = pageData<PageData>();
const root = document.getElementById('app')!;
let state: ExplorerState = data.state;
/** The fragment that was last written to the address. */
let written = '';
let problem: string | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;

function show(): void {
  const notices = [...data.notices, ...(problem === undefined ? [] : [problem])];
  render(h(App, { state, notices, onState, address }), root);
}

function onState(next: ExplorerState): void {
  state = next;
  problem = undefined;
  show();
  clearTimeout(timer);
  timer = setTimeout(() => void write(), WRITE_MS);
}

/** Writes the state into the address, and returns that. */
async function address(): Promise<string> {
  await write();
  return location.href;
}

async function write(): Promise<void> {
  clearTimeout(timer);
  const fragment = await encodeState(state);
  if (fragment.length > ADDRESS_MAX) {
    problem = 'This is too long for an address: save the page, or show fewer records, to pass it on.';
    show();
    return;
  }
  written = fragment;
  history.replaceState(null, '', `#${fragment}`);
}

async function read(): Promise<void> {
  const fragment = location.hash.slice(1);
  if (fragment === '' || fragment === written) return;
  try {
    state = await decodeState(fragment);
    problem = undefined;
  } catch (error) {
    const { message } = error as Error;
    problem = `${message.charAt(0).toUpperCase()}${message.slice(1)}. The page shows what it was written with.`;
    state = data.state;
  }
}

async function start(): Promise<void> {
  await read();
  show();
  addEventListener('hashchange', () => void read().then(show));
}

/** What `netconsoleExplorer.run` returns for one kernel. */
interface Ran {
  readonly asked: string;
  readonly error?: string;
  /** The frames that the kernel sent, each in hexadecimal. */
  readonly frames?: readonly string[];
  /** The records of /dev/kmsg, in hexadecimal. */
  readonly kmsg?: string;
}

Object.assign(globalThis, {
  netconsoleExplorer: {
    run: (given: unknown): Ran[] =>
      outcomesOf(checkState(given)).map((one) => {
        if ('error' in one) return one;
        const out = one.transmissions.filter(({ id }) => id.startsWith('o'));
        return {
          asked: one.asked,
          frames: out.map(({ frame }) => hexText(frame)),
          kmsg: one.kmsg.map(hexText).join(''),
        };
      }),
    scenario: (given: ExplorerState): { pcap: string; kmsg: string; outcomes: readonly unknown[] } => {
      const { pcap, kmsg, outcomes } = runOne(given.scenario!, given.kernels[0]!);
      return { pcap: toBase64(pcap), kmsg: toBase64(kmsg), outcomes };
    },
  },
});

void start();
