/**
 * Calls libpcap through koffi: the functions that the `libpcap` transport needs. Addresses are
 * plain numbers.
 */
import { KernelError } from '../errno.js';
import { loadKoffi } from './native.js';

/** The functions of libpcap that are used. */
export interface PcapLibrary {
  /** Returns a handle, or 0; the reason is then in the 256 bytes at `errorBuffer`. */
  create(name: string, errorBuffer: number): number;
  setSnaplen(pcap: number, bytes: number): number;
  setPromisc(pcap: number, on: number): number;
  /** Sets how long packets may be kept back before they are handed on, in milliseconds. */
  setTimeout(pcap: number, ms: number): number;
  setBufferSize(pcap: number, bytes: number): number;
  setImmediateMode(pcap: number, on: number): number;
  /** Opens the handle. Returns 0, or a warning above 0, or an error below 0. */
  activate(pcap: number): number;
  /** Returns the DLT number of what frames begin with. */
  datalink(pcap: number): number;
  /** `program` is the address of a `struct bpf_program`, as that of `compile` and `freeCode` is. */
  setFilter(pcap: number, program: number): number;
  compile(pcap: number, program: number, text: string, optimize: number, mask: number): number;
  freeCode(program: number): void;
  setDirection(pcap: number, direction: number): number;
  setNonblock(pcap: number, on: number, errorBuffer: number): number;
  /** Returns the number of bytes sent, or -1. */
  inject(pcap: number, at: number, length: number): number;
  /**
   * Writes two pointers, to `header` and to `data`. Returns 1 if there is a packet, and 0 if none
   * is.
   */
  nextEx(pcap: number, header: number, data: number): number;
  /** Writes a `struct pcap_stat` to the address `at`. */
  stats(pcap: number, at: number): number;
  /** Returns what went wrong last, in words. */
  error(pcap: number): string;
  close(pcap: number): void;
  /** Returns the error number of the last call. */
  errno(): number;
  /** Returns the address of the heap's buffer. */
  address(buffer: ArrayBuffer): number;
  /** Returns `length` bytes at an address as a buffer, without a copy. */
  view(address: number, length: number): ArrayBuffer;
}

const FILES: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  linux: ['libpcap.so.1', 'libpcap.so.0.8', 'libpcap.so'],
  darwin: ['libpcap.A.dylib', 'libpcap.dylib'],
  freebsd: ['libpcap.so'],
  openbsd: ['libpcap.so'],
};
let library: PcapLibrary | undefined;

/** Loads libpcap. Throws ENOSYS, with what to install, if koffi or the library is missing. */
export async function loadPcapLibrary(op: string): Promise<PcapLibrary> {
  if (library) return library;
  const koffi = await loadKoffi(op);
  const files = FILES[process.platform] ?? [];
  for (const file of files) {
    let lib: ReturnType<typeof koffi.load>;
    try {
      lib = koffi.load(file);
    } catch {
      continue;
    }
    const p = 'uintptr_t';
    const f = (name: string, result: string, args: string[]) => lib.func(`pcap_${name}`, result, args) as never;
    library = {
      create: f('create', p, ['str', p]),
      setSnaplen: f('set_snaplen', 'int', [p, 'int']),
      setPromisc: f('set_promisc', 'int', [p, 'int']),
      setTimeout: f('set_timeout', 'int', [p, 'int']),
      setBufferSize: f('set_buffer_size', 'int', [p, 'int']),
      setImmediateMode: f('set_immediate_mode', 'int', [p, 'int']),
      activate: f('activate', 'int', [p]),
      datalink: f('datalink', 'int', [p]),
      setFilter: f('setfilter', 'int', [p, p]),
      compile: f('compile', 'int', [p, p, 'str', 'int', 'uint32_t']),
      freeCode: f('freecode', 'void', [p]),
      setDirection: f('setdirection', 'int', [p, 'int']),
      setNonblock: f('setnonblock', 'int', [p, 'int', p]),
      inject: f('inject', 'int', [p, p, 'size_t']),
      nextEx: f('next_ex', 'int', [p, p, p]),
      stats: f('stats', 'int', [p, p]),
      error: f('geterr', 'str', [p]),
      close: f('close', 'void', [p]),
      errno: () => koffi.errno(),
      address: (buffer) => Number(koffi.address(buffer)),
      view: (address, length) => koffi.view(address, length),
    };
    return library;
  }
  const install = process.platform === 'linux' ? 'the package libpcap0.8 (Debian, Ubuntu) or libpcap' : 'libpcap';
  throw new KernelError(
    'ENOSYS',
    op,
    `libpcap's shared library is not there; install ${install}, or use af-packet or udp`,
  );
}
