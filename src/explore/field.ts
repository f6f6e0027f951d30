/** A field of a frame: bytes that mean one thing, and what they say. */

/** The kind of a field, which decides its colour. */
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

/** The name of each kind in the legend. */
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
  /** The offset of the first byte in the frame. */
  readonly start: number;
  /** The offset behind the last byte. */
  readonly end: number;
  /** The kind of the field, which decides its colour. */
  readonly kind: FieldKind;
  /** A short name, the same in all frames. */
  readonly name: string;
  /** What these bytes say. */
  readonly value: string;
  /** What a field of this name is for, in a sentence. */
  readonly meaning: string;
  /** Set if the field follows from others: a length, a checksum, an identification. */
  readonly derived?: true;
}

/** Collects the fields of a frame from left to right, without gaps. */
export class Fields {
  /** The fields so far, from left to right. */
  readonly list: Field[] = [];
  /** The offset in the frame at which the next field begins. */
  at: number;

  /** Begins at the offset `at`. */
  constructor(at: number) {
    this.at = at;
  }

  /** Adds the next `length` bytes as a field, if there are any. */
  add(length: number, field: Omit<Field, 'start' | 'end'>): void {
    if (length <= 0) return;
    this.list.push({ start: this.at, end: this.at + length, ...field });
    this.at += length;
  }
}
