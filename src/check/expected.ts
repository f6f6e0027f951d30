/** Records that are expected, and how they are found. */

/** A record in a window, in numbers. */
export interface Expected {
  /** Of this host's records, and of all. */
  readonly order: number;
  readonly place: number;
  /** The stream that it is of. */
  readonly boot: number;
  /** -1: a plain target's. */
  readonly seq: number;
  readonly tsUsec: number;
  readonly text: number;
  readonly dict: number;
  readonly level: number;
  readonly network: boolean;
  printed: boolean;
}

/** Records of a window by a number that several may share. */
export class Index {
  readonly #by = new Map<number, Expected | Expected[]>();

  add(key: number, one: Expected): void {
    const there = this.#by.get(key);
    if (there === undefined) this.#by.set(key, one);
    else if (Array.isArray(there)) there.push(one);
    else this.#by.set(key, [there, one]);
  }

  remove(key: number, one: Expected): void {
    const there = this.#by.get(key);
    if (!Array.isArray(there)) this.#by.delete(key);
    else if (there.length === 2) this.#by.set(key, there[0] === one ? there[1]! : there[0]!);
    else there.splice(there.indexOf(one), 1);
  }

  get(key: number): readonly Expected[] {
    const there = this.#by.get(key);
    return there === undefined ? NONE : Array.isArray(there) ? there : [there];
  }

  /** The one that has the key; undefined if there is none, or several. */
  only(key: number): Expected | undefined {
    const there = this.#by.get(key);
    return Array.isArray(there) ? undefined : there;
  }
}

const NONE: readonly Expected[] = [];
