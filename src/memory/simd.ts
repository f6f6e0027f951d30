/** The hot loops compiled to WebAssembly SIMD (`simd/simd.ts`), bound to a memory of their own. */
import type { MemoryOps } from './ops.js';
import { SIMD_BASE64 } from './simd-binary.js';

let compiled: WebAssembly.Module | null | undefined;

/** The bytes of the module. */
export function simdBinary(): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(SIMD_BASE64), (c) => c.charCodeAt(0));
}

/** A memory of `pages` pages of 64 KiB and the loops on it; undefined where WebAssembly or SIMD is missing. */
export function simdOps(pages: number): { buffer: ArrayBuffer; ops: MemoryOps } | undefined {
  if (compiled === undefined) {
    const bytes = simdBinary();
    const works = typeof WebAssembly === 'object' && WebAssembly.validate(bytes);
    compiled = works ? new WebAssembly.Module(bytes) : null;
  }
  if (compiled === null) return undefined;
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  const instance = new WebAssembly.Instance(compiled, { env: { memory } });
  const loops = instance.exports as unknown as MemoryOps;
  return { buffer: memory.buffer, ops: { ...loops, name: 'simd' } };
}
