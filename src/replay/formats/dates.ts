/**
 * Dates as logs have them, in microseconds since 1970. A date without a zone is taken as UTC and
 * one without a year as of 2000: differences between records stay right.
 */
const MONTHS: ReadonlyMap<string, number> = new Map(
  'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ').map((name, i) => [name, i]),
);
const NO_YEAR = 2000;

/** `Jan 18 08:30:20`, with groups for month, day, time and fraction. */
export const BSD_DATE: string = String.raw`([A-Z][a-z]{2}) ([ \d]\d|\d) (\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?`;
/** RFC 3339, and what is written like it: groups for date, time, fraction and zone. */
export const ISO_DATE: string = String.raw`(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))? ?(Z|UTC|[+-]\d\d:?\d\d|[A-Z]{3,4}(?= ))?`;

/** The second last asked for: neighbours in a log share it. */
let lastText = '';
let lastUsec = 0;

function remembered(text: string, make: () => number): number {
  if (text !== lastText) {
    lastUsec = make();
    lastText = text;
  }
  return lastUsec;
}

/** A BSD_DATE's groups; `undefined` if the month is none. */
export function bsdUsec(
  month: string,
  day: string,
  time: string,
  fraction?: string,
  year?: string,
): number | undefined {
  const number = MONTHS.get(month);
  if (number === undefined) return undefined;
  const second = remembered(`${year} ${month} ${day} ${time}`, () =>
    secondsUsec(Number(year ?? NO_YEAR), number, Number(day), time),
  );
  return second + fractionUsec(fraction);
}

/** An ISO_DATE's groups. */
export function isoUsec(date: string, time: string, fraction?: string, zone?: string): number {
  const second = remembered(`${date} ${time} ${zone}`, () => {
    const [year, month, day] = date.split('-').map(Number) as [number, number, number];
    return secondsUsec(year, month - 1, day, time) - zoneUsec(zone);
  });
  return second + fractionUsec(fraction);
}

function secondsUsec(year: number, month: number, day: number, time: string): number {
  const [hour, minute, second] = time.split(':').map(Number) as [number, number, number];
  return Date.UTC(year, month, day, hour, minute, second) * 1000;
}

function fractionUsec(fraction: string | undefined): number {
  if (fraction === undefined) return 0;
  return Math.round(Number(fraction) * 10 ** (6 - fraction.length));
}

function zoneUsec(zone: string | undefined): number {
  const m = /^([+-])(\d\d):?(\d\d)$/.exec(zone ?? '');
  if (m === null) return 0;
  return (m[1] === '-' ? -1 : 1) * (Number(m[2]) * 3600 + Number(m[3]) * 60) * 1e6;
}
