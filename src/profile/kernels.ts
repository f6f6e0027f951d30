/**
 * The kernels that are known: the columns of `features.ts`, oldest first.
 *
 * A name with an `s` is a stable tree as distributions ship it, where back-ported fixes are
 * visible. It has what its base has, except for the rows of `features.ts` that name it.
 */

/** A kernel that is known, and how it came to be known. */
export interface KnownKernel {
  /** The name of its profile, such as '6.12s'. */
  readonly name: string;
  /** What `uname -r` prints on it. */
  readonly release: string;
  /**
   * The version whose running kernel was recorded and is held to; absent: only its sources were
   * read.
   */
  readonly recorded?: string;
  /** Of a stable tree: the kernel whose stable tree it is. */
  readonly base?: string;
  /** Of a stable tree: the first version that is taken for it, not for its base. */
  readonly from?: string;
  /** The same in Debian's count, `N` of `6.1.0-N-amd64`. */
  readonly fromDebian?: number;
  /**
   * The first version that is taken for it, where its features are known to be older than itself.
   */
  readonly since?: string;
}

/** The kernels from 4.2 on, oldest first. */
export const KERNELS = [
  { name: '4.2', release: '4.2.8' },
  { name: '4.4', release: '4.4.155', recorded: '4.4.155' },
  { name: '4.9', release: '4.9.0', recorded: '4.9.0' },
  { name: '4.14', release: '4.14.74', recorded: '4.14.74' },
  // Red Hat's tree (RHEL 8.1), with what it back-ported.
  { name: '4.18', release: '4.18.0', recorded: '4.18.0' },
  { name: '4.19', release: '4.19.78', recorded: '4.19.78' },
  { name: '5.4', release: '5.4.59', recorded: '5.4.59', since: '4.20' },
  { name: '5.10', release: '5.10.0-32-amd64', recorded: '5.10.223' },
  { name: '5.10s', release: '5.10.0-46-amd64', recorded: '5.10.262', base: '5.10', from: '5.10.247', fromDebian: 37 },
  { name: '5.14', release: '5.14.0' },
  { name: '5.15', release: '5.15.135', recorded: '5.15.135' },
  { name: '6.1', release: '6.1.0' },
  { name: '6.1s', release: '6.1.0-50-amd64', recorded: '6.1.192', base: '6.1', from: '6.1.159', fromDebian: 42 },
  { name: '6.3', release: '6.3.8', recorded: '6.3.8' },
  { name: '6.6', release: '6.6.9', recorded: '6.6.9' },
  { name: '6.8', release: '6.8.1', recorded: '6.8.1' },
  { name: '6.12.0', release: '6.12.0', recorded: '6.12.57' },
  { name: '6.12s', release: '6.12.95+deb12-amd64', recorded: '6.12.95', base: '6.12.0', from: '6.12.59' },
  { name: '6.14', release: '6.14.0', recorded: '6.14.0' },
  { name: '6.16', release: '6.16.12+deb13-amd64', recorded: '6.16.12' },
  { name: '6.17', release: '6.17.0', recorded: '6.17.8' },
  { name: '6.17s', release: '6.17.13+deb13-amd64', recorded: '6.17.13', base: '6.17', from: '6.17.9' },
  { name: '6.18', release: '6.18.2', recorded: '6.18.15' },
  { name: '6.19', release: '6.19.0', recorded: '6.19.0' },
  { name: '7.0', release: '7.0.0', recorded: '7.0.0' },
  { name: '7.1', release: '7.1.3', recorded: '7.1.3' },
  { name: '7.2', release: '7.2.13+deb14-amd64', recorded: '7.2.13' },
  { name: '7.3', release: '7.3.4+deb13-amd64', recorded: '7.3.4' },
] as const;

/** The name of a kernel that is known. */
export type KernelName = (typeof KERNELS)[number]['name'];
