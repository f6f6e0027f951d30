/**
 * Reads the dates of logs as microseconds since 1970. A date without a zone is taken as UTC, and
 * one without a year as of the year 2000: the differences between records are right nevertheless.
 *
 * journalctl and dmesg write the names of months and days in the user's language.
 */

const ENGLISH: ReadonlyMap<string, number> = new Map(
  'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ').map((name, i) => [name, i]),
);
/** The languages besides English whose names of months are known. */
const LANGUAGES = 'de fr es it pt nl pl ru uk cs sk sl hr sv da nb fi hu tr ro'.split(' ');
const NO_YEAR = 2000;

/** A word of a date in any language, as a regular expression over latin1 text. */
export const DATE_WORD: string = String.raw`[A-Za-z\x80-\xff]{2,16}\.?`;
/** A month. Chinese, Japanese and Korean write it as a number. */
const MONTH = String.raw`${DATE_WORD}| ?\d{1,2}(?:\xe6\x9c\x88|\xec\x9b\x94)`;
/** A date such as `Jan 18 08:30:20`, with groups for month, day, time and fraction. */
export const BSD_DATE: string = String.raw`(${MONTH}) ([ \d]\d|\d) (\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?`;
/** An RFC 3339 date or one written like it, with groups for date, time, fraction and zone. */
export const ISO_DATE: string = String.raw`(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))? ?(Z|UTC|[+-]\d\d(?::?\d\d)?|[A-Z]{3,4}(?= ))?`;

/** The last second that was computed. It is kept because neighbours in a log share it. */
let lastText = '';
let lastUsec = 0;

function remembered(text: string, make: () => number): number {
  if (text !== lastText) {
    lastUsec = make();
    lastText = text;
  }
  return lastUsec;
}

/** Converts a BSD_DATE's groups; returns `undefined` if the month is not one. */
export function bsdUsec(
  month: string,
  day: string,
  time: string,
  fraction?: string,
  year?: string,
): number | undefined {
  const number = ENGLISH.get(month) ?? monthOf(month);
  if (number === undefined) return undefined;
  const second = remembered(`${year} ${month} ${day} ${time}`, () =>
    secondsUsec(Number(year ?? NO_YEAR), number, Number(day), time),
  );
  return second + fractionUsec(fraction);
}

/** Converts an ISO_DATE's groups. */
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
  const m = /^([+-])(\d\d):?(\d\d)?$/.exec(zone ?? '');
  if (m === null) return 0;
  return (m[1] === '-' ? -1 : 1) * (Number(m[2]) * 3600 + Number(m[3] ?? 0) * 60) * 1e6;
}

let months: ReadonlyMap<string, number> | undefined;

/** Returns the month, from 0, that a word in any language names, or `undefined`. */
function monthOf(latin1: string): number | undefined {
  const number = /^ ?(\d+)/.exec(latin1);
  if (number !== null) return Number(number[1]) - 1;
  months ??= monthNames();
  const [long, short] = monthKeys(Buffer.from(latin1, 'latin1').toString());
  return months.get(long) ?? months.get(short);
}

function monthNames(): Map<string, number> {
  const names = new Map<string, number>();
  for (const language of LANGUAGES) {
    const format = new Intl.DateTimeFormat(language, { month: 'short', timeZone: 'UTC' });
    for (let month = 0; month < 12; month++) {
      // If two languages use the same key, the first one in the list keeps it.
      for (const key of monthKeys(format.format(Date.UTC(NO_YEAR, month, 1)))) {
        if (!names.has(key)) names.set(key, month);
      }
    }
  }
  return names;
}

/** Returns 4 and 3 letters without accents: by these `févr.`, `fév` and `FEV` are one month. */
function monthKeys(name: string): [string, string] {
  const letters = name
    .normalize('NFD')
    .replaceAll(/[^\p{L}]/gu, '')
    .toLowerCase();
  return [letters.slice(0, 4), letters.slice(0, 3)];
}
