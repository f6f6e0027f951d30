/** The compiled arm: the loops of `lane.as.ts`, bound to a WebAssembly memory of their own. */
import { LANE_BASE64 } from './binary.js';
import type { Lane, OpenLane } from './lane.js';

const PAGE = 65536;
let compiled: WebAssembly.Module | null | undefined;

/** Returns the bytes of the WebAssembly module. */
export function laneBinary(): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(LANE_BASE64), (c) => c.charCodeAt(0));
}

/**
 * Makes a memory of `bytes` bytes, a multiple of 64 KiB, and binds the loops to it. Returns
 * undefined where they cannot be had: without WebAssembly or SIMD, under a policy that forbids to
 * compile, or if there is no address space for the memory.
 */
export function compiledLane(bytes: number): OpenLane | undefined {
  if (compiled === null || typeof WebAssembly !== 'object') return undefined;
  try {
    compiled ??= new WebAssembly.Module(laneBinary());
  } catch {
    compiled = null;
    return undefined;
  }
  try {
    const pages = bytes / PAGE;
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    const { exports } = new WebAssembly.Instance(compiled, { env: { memory } });
    return { buffer: memory.buffer, lane: { ...(exports as unknown as Omit<Lane, 'arm'>), arm: 'simd' } };
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
