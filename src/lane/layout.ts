/**
 * What lies where in the heap: every offset that the plain loops, the compiled ones and the code
 * around them agree on.
 *
 * This file is the only place where an offset is written. `npm run lane` makes `layout.as.ts` from
 * it, constant by constant, which the compiled loops import, because their compiler shares no
 * modules with TypeScript's. Everything here is therefore a number, or a flat object of numbers:
 * `PRB.headSeq` becomes `PRB_HEAD_SEQ`. The comment of an offset begins with the type of what lies
 * there.
 */

/** Bytes at the start of every heap that are never handed out, so that no offset is 0. */
export const HEAP_START = 4096;
/**
 * Bytes at the end of every heap that are never handed out: the loops may read so many behind a
 * text.
 */
export const HEAP_OVERREAD = 64;

/**
 * The headers of one sender and the constant parts of their checksums, see `Lane.udpFrame`;
 * `netpoll/template.ts` writes it.
 */
export const TEMPLATE = {
  /** Ethernet, IP and UDP header end here. */
  headerEnd: 64,
  /** u32: length of the headers in bytes, 42 (IPv4) or 62 (IPv6). */
  headerLength: 64,
  /**
   * u32: sum of the little-endian words of the IPv4 header without total length, id and checksum; 0
   * for IPv6.
   */
  ipSum: 68,
  /**
   * u32: sum of the little-endian words of the pseudo header and the ports, without the two
   * lengths.
   */
  udpSum: 72,
  /** u32: 1 if the UDP checksum is computed (0 is sent as ffff), 0 if it stays 0. */
  udpChecksum: 76,
  /** How many bytes a template has. */
  bytes: 80,
} as const;

/**
 * The control block of a printk ring, see `printk/ringbuffer.ts`. Its descriptors follow it, then
 * its text.
 */
export const PRB = {
  /** i64: the seq of the next record. */
  headSeq: 0,
  /** i64: the oldest seq that has a descriptor. */
  tailSeq: 8,
  /** i64: the seq whose block lies at `tail`; -1 if no record has text. */
  tailOwner: 16,
  /** u32: the position in the text ring where the next block begins. */
  head: 24,
  /** u32: the position where the oldest block begins. */
  tail: 28,
  /** u32: how many descriptors there are, a power of two. */
  count: 32,
  /** u32: where in the heap the descriptors begin. */
  descs: 36,
  /** u32: where in the heap the text ring begins. */
  text: 40,
  /** u32: bytes of the text ring, a power of two. */
  size: 44,
  /** u32: bytes of the largest block. */
  maxBlock: 48,
  /** u32: 1 if a block may end exactly where the ring ends. */
  perfectFit: 52,
  /** How many bytes a control block has. */
  bytes: 64,
} as const;

/** A descriptor of a printk ring. */
export const DESC = {
  /** f64: microseconds since boot. */
  ts: 0,
  /** u32: the position where its block begins; `FAILED_LPOS` if it has none. */
  begin: 8,
  /** u32: the position behind its block. */
  next: 12,
  /** u32: see `INFO`. */
  info: 16,
  /** u32: the caller's id. */
  caller: 20,
  /**
   * i32: the processor; with `DESC_HAS_DICT`, so negative, if the record has a dictionary, which is
   * kept elsewhere.
   */
  cpu: 24,
  /** u32: see `STATE`. */
  state: 28,
  /** How many bytes a descriptor has. */
  bytes: 32,
} as const;

/**
 * The size of a descriptor as a shift: an index shifted left by this is the descriptor's offset.
 */
export const DESC_SHIFT = 5;

/** Where in a descriptor's `info` the fields lie, in bits from the lowest. */
export const INFO = {
  /** 16 bits, from bit 0: bytes of text. */
  textLenMask: 0xffff,
  /** 8 bits. */
  facilityShift: 16,
  /** 3 bits. */
  levelShift: 24,
  /** 5 bits: `LOG_CONT` and its like. */
  flagsShift: 27,
} as const;

/**
 * A flag of a record: every console prints it, whatever its level. Linux: enum printk_info_flags.
 */
export const LOG_FORCE_CON = 1;
/** A flag of a record: its text ended in a newline. */
export const LOG_NEWLINE = 2;
/** A flag of a record: it began with a level marker (only the byte ring keeps this). */
export const LOG_PREFIX = 4;
/** A flag of a record: it continues another, or may itself be continued. */
export const LOG_CONT = 8;

/** States of a descriptor. Linux: enum desc_state. */
export const STATE = { reserved: 1, committed: 2, finalized: 3, reusable: 4 } as const;
/** Set in a descriptor's `cpu`: the record has a dictionary. */
export const DESC_HAS_DICT: number = 1 << 31;
/** A descriptor's `begin` if its text found no room. Linux: FAILED_LPOS. */
export const FAILED_LPOS = 1;
/** In front of every text: its block's id. Nothing is kept there, so a writer may write over it. */
export const ID_BYTES = 8;
