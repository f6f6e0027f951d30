/**
 * The fields of a journal entry, as a record; what the journal's JSON and export forms have in
 * common.
 */
import type { PooledRecord } from './record.js';

/** A field may come more than once in an entry, though no journald writes a message so. */
export const SEVERAL = 'an entry with several messages: they are lines of one text';

/** What journalctl prints in place of a message that is no text. */
export const HIDDEN = 'a message that journalctl does not show in this form: -o json and -o export do';

export function isHidden(message: string): boolean {
  return /^\[\d+(?:\.\d+)?[KMG]?B? blob data\]$/.test(message);
}

/** Why an entry is none of the kernel's; `undefined`: it is one. */
export function notKernel(transport: string | undefined, identifier: string | undefined): string | undefined {
  const kernel = transport === undefined ? identifier === undefined || identifier === 'kernel' : transport === 'kernel';
  return kernel ? undefined : "another program's entry";
}

/** What a record is made of, and what tells whose it is. */
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

/** Fills `record`, but for line and text. */
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

/** Says where another boot of a host begins. */
export class BootIds {
  readonly #last = new Map<string | undefined, string>();

  /** Whether the entry's boot is not the one of the entry before it of the same host. */
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
