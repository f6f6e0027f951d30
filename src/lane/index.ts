/**
 * The lane: the loops that touch every byte of a log line, on one run of memory. One stores a
 * record in printk's ring, one formats and escapes it, one makes its frame, and one does the last
 * two at once.
 *
 *   const { buffer, lane } = openLane(256 * 65536);
 *   const payloadBytes = lane.extFrame(template, payload, ...);      // all offsets are into `buffer`
 *
 * It has two arms with the same results, byte for byte: `plain.ts`, in TypeScript, is the
 * specification, and runs wherever JavaScript does; `lane.as.ts`, in AssemblyScript, is compiled to
 * WebAssembly with SIMD and is some times faster. `layout.ts` holds the offsets that both, and the
 * rooms above, agree on.
 *
 * Who suspects the compiled arm sets NETCONSOLE_EMULATOR_LANE=plain in the environment: everything
 * is then done by the plain one. That is also what happens where there is no WebAssembly with SIMD,
 * or no memory for it.
 */
import { KernelError } from '../errno.js';
import { compiledLane } from './compiled.js';
import type { LaneArm, OpenLane } from './lane.js';
import { PlainLane } from './plain.js';

export type { Lane, LaneArm, OpenLane } from './lane.js';

/**
 * The functions that open each arm on so many bytes, a multiple of 64 KiB. They return undefined
 * where the arm cannot be had.
 */
const ARMS: Readonly<Record<LaneArm, (bytes: number) => OpenLane | undefined>> = {
  plain: (bytes) => {
    const buffer = new ArrayBuffer(bytes);
    return { buffer, lane: new PlainLane(buffer) };
  },
  simd: compiledLane,
};

const VARIABLE = 'NETCONSOLE_EMULATOR_LANE';

/** Returns the arm that the environment asks for. Throws EINVAL if it names none that there is. */
function defaultArm(): LaneArm {
  const named = typeof process === 'object' ? process.env?.[VARIABLE] : undefined;
  if (named === undefined || named === '') return 'simd';
  if (Object.hasOwn(ARMS, named)) return named as LaneArm;
  throw new KernelError('EINVAL', VARIABLE, `${VARIABLE}=${named}: choose ${Object.keys(ARMS).join(' or ')}`);
}

/**
 * Opens a lane on `bytes` zeroed bytes, a multiple of 64 KiB, with the arm that the environment
 * asks for unless `arm` is given. Where `simd` cannot be had, the lane is `plain`.
 */
export function openLane(bytes: number, arm: LaneArm = defaultArm()): OpenLane {
  return ARMS[arm](bytes) ?? ARMS.plain(bytes)!;
}
