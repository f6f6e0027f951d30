/**
 * Draws the wire in virtual time: every datagram of both directions, and what the receiver
 * delivers. A click on a datagram drops it, or lets it pass again. The events can be played, or
 * stepped through.
 */
import { h, type JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { recordText } from '../../receiver/record.js';
import { parseBody } from '../../wire/extended.js';
import { decodeText } from '../../wire/text.js';
import type { Exploration } from '../run.js';
import type { Arrival, Transmission } from '../wire.js';
import { Button, short } from './dom.js';
import { CAUSES, FATES } from './result.js';

interface TimelineProps {
  readonly exploration: Exploration;
  /** The time that the axis starts at, in microseconds since boot. */
  readonly start: number;
  readonly lost: ReadonlySet<string>;
  readonly onDrop: ((id: string) => void) | undefined;
}

/** A datagram that leaves, or a delivery. */
interface Event {
  readonly usec: number;
  readonly sent?: Transmission;
  readonly arrival?: Arrival;
}

/** Later events are not drawn, only counted. */
const EVENTS_MAX = 400;

function eventsOf({ transmissions, arrivals }: Exploration): Event[] {
  const all: Event[] = [
    ...transmissions.map((sent) => ({ usec: sent.usec, sent })),
    ...arrivals.map((arrival) => ({ usec: arrival.usec, arrival })),
  ];
  return all.sort((a, b) => a.usec - b.usec);
}

/** Draws the wire of one kernel, with a player. */
export function Timeline({ exploration, start, lost, onDrop }: TimelineProps): JSX.Element {
  const all = eventsOf(exploration);
  const events = all.slice(0, EVENTS_MAX);
  const [at, setAt] = useState(Number.POSITIVE_INFINITY);
  const [playing, setPlaying] = useState(false);
  const shown = Math.min(at, events.length);
  useEffect(() => {
    if (!playing) return;
    if (shown >= events.length) {
      setPlaying(false);
      return;
    }
    // One second of virtual time is played in 0.1 s, but each event takes from 120 to 600 ms.
    const gap = ((events[shown]?.usec ?? 0) - (events[shown - 1]?.usec ?? start)) / 10_000;
    const timer = setTimeout(() => setAt(shown + 1), Math.min(600, Math.max(120, gap)));
    return () => clearTimeout(timer);
  }, [playing, shown, events.length]);
  const play = () => {
    if (!playing && shown >= events.length) setAt(0);
    setPlaying(!playing);
  };
  return h(
    'div',
    { class: 'timeline' },
    h(
      'div',
      { class: 'player' },
      h(Button, { onPress: () => setAt(Math.max(0, shown - 1)), label: 'One step back', disabled: shown === 0 }, '◀'),
      h(Button, { onPress: play, class: 'main' }, playing ? 'Pause' : 'Play'),
      h(Button, { onPress: () => setAt(shown + 1), label: 'One step on', disabled: shown >= events.length }, '▶'),
      h('input', {
        type: 'range',
        min: 0,
        max: events.length,
        value: shown,
        'aria-label': 'Events so far',
        onInput: (event) => setAt(Number(event.currentTarget.value)),
      }),
      h('span', {}, `${shown} of ${events.length} events`),
    ),
    h(Clock, { events: events.slice(0, shown), start }),
    h(Axis, { events, shown, start }),
    h(
      'ol',
      { class: 'ladder', 'aria-label': 'What happens on the wire', tabIndex: 0 },
      events.map((event, i) => h(Step, { key: i, event, start, future: i >= shown, lost, onDrop })),
    ),
    all.length > events.length && h('p', { class: 'note' }, `${all.length - events.length} more events are not drawn.`),
  );
}

/** Draws what both ends know after these events. */
function Clock({ events, start }: { readonly events: readonly Event[]; readonly start: number }): JSX.Element {
  let acked: number | undefined;
  let asked: readonly number[] = [];
  let interval: number | undefined;
  for (const { sent } of events) {
    const message = sent?.decoded.message;
    if (sent?.cause === 'emergency') interval = sent.interval;
    if (message?.kind !== 'response' || sent?.fate !== 'arrives') continue;
    acked = message.ack ?? acked;
    asked = message.missing;
    interval = undefined;
  }
  const facts: [string, string][] = [
    ['virtual time', `${(((events.at(-1)?.usec ?? start) - start) / 1e6).toFixed(3)} s`],
    ['acked up to', acked === undefined ? 'nothing yet' : `seq ${acked}`],
    ['asked for', asked.length === 0 ? 'nothing' : asked.join(', ')],
    ['emergency interval', interval === undefined ? 'none' : `${Math.round(interval * 1000)} ms`],
  ];
  return h(
    'dl',
    { class: 'clock' },
    facts.map(([name, value]) => h('div', { key: name }, h('dt', {}, name), h('dd', {}, value))),
  );
}

const WIDTH = 1000;
const HEIGHT = 70;

/** Draws all events on an axis of time; the height of an emergency shows its interval. */
function Axis({
  events,
  shown,
  start,
}: {
  readonly events: readonly Event[];
  readonly shown: number;
  readonly start: number;
}): JSX.Element {
  const end = Math.max(start + 1e6, events.at(-1)?.usec ?? 0);
  const x = (usec: number) => 8 + ((usec - start) / (end - start)) * (WIDTH - 16);
  const most = Math.max(0.1, ...events.map(({ sent }) => sent?.interval ?? 0));
  const bars = events.flatMap(({ sent, usec }, i) => {
    if (sent === undefined) return [];
    const { cause, fate, interval } = sent;
    const height = interval === undefined ? 14 : 14 + (interval / most) * 36;
    return h('line', {
      key: sent.id,
      class: `${cause}${fate === 'arrives' ? '' : ' lost'}${i >= shown ? ' future' : ''}`,
      x1: x(usec),
      x2: x(usec),
      y1: HEIGHT - 16,
      y2: HEIGHT - 16 - height,
    });
  });
  const seconds = (end - start) / 1e6;
  const step = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 60, 120, 300, 600].find((one) => seconds / one <= 10) ?? 1200;
  const ticks = Array.from({ length: Math.floor(seconds / step) + 1 }, (_, i) => i * step);
  const label = `${events.length} events in ${seconds.toFixed(1)} seconds; the height of an emergency is its interval`;
  return h(
    'svg',
    { class: 'axis', viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: 'img', 'aria-label': label },
    h('line', { class: 'base', x1: 0, x2: WIDTH, y1: HEIGHT - 16, y2: HEIGHT - 16 }),
    bars,
    ticks.map((tick) =>
      h('text', { key: tick, x: x(start + tick * 1e6), y: HEIGHT - 3 }, `${Number(tick.toFixed(1))} s`),
    ),
  );
}

interface StepProps extends Omit<TimelineProps, 'exploration'> {
  readonly event: Event;
  readonly future: boolean;
}

function Step({ event, start, future, lost, onDrop }: StepProps): JSX.Element {
  const { sent, arrival, usec } = event;
  const time = h('time', {}, ((usec - start) / 1e6).toFixed(3));
  if (sent === undefined) {
    const { record, line } = arrival!;
    const text = record === undefined ? decodeText(line!.text) : `${record.seq}: ${recordText(record)}`;
    const gap = record !== undefined && record.skipped > 0 ? `, ${record.skipped} given up` : '';
    return h(
      'li',
      { class: `step delivery${future ? ' future' : ''}` },
      time,
      h('span', { class: 'says' }, `delivers ${short(text, 70)}${gap}`),
    );
  }
  const { id, cause, fate } = sent;
  const why = [CAUSES[cause], FATES[fate]].filter(Boolean).join(', ');
  const back = cause === 'response';
  const content = [
    h('b', { key: 'id' }, id),
    h('span', { key: 'says', class: 'says' }, `${short(saying(sent), 70)}${why === '' ? '' : ` (${why})`}`),
    h('span', { key: 'line', class: 'line', 'aria-hidden': 'true' }, fate === 'arrives' ? (back ? '◀' : '▶') : '✕'),
  ];
  const classes = `step ${cause}${back ? ' back' : ''}${fate === 'arrives' ? '' : ' lost'}${future ? ' future' : ''}`;
  return h(
    'li',
    { class: classes },
    time,
    onDrop === undefined
      ? h('span', { class: 'sent' }, content)
      : h(
          'button',
          {
            type: 'button',
            class: 'sent',
            'aria-pressed': lost.has(id),
            title: 'Drop it, or let it pass',
            onClick: () => onDrop(id),
          },
          content,
        ),
  );
}

/** Returns what a datagram says, for half a line. */
function saying({ decoded }: Transmission): string {
  const { message, payload } = decoded;
  if (message?.kind === 'response') {
    const asks = message.missing.length === 0 ? '' : `, asks for ${message.missing.join(', ')}`;
    return `acks ${message.ack ?? 'nothing'}${asks}`;
  }
  if (message?.kind !== 'extended') return decodeText(payload ?? new Uint8Array(0)).trimEnd();
  const { seq, fragment, body } = message;
  const piece = fragment === undefined ? '' : ` from byte ${fragment.offset}`;
  return `seq ${seq}${piece}: ${parseBody(body).text}`;
}
