/**
 * The explorer in the browser. Its state comes from the address, or else from what the page was
 * written with, and goes back into the address at every change.
 *
 * `netconsoleExplorer` is for scripts and tests: `netconsoleExplorer.run(state)` returns what the
 * page shows, as bytes in hexadecimal.
 */
import { h, render } from 'preact';
import { pageData } from '../../page/data.js';
import { hexText } from '../../wire/text.js';
import type { PageData } from '../data.js';
import { runOne } from '../scenario.js';
import { checkState, decodeState, type ExplorerState, encodeState, toBase64 } from '../state.js';
import { App } from './app.js';
import { outcomesOf } from './results.js';

/** A longer one breaks where addresses are pasted; the state then is only in the page. */
const ADDRESS_MAX = 60_000;

/** The address follows the typing after so long. */
const WRITE_MS = 150;

const data = pageData<PageData>();
const root = document.getElementById('app')!;
let state: ExplorerState = data.state;
/** What the address held when it was written last. */
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

/** Puts the state into the address, and returns it. */
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

interface Ran {
  readonly asked: string;
  readonly error?: string;
  /** Every frame of the kernel's, in hexadecimal, and what it says in /dev/kmsg. */
  readonly frames?: readonly string[];
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
