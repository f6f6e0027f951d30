/** A small log in the shape of public bug reports, and what is right for it. */
export interface Sibling {
  readonly about: string;
  /** A character a byte, or the bytes themselves. Lines are joined by LF, and one ends the last. */
  readonly log: readonly string[] | string | Uint8Array;
  readonly format?: string;
  readonly records?: readonly Wanted[];
  /** Lines that are named as no record. */
  readonly named?: readonly number[];
  /** Default: 1. */
  readonly boots?: number;
  /** Default: the kernel's own, `boot`. */
  readonly origin?: 'boot' | 'first record' | 'none';
  /** What a refusal says. */
  readonly refused?: RegExp;
  readonly counts?: Readonly<Record<string, number>>;
}

/** Line, microseconds, level, text, and what else the format keeps. `null`: the format does not say. */
export type Wanted = readonly [
  line: number,
  tsUsec: number | null,
  level: number | null,
  text: string,
  more?: Readonly<Record<string, unknown>>,
];
