/**
 * Dates as logs have them, in microseconds since 1970. A date without a zone is taken as UTC and
 * one without a year as of 2000: differences between records stay right.
 *
 * journalctl and dmesg write months and days of the week as the user's language has them.
 */

const ENGLISH: ReadonlyMap<string, number> = new Map(
  'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ').map((name, i) => [name, i]),
);
/** Others whose names of months are known. */
const LANGUAGES = 'de fr es it pt nl pl ru uk cs sk sl hr sv da nb fi hu tr ro'.split(' ');
const NO_YEAR = 2000;

/** A word of a date in any language, a character a byte. */
export const DATE_WORD: string = String.raw`[A-Za-z\x80-\xff]{2,16}\.?`;
/** A month; in Chinese, Japanese and Korean it is a number. */
const MONTH = String.raw`${DATE_WORD}| ?\d{1,2}(?:\xe6\x9c\x88|\xec\x9b\x94)`;
/** `Jan 18 08:30:20`, with groups for month, day, time and fraction. */
export const BSD_DATE: string = String.raw`(${MONTH}) ([ \d]\d|\d) (\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?`;
/** RFC 3339, and what is written like it: groups for date, time, fraction and zone. */
export const ISO_DATE: string = String.raw`(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))? ?(Z|UTC|[+-]\d\d(?::?\d\d)?|[A-Z]{3,4}(?= ))?`;

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
  const number = ENGLISH.get(month) ?? monthOf(month);
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
  const m = /^([+-])(\d\d):?(\d\d)?$/.exec(zone ?? '');
  if (m === null) return 0;
  return (m[1] === '-' ? -1 : 1) * (Number(m[2]) * 3600 + Number(m[3] ?? 0) * 60) * 1e6;
}

let months: ReadonlyMap<string, number> | undefined;

/** A month in any language; `undefined` if it is none. */
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
      // What a language before has called a month stays.
      for (const key of monthKeys(format.format(Date.UTC(NO_YEAR, month, 1)))) {
        if (!names.has(key)) names.set(key, month);
      }
    }
  }
  return names;
}

/** Four and three letters without accents, by which `févr.`, `fév` and `FEV` are one month. */
function monthKeys(name: string): [string, string] {
  const letters = name
    .normalize('NFD')
    .replaceAll(/[^\p{L}]/gu, '')
    .toLowerCase();
  return [letters.slice(0, 4), letters.slice(0, 3)];
}
