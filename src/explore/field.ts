/** A field of a frame: bytes that mean one thing, and what they say. */

/** What a field is coloured by. */
export type FieldKind =
  | 'link'
  | 'ip'
  | 'udp'
  | 'release'
  | 'prio'
  | 'seq'
  | 'time'
  | 'flag'
  | 'caller'
  | 'fragment'
  | 'mark'
  | 'text'
  | 'escape'
  | 'dictionary'
  | 'notice'
  | 'data';

/** What each kind is, for the legend. */
export const FIELD_KINDS: Readonly<Record<FieldKind, string>> = {
  link: 'Ethernet',
  ip: 'IP',
  udp: 'UDP',
  release: 'release',
  prio: 'level and facility',
  seq: 'sequence number',
  time: 'timestamp',
  flag: 'flag',
  caller: 'caller',
  fragment: 'fragment',
  mark: 'punctuation',
  text: 'text',
  escape: 'escaped byte',
  dictionary: 'dictionary',
  notice: 'notice',
  data: 'other',
};

/** Bytes `[start, end)` of a frame that mean one thing. */
export interface Field {
  readonly start: number;
  readonly end: number;
  readonly kind: FieldKind;
  /** Short, the same in all frames. */
  readonly name: string;
  /** What these bytes say. */
  readonly value: string;
  /** What such a field is for, in a sentence. */
  readonly meaning: string;
  /** It follows from other fields: a length, a checksum, an identification. */
  readonly derived?: true;
}

/** Collects fields that lie behind one another. */
export class Fields {
  readonly list: Field[] = [];
  at: number;

  constructor(at: number) {
    this.at = at;
  }

  /** The next `length` bytes. */
  add(length: number, field: Omit<Field, 'start' | 'end'>): void {
    if (length <= 0) return;
    this.list.push({ start: this.at, end: this.at + length, ...field });
    this.at += length;
  }
}
