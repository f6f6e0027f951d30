/** Finds what a summary says was lost, place by place. Each command knows some of the places. */

/** What was lost at one place. */
export interface Loss {
  /** The name of the place, such as `netpoll`. */
  readonly place: string;
  /** What is counted there, in words. */
  readonly what: string;
  readonly count: number;
}

/** All losses of a summary. */
export interface Losses {
  /** The places that the command knows, in order from a log line to its reader. */
  readonly places: readonly Loss[];
  /** The sum over the places, whatever each counts. */
  readonly total: number;
  /** Whether the summary says anything about losses. */
  readonly known: boolean;
}

/** The places, from the log line to its reader. A place's count is the sum of its fields. */
const PLACES: readonly { readonly place: string; readonly what: string; readonly fields: readonly string[] }[] = [
  { place: 'ring', what: 'records that found no room in a ring', fields: ['droppedRecords', 'noRoom'] },
  {
    place: 'netpoll',
    what: 'frames that a kernel gave up: no buffer, the interface down or gone',
    fields: ['notSent', 'noSlot', 'interfaceDown', 'leftInQueue'],
  },
  { place: 'device', what: 'frames that the device took and lost', fields: ['deviceLost'] },
  {
    place: 'wire',
    what: 'frames or records that the network lost',
    fields: ['out.lost', 'out.partitioned', 'network.out.lost', 'network.out.partitioned', 'total.lostByNetwork'],
  },
  { place: "receiver's socket", what: 'datagrams that nobody read in time', fields: ['droppedBySystem'] },
  {
    place: 'receiver',
    what: 'records that the receiver had, and did not print',
    fields: ['overrun', 'total.lostByReceiver'],
  },
];

/** Returns the losses in a summary, with the places that the command knows. */
export function lossesOf(summary: Readonly<Record<string, unknown>>): Losses {
  const places = PLACES.flatMap(({ place, what, fields }): Loss[] => {
    const counts = fields.flatMap((field) => {
      const value = at(summary, field);
      return typeof value === 'number' ? [value] : [];
    });
    return counts.length === 0 ? [] : [{ place, what, count: counts.reduce((sum, count) => sum + count, 0) }];
  });
  return { places, total: places.reduce((sum, { count }) => sum + count, 0), known: places.length > 0 };
}

/** Returns the value at a path of keys such as `out.lost`; undefined if there is none. */
function at(summary: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce((value: unknown, key) => (value as Record<string, unknown> | undefined)?.[key], summary);
}
