/**
 * Makes the three BPF programs of `xdp.ts`, and lays out the memory that they share with it.
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
 * So `head` never passes a frame that did not leave, and no frame overtakes another. This is exact
 * because each run of frames (`RUN`) is one bulk of the kernel (DEV_MAP_BULK_SIZE): its outcome is
 * known before the next run begins.
 *
 * Others redirect frames, too, so `left` and `refused` must look only at ours. Therefore `send`
 * notes on which processor it runs and how many frames are under way. While there are any, nothing
 * else redirects on that processor: the kernel runs `send` and hands the bulk to the driver with
 * softirqs off. After that, none is under way any more.
 *
 * Linux: net/bpf/test_run.c (xdp_test_run_batch), kernel/bpf/devmap.c (bq_xmit_all),
 * include/trace/events/xdp.h.
 */
import { ERRNO } from '../errno.js';
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

/** How many frames each run of the kernel's loop sends: its bulk, DEV_MAP_BULK_SIZE. */
export const RUN = 16;
/** The length of the longest frame, in bytes. */
export const FRAME_MAX = 2047;
/** Bytes behind the slab in its map, so that no descriptor reaches beyond the map. */
export const FRAMES_SLACK = 4096;

/** Byte offsets of 32-bit words in the control map. */
export const CONTROL = {
  /**
   * The count of frames that left, modulo 2^32, which also tells the next descriptor. The programs
   * write it, and this process does between calls.
   */
  head: 0,
  /** One past the last descriptor; this process writes it. */
  tail: 4,
  /** How many frames `send` redirected whose outcome is not known yet. */
  underway: 8,
  /** The processor on which `send` ran last. */
  processor: 12,
  /** How many frames the driver took, modulo 2^32. */
  left: 16,
  /** An error number. While it is set, the programs take no more; this process clears it. */
  stop: 20,
  /** The descriptors, of two words each: the offset from the slab's base, and the length. */
  ring: 64,
} as const;
/** The size of one descriptor in the ring. */
export const DESCRIPTOR_BYTES = 8;

/** The parameters of the programs. */
export interface ProgramTarget {
  /** The file descriptor of the control map. */
  readonly control: number;
  /** The file descriptor of the frames map. */
  readonly frames: number;
  /** The number of descriptors in the ring, a power of two. */
  readonly slots: number;
  /** The size of the slab, in bytes. */
  readonly slabBytes: number;
  /** The index of the interface. */
  readonly ifindex: number;
}

// struct xdp_md
const DATA = 0;
const DATA_END = 4;
const INGRESS_IFINDEX = 12;
/**
 * The frames that BPF_PROG_TEST_RUN makes seem to come in on the namespace's loopback, whose index
 * is always 1.
 */
const LOOPBACK = 1;
const XDP_DROP = 1;
const XDP_PASS = 2;

// enum bpf_func_id
const GET_SMP_PROCESSOR_ID = { id: 8, name: 'bpf_get_smp_processor_id' };
const REDIRECT = { id: 23, name: 'bpf_redirect' };
const XDP_ADJUST_TAIL = { id: 65, name: 'bpf_xdp_adjust_tail' };
const XDP_STORE_BYTES = { id: 190, name: 'bpf_xdp_store_bytes' };

/** Makes `send`, which takes one frame from the slab to the interface. */
export function sendProgram({ control, frames, slots, slabBytes, ifindex }: ProgramTarget): readonly Instruction[] {
  return assemble([
    move(R6, reg(R1)),
    // Frames that the interface itself receives, where the program is attached, pass untouched.
    load32(R1, R6, INGRESS_IFINDEX),
    jumpIf(R1, '!=', LOOPBACK, 'pass'),
    mapValue(R7, control, 'control'),
    load32(R1, R7, CONTROL.stop),
    jumpIf(R1, '!=', 0, 'none'),
    load32(R8, R7, CONTROL.head),
    load32(R1, R7, CONTROL.tail),
    jumpIf(R8, '==', reg(R1), 'none'),
    // Computes R9, where the frame is, and R8, its length.
    alu(R8, '&', slots - 1),
    alu(R8, '<<', 3),
    move(R2, reg(R7)),
    alu(R2, '+', reg(R8)),
    load32(R9, R2, CONTROL.ring),
    load32(R8, R2, CONTROL.ring + 4),
    jumpIf(R9, '>', slabBytes, 'malformed'),
    jumpIf(R8, '>', FRAME_MAX, 'malformed'),
    jumpIf(R8, '==', 0, 'malformed'),
    // Gives the page the frame's length, then its bytes.
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
    // The frame counts as taken until one of the other programs says otherwise.
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
    move(R1, ERRNO.EINVAL),
    store32(R7, CONTROL.stop, R1),
    jumpIf(R1, '!=', 0, 'none'),
    label('long'),
    move(R1, ERRNO.EMSGSIZE),
    store32(R7, CONTROL.stop, R1),
    label('none'),
    move(R0, XDP_DROP),
    exit(),
    label('pass'),
    move(R0, XDP_PASS),
    exit(),
  ]);
}

/** Makes `left`, which counts what the driver took of a bulk and takes back what it did not. */
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
    // If there is no error, the driver's ring was full, and the next run may find room.
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
 * Makes `refused`, which takes back the last frame that was redirected and stops sending until this
 * process has seen why.
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
 * Makes the beginning of both tracepoint programs: R6 becomes the tracepoint's arguments, R7 the
 * control map, R1 the number of frames under way. Jumps to `out` unless some of ours are, here.
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
