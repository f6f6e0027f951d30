/** Which arm a heap gets: what the environment says, and the plain one wherever the compiled one cannot be had. */
import { afterEach, describe, expect, it, vi } from 'vitest';

/** The room, loaded anew, so that nothing is compiled yet. */
async function fresh(): Promise<typeof import('../../../src/lane/index.js')> {
  vi.resetModules();
  return import('../../../src/lane/index.js');
}

afterEach(() => {
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
});

const BYTES = 65536;
const arm = async () => (await fresh()).openLane(BYTES).lane.arm;

describe('NETCONSOLE_EMULATOR_LANE', () => {
  it.each([
    ['', 'simd'],
    ['simd', 'simd'],
    ['plain', 'plain'],
  ])('"%s" gives %s', async (value, want) => {
    vi.stubEnv('NETCONSOLE_EMULATOR_LANE', value);
    expect(await arm()).toBe(want);
  });

  it.each(['fast', 'toString'])('"%s" is refused, with what may be chosen', async (value) => {
    vi.stubEnv('NETCONSOLE_EMULATOR_LANE', value);
    await expect(arm()).rejects.toThrow(`NETCONSOLE_EMULATOR_LANE=${value}: choose plain or simd`);
  });

  it('does not touch who names an arm', async () => {
    vi.stubEnv('NETCONSOLE_EMULATOR_LANE', 'plain');
    expect((await fresh()).openLane(BYTES, 'simd').lane.arm).toBe('simd');
  });

  it('is not asked where there is no process', async () => {
    vi.stubEnv('NETCONSOLE_EMULATOR_LANE', 'plain');
    const { openLane } = await fresh();
    vi.stubGlobal('process', undefined);
    const { lane } = openLane(BYTES);
    vi.unstubAllGlobals();
    expect(lane.arm).toBe('simd');
  });
});

describe('the plain arm takes over', () => {
  const real = WebAssembly;
  const failing = (error: Error) =>
    class {
      constructor() {
        throw error;
      }
    };

  it('without WebAssembly', async () => {
    vi.stubGlobal('WebAssembly', undefined);
    expect(await arm()).toBe('plain');
  });

  it('where a policy forbids to compile, or there is no SIMD', async () => {
    vi.stubGlobal('WebAssembly', { ...own(), Module: failing(new Error('unsafe-eval')) });
    expect(await arm()).toBe('plain');
  });

  it('where there is no address space for the memory, until there is', async () => {
    const { openLane } = await fresh();
    vi.stubGlobal('WebAssembly', { ...own(), Memory: failing(new RangeError('could not allocate memory')) });
    expect(openLane(BYTES).lane.arm).toBe('plain');
    vi.unstubAllGlobals();
    expect(openLane(BYTES).lane.arm).toBe('simd');
  });

  it('but a mistake of ours is not hidden', async () => {
    vi.stubGlobal('WebAssembly', { ...own(), Instance: failing(new TypeError('an import is missing')) });
    await expect(arm()).rejects.toThrow('an import is missing');
  });

  function own(): Record<string, unknown> {
    const names = Object.getOwnPropertyNames(real) as (keyof typeof real)[];
    return Object.fromEntries(names.map((name) => [name, real[name]]));
  }
});
