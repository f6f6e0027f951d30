/**
 * The slots of a window: what is known of each of the last seqs, one array a field. The ring begins
 * small and grows with the stream.
 */
import type { PendingRecord } from './pending.js';

/** Nothing has come for the seq, or not all of it, and it is waited for. */
export const HOLE = 1;
/** All of it has come. */
export const WHOLE = 2;
/** Nothing has come, and it is given up. */
export const LOST = 3;
/** A part of it has come, and the rest is given up. */
export const PART = 4;

/** Bytes of a slot's fields, of which one block is made for all slots. */
const FIELDS_BYTES = 29;
/** Bytes of a slot in all: its fields, and the reference to its record. */
export const SLOT_BYTES: number = FIELDS_BYTES + 8;

/** Slots of a young ring. */
const FIRST_SLOTS = 64;

/** What is used of a typed array. */
interface Numbers<A> {
  set(from: A, at?: number): void;
  subarray(from: number, to?: number): A;
}

/** The slots. Their fields are read and written by the window alone. */
export class SlotRing {
  readonly #most: number;
  /** How many there are. */
  slots: number;
  /**
   * The record that each slot waits to deliver; undefined if nothing has come, or it was delivered.
   */
  records: (PendingRecord | undefined)[];
  /** HOLE, WHOLE, LOST or PART; 0: the seq was never waited for. */
  state: Uint8Array;
  /** When something last came for the slot, or for one retired before it; -Infinity: never. */
  heard: Float64Array;
  /** When it was last asked for; -Infinity: never since it was opened. */
  asked: Float64Array;
  /** The sender's stamp of its record, microseconds. */
  stamp: Float64Array;
  /** The fingerprint of its text. */
  print: Int32Array;

  /** `most`: slots that the ring may grow to. */
  constructor(most: number) {
    this.#most = most;
    this.slots = Math.min(most, FIRST_SLOTS);
    this.records = new Array<PendingRecord | undefined>(this.slots).fill(undefined);
    this.heard = new Float64Array(0);
    this.asked = this.heard;
    this.stamp = this.heard;
    this.print = new Int32Array(0);
    this.state = new Uint8Array(0);
    this.#allocate(this.slots);
  }

  /** Makes all fields in one block, so that memory is asked for once. */
  #allocate(slots: number): void {
    const block = new ArrayBuffer(slots * FIELDS_BYTES);
    this.heard = new Float64Array(block, 0, slots).fill(Number.NEGATIVE_INFINITY);
    this.asked = new Float64Array(block, slots * 8, slots);
    this.stamp = new Float64Array(block, slots * 16, slots);
    this.print = new Int32Array(block, slots * 24, slots);
    this.state = new Uint8Array(block, slots * 28, slots);
  }

  /**
   * Doubles the ring. What lay in it lies at its beginning then, the slot at `head` first; returns
   * the new head, behind all of it.
   */
  grow(head: number): number {
    const old = this.slots;
    const slots = Math.min(this.#most, old * 2);
    const { state, heard, asked, stamp, print } = this;
    this.#allocate(slots);
    const turn = <A extends Numbers<A>>(from: A, to: A): void => {
      to.set(from.subarray(head));
      to.set(from.subarray(0, head), old - head);
    };
    turn(state, this.state);
    turn(heard, this.heard);
    turn(asked, this.asked);
    turn(stamp, this.stamp);
    turn(print, this.print);
    const records = [...this.records.slice(head), ...this.records.slice(0, head)];
    while (records.length < slots) records.push(undefined);
    this.records = records;
    this.slots = slots;
    return old;
  }
}
