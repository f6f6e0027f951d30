/**
 * Makes a record of the fields of a journal entry, which the journal's JSON, export and verbose
 * forms have in common.
 */
import type { PooledRecord } from './record.js';

/** The format allows a field to come more than once; no journald writes MESSAGE so. */
export const SEVERAL = 'an entry with several messages: they are lines of one text';

/** What journalctl prints in place of a message that is no text. */
export const HIDDEN = 'a message that journalctl does not show in this form: -o json and -o export do';

/** Says whether a message is one that journalctl has replaced, as in `[1.2K blob data]`. */
export function isHidden(message: string): boolean {
  return /^\[\d+(?:\.\d+)?[KMG]?B? blob data\]$/.test(message);
}

/** What is said of an entry that has no text. */
export const NO_MESSAGE = 'an entry without MESSAGE';

/** Returns why an entry is not one of the kernel's, or `undefined` if it is one. */
export function notKernel(transport: string | undefined, identifier: string | undefined): string | undefined {
  const kernel = transport === undefined ? identifier === undefined || identifier === 'kernel' : transport === 'kernel';
  return kernel ? undefined : "another program's entry";
}

/** The fields that make a record, and those that tell which program an entry comes from. */
export const ENTRY_FIELDS: ReadonlySet<string> = new Set([
  'MESSAGE',
  'PRIORITY',
  'SYSLOG_FACILITY',
  'SYSLOG_IDENTIFIER',
  '_SOURCE_MONOTONIC_TIMESTAMP',
  '__MONOTONIC_TIMESTAMP',
  '__REALTIME_TIMESTAMP',
  '_TRANSPORT',
  '_KERNEL_SUBSYSTEM',
  '_KERNEL_DEVICE',
  '_HOSTNAME',
  '_BOOT_ID',
]);

/** Fills in everything of `record` except its line and text. */
export function entryRecord(field: (name: string) => string | undefined, record: PooledRecord): void {
  const level = number(field('PRIORITY'));
  record.level = level !== undefined && level <= 7 ? level : -1;
  record.facility = number(field('SYSLOG_FACILITY')) ?? 0;
  record.tsUsec = number(field('_SOURCE_MONOTONIC_TIMESTAMP')) ?? number(field('__MONOTONIC_TIMESTAMP'));
  record.timeUsec = number(field('__REALTIME_TIMESTAMP'));
  record.subsystem = field('_KERNEL_SUBSYSTEM');
  record.device = field('_KERNEL_DEVICE');
  record.host = field('_HOSTNAME');
}

/** Finds where a new boot of a host begins. */
export class BootIds {
  readonly #last = new Map<string | undefined, string>();

  /** Says whether the boot of this entry differs from that of the same host's entry before. */
  isNew(field: (name: string) => string | undefined): boolean {
    const host = field('_HOSTNAME');
    const id = field('_BOOT_ID');
    const last = this.#last.get(host);
    if (id !== undefined) this.#last.set(host, id);
    return last !== undefined && id !== undefined && id !== last;
  }
}

function number(text: string | undefined): number | undefined {
  const value = text !== undefined && /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(value) ? value : undefined;
}
