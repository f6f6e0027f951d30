/**
 * The three BPF programs of `xdp.ts`, and the memory that they share with it.
 *
 *   control map      head, tail, underway, processor, left, stop, then a ring of descriptors (where in the slab, how long)
 *   frames map       the slab's pages
 *
 *   send             XDP, run once for each frame: takes the descriptor at `head`, copies the frame into the page that the kernel
 *                    hands it, and redirects that page to the interface
 *   left             on the tracepoint xdp_devmap_xmit, once for each bulk of frames that the driver was offered: counts what it took,
 *                    and moves `head` back over what it did not take, which is then sent again
 *   refused          on the tracepoint xdp_redirect_err, once for a frame that was not even offered: moves `head` back
 *                    and says why
 *
 * So `head` never passes a frame that did not leave, and none overtakes another. That is exact
 * because each run of frames (`RUN`) is one bulk of the kernel (DEV_MAP_BULK_SIZE): what became of
 * it is known before the next run begins.
 *
 * Others redirect too, so `left` and `refused` look only at what is ours: `send` notes the
 * processor it runs on and how many frames are under way. While a frame is, nothing else redirects
 * on that processor, since the kernel runs `send` and hands the bulk to the driver with softirqs
 * off; and then none is under way any more.
 *
 * Linux: net/bpf/test_run.c (xdp_test_run_batch), kernel/bpf/devmap.c (bq_xmit_all),
 * include/trace/events/xdp.h.
 */
import {
  alu,
  assemble,
  call,
  exit,
  type Instruction,
  jumpIf,
  label,
  load32,
  mapValue,
  move,
  negate32,
  R0,
  R1,
  R2,
  R3,
  R4,
  R6,
  R7,
  R8,
  R9,
  reg,
  store32,
} from './bpf-assembler.js';

/** Frames for each run of the kernel's loop; its bulk for a device, DEV_MAP_BULK_SIZE. */
export const RUN = 16;
/** No frame is longer. */
export const FRAME_MAX = 2047;
/** Behind the slab in its map, so that no descriptor reaches beyond it. */
export const FRAMES_SLACK = 4096;

/** Byte offsets of 32-bit words in the control map. */
export const CONTROL = {
  /**
   * Frames that left, modulo 2^32, and with them the next descriptor. Written by the programs, and
   * by us between calls.
   */
  head: 0,
  /** One past the last descriptor. Written by us. */
  tail: 4,
  /** Frames that `send` redirected and nobody heard of yet. */
  underway: 8,
  /** Where `send` ran last. */
  processor: 12,
  /** Frames that the driver took, modulo 2^32. */
  left: 16,
  /** An error number: nothing more is taken until we clear it. */
  stop: 20,
  /** Descriptors of two words: offset from the slab's base, length. */
  ring: 64,
} as const;
/** Of one descriptor in the ring. */
export const DESCRIPTOR_BYTES = 8;

/** What the programs are made for. */
export interface ProgramTarget {
  /** File descriptors of the two maps. */
  readonly control: number;
  readonly frames: number;
  /** Descriptors in the ring, a power of two. */
  readonly slots: number;
  /** Bytes of the slab. */
  readonly slabBytes: number;
  /** Index of the interface. */
  readonly ifindex: number;
}

// struct xdp_md
const DATA = 0;
const DATA_END = 4;
const INGRESS_IFINDEX = 12;
/**
 * Frames that BPF_PROG_TEST_RUN makes are said to come in on the namespace's loopback, whose index
 * is always 1.
 */
const LOOPBACK = 1;
const XDP_DROP = 1;
const XDP_PASS = 2;
const EMSGSIZE = 90;
const EINVAL = 22;

// enum bpf_func_id
const GET_SMP_PROCESSOR_ID = { id: 8, name: 'bpf_get_smp_processor_id' };
const REDIRECT = { id: 23, name: 'bpf_redirect' };
const XDP_ADJUST_TAIL = { id: 65, name: 'bpf_xdp_adjust_tail' };
const XDP_STORE_BYTES = { id: 190, name: 'bpf_xdp_store_bytes' };

/** `send`: one frame, from the slab to the interface. */
export function sendProgram({ control, frames, slots, slabBytes, ifindex }: ProgramTarget): readonly Instruction[] {
  return assemble([
    move(R6, reg(R1)),
    // What the interface receives, where the program is attached, is none of ours.
    load32(R1, R6, INGRESS_IFINDEX),
    jumpIf(R1, '!=', LOOPBACK, 'pass'),
    mapValue(R7, control, 'control'),
    load32(R1, R7, CONTROL.stop),
    jumpIf(R1, '!=', 0, 'none'),
    load32(R8, R7, CONTROL.head),
    load32(R1, R7, CONTROL.tail),
    jumpIf(R8, '==', reg(R1), 'none'),
    // R9: where the frame is; R8: its length.
    alu(R8, '&', slots - 1),
    alu(R8, '<<', 3),
    move(R2, reg(R7)),
    alu(R2, '+', reg(R8)),
    load32(R9, R2, CONTROL.ring),
    load32(R8, R2, CONTROL.ring + 4),
    jumpIf(R9, '>', slabBytes, 'malformed'),
    jumpIf(R8, '>', FRAME_MAX, 'malformed'),
    jumpIf(R8, '==', 0, 'malformed'),
    // The page gets the frame's length, then its bytes.
    load32(R1, R6, DATA_END),
    load32(R2, R6, DATA),
    alu(R1, '-', reg(R2)),
    move(R2, reg(R8)),
    alu(R2, '-', reg(R1)),
    move(R1, reg(R6)),
    call(XDP_ADJUST_TAIL),
    jumpIf(R0, '!=', 0, 'long'),
    move(R1, reg(R6)),
    move(R2, 0),
    mapValue(R3, frames, 'frames'),
    alu(R3, '+', reg(R9)),
    move(R4, reg(R8)),
    call(XDP_STORE_BYTES),
    jumpIf(R0, '!=', 0, 'long'),
    // Taken, until one of the other programs says otherwise.
    load32(R1, R7, CONTROL.head),
    alu(R1, '+', 1),
    store32(R7, CONTROL.head, R1),
    load32(R1, R7, CONTROL.underway),
    alu(R1, '+', 1),
    store32(R7, CONTROL.underway, R1),
    call(GET_SMP_PROCESSOR_ID),
    store32(R7, CONTROL.processor, R0),
    move(R1, ifindex),
    move(R2, 0),
    call(REDIRECT),
    exit(),
    label('malformed'),
    move(R1, EINVAL),
    store32(R7, CONTROL.stop, R1),
    jumpIf(R1, '!=', 0, 'none'),
    label('long'),
    move(R1, EMSGSIZE),
    store32(R7, CONTROL.stop, R1),
    label('none'),
    move(R0, XDP_DROP),
    exit(),
    label('pass'),
    move(R0, XDP_PASS),
    exit(),
  ]);
}

/** `left`: of a bulk, what the driver took counts, and what it did not take is taken back. */
export function leftProgram(control: number): readonly Instruction[] {
  // TP_PROTO(from_dev, to_dev, int sent, int drops, int err), eight bytes each.
  const SENT = 16;
  const DROPS = 24;
  const ERR = 32;
  return assemble([
    ...ours(control),
    load32(R2, R6, SENT),
    load32(R3, R6, DROPS),
    move(R4, reg(R2)),
    alu(R4, '+', reg(R3)),
    jumpIf(R4, '>', reg(R1), 'out'),
    alu(R1, '-', reg(R4)),
    store32(R7, CONTROL.underway, R1),
    load32(R1, R7, CONTROL.left),
    alu(R1, '+', reg(R2)),
    store32(R7, CONTROL.left, R1),
    jumpIf(R3, '==', 0, 'out'),
    load32(R1, R7, CONTROL.head),
    alu(R1, '-', reg(R3)),
    store32(R7, CONTROL.head, R1),
    // Without an error the driver's ring was full, and the next run may find room.
    load32(R1, R6, ERR),
    jumpIf(R1, '==', 0, 'out'),
    negate32(R1),
    store32(R7, CONTROL.stop, R1),
    label('out'),
    move(R0, 0),
    exit(),
  ]);
}

/**
 * `refused`: the frame redirected last is taken back, and nothing more is sent until we have seen
 * why.
 */
export function refusedProgram(control: number): readonly Instruction[] {
  // TP_PROTO(dev, xdp, tgt, int err, map_type, map_id, index), eight bytes each.
  const ERR = 24;
  return assemble([
    ...ours(control),
    alu(R1, '-', 1),
    store32(R7, CONTROL.underway, R1),
    load32(R1, R7, CONTROL.head),
    alu(R1, '-', 1),
    store32(R7, CONTROL.head, R1),
    load32(R1, R6, ERR),
    negate32(R1),
    store32(R7, CONTROL.stop, R1),
    label('out'),
    move(R0, 0),
    exit(),
  ]);
}

/**
 * R6: the tracepoint's arguments, R7: the control map, R1: frames under way; to `out` unless some
 * of ours are, here.
 */
function ours(control: number) {
  return [
    move(R6, reg(R1)),
    mapValue(R7, control, 'control'),
    call(GET_SMP_PROCESSOR_ID),
    load32(R1, R7, CONTROL.processor),
    jumpIf(R0, '!=', reg(R1), 'out'),
    load32(R1, R7, CONTROL.underway),
    jumpIf(R1, '==', 0, 'out'),
  ];
}
