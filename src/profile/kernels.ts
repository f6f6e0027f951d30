/**
 * The kernels that are known: the columns of `features.ts`, oldest first.
 *
 * A name with an `s` is a stable tree as distributions ship it, where back-ported fixes are visible. It has what its base has,
 * except for the rows of `features.ts` that name it.
 */
export const KERNELS = [
  { name: '4.2', release: '4.2.8' },
  { name: '6.1', release: '6.1.0' },
  { name: '6.1s', release: '6.1.0-50-amd64', base: '6.1' },
  { name: '6.3', release: '6.3.8' },
  { name: '6.6', release: '6.6.9' },
  { name: '6.12.0', release: '6.12.0' },
  { name: '6.12s', release: '6.12.95+deb12-amd64', base: '6.12.0' },
  { name: '6.14', release: '6.14.0' },
  { name: '6.17', release: '6.17.0' },
  { name: '6.18', release: '6.18.2' },
  { name: '6.19', release: '6.19.0' },
  { name: '7.0', release: '7.0.0' },
  { name: '7.1', release: '7.1.3' },
  { name: '7.2', release: '7.2.13+deb14-amd64' },
  { name: '7.3', release: '7.3.4+deb13-amd64' },
] as const;

export type KernelName = (typeof KERNELS)[number]['name'];
