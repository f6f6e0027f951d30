/** Records are used again, so that none is allocated for each datagram. */
import { PendingRecord } from './pending.js';

/** Records that wait to be used again. */
export class RecordPool {
  readonly #limit: number;
  readonly #free: PendingRecord[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Returns a record, used or new. The caller begins it before anything else. */
  take(): PendingRecord {
    return this.#free.pop() ?? new PendingRecord();
  }

  /** Takes back a record, which the caller must not touch afterwards. */
  give(record: PendingRecord): void {
    if (this.#free.length >= this.#limit) return;
    record.clear();
    this.#free.push(record);
  }
}

/**
 * One pool for all receivers, so that a busy source may use the records that a quiet one gave back.
 */
export const recordPool: RecordPool = new RecordPool(1024);
