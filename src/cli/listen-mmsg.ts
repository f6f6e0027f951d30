/**
 * A listener on a UDP socket of Linux, through the C library: one call reads many datagrams and
 * makes no object for each. A thread of libuv's pool waits; an eventfd wakes it at the end.
 *
 * Linux: net/socket.c __sys_recvmmsg(), net/core/sock.c SO_RCVBUFFORCE, sk_get_meminfo(),
 * net/ipv4/udp.c udp_queue_rcv_one_skb().
 */
import { isIPv6 } from 'node:net';
import { getSystemErrorName } from 'node:util';
import { loadNative, MSG_DONTWAIT, type Native, POLLIN, SOCK_CLOEXEC, SOL_SOCKET } from '../transport/native.js';
import { get16 } from '../wire/field.js';
import { DRAIN_MS, type Listener, type ListenerEvents, type ListenOptions, RECEIVE_BUFFER_BYTES } from './listener.js';
import { type Calls, loadCalls } from './mmsg-calls.js';
import { Senders } from './senders.js';
import { AF_INET, AF_INET6, putSockaddr, SOCKADDR_BYTES } from './sockaddr.js';

const SOCK_DGRAM = 2;
const SO_RCVBUF = 8;
const SO_REUSEPORT = 15;
const SO_ATTACH_FILTER = 26;
const SO_RCVBUFFORCE = 33;
const SO_MEMINFO = 55;
const SK_MEMINFO_DROPS = 8;
/** An instruction of classic BPF: returns how many bytes of a datagram are taken, here none. */
const BPF_RET_K = 0x06;
const IPPROTO_IPV6 = 41;
const IPV6_V6ONLY = 26;

/** The most datagrams that one call reads. */
const BATCH = 256;
/**
 * Bytes from one datagram to the next in the memory: room for the longest UDP datagram, and a
 * little more, so that not all of them begin in the same lines of the cache.
 */
const STRIDE = 65536 + 192;
const MMSGHDR_BYTES = 64;
/** Milliseconds for which reading goes on before anything else has its turn. */
const TURN_MS = 4;
/**
 * If a turn reads this many datagrams, more are on their way: then it is cheaper to look again
 * after `GATHER_MS` than to have a thread woken by the next one.
 */
const BUSY = 16;
/** Milliseconds. The socket's buffer holds what the fastest sender sends in 100 times as long. */
const GATHER_MS = 1;

/**
 * Binds as `listenDgram` does. Throws ENOSYS where the C library cannot be called, and an Error
 * with the system's `code` if the socket cannot be bound.
 */
export async function listenMmsg(options: ListenOptions): Promise<Listener> {
  const native = await loadNative('receive');
  const calls = loadCalls(native);
  const { host } = options;
  if (host !== undefined) return new MmsgListener(native, calls, options, host);
  try {
    return new MmsgListener(native, calls, options, '::');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'EAFNOSUPPORT' && code !== 'EADDRNOTAVAIL' && code !== 'EPROTONOSUPPORT') throw error;
    return new MmsgListener(native, calls, options, '0.0.0.0');
  }
}

/** Where C structures lie in the listener's memory, a block that never moves; offsets in bytes. */
const AT = { poll: 0, option: 16, length: 64, name: 72, event: 104, end: 128 } as const;

class MmsgListener implements Listener {
  readonly address: string;
  readonly port: number;
  readonly bufferBytes: number;
  readonly #native: Native;
  readonly #calls: Calls;
  readonly #fd: number;
  readonly #event: number;
  /** Small structures, then all mmsghdr, all iovec, all sockaddr, and then the datagrams. */
  readonly #memory: Buffer;
  readonly #words: Uint32Array;
  readonly #base: number;
  readonly #namesAt = AT.end + BATCH * (MMSGHDR_BYTES + 16);
  readonly #dataAt = this.#namesAt + BATCH * 32;
  /** The last view made of each datagram, used again while the length stays, as it mostly does. */
  readonly #views: Buffer[] = [];
  readonly #senders: Senders;
  #events: ListenerEvents | undefined;
  /** How many datagrams the system had dropped when `drain` turned all new ones away. */
  #dropsAtEnd: number | undefined;
  #closed = false;

  constructor(native: Native, calls: Calls, options: ListenOptions, host: string) {
    this.#native = native;
    this.#calls = calls;
    // A Buffer, because its indexOf is many times as fast as that of a Uint8Array.
    this.#memory = Buffer.from(new ArrayBuffer(this.#dataAt + BATCH * STRIDE));
    this.#words = new Uint32Array(this.#memory.buffer, 0, this.#dataAt / 4);
    this.#senders = new Senders(this.#memory);
    this.#base = Number(native.koffi.address(this.#memory));
    const v6 = isIPv6(host);
    this.#fd = this.#checked(native.libc.socket(v6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), 'socket');
    try {
      if (v6 && host === '::') this.#set(IPPROTO_IPV6, IPV6_V6ONLY, 0);
      if (options.shared === true) this.#set(SOL_SOCKET, SO_REUSEPORT, 1);
      // The system doubles this size, to have room for its own bookkeeping.
      if (!this.#set(SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER_BYTES))
        this.#set(SOL_SOCKET, SO_RCVBUF, RECEIVE_BUFFER_BYTES);
      const length = this.#sockaddr(host, options.port);
      this.#checked(native.libc.bind(this.#fd, this.#base + AT.name, length), 'bind');
      this.#words[AT.length / 4] = SOCKADDR_BYTES;
      this.#checked(calls.getsockname(this.#fd, this.#base + AT.name, this.#base + AT.length), 'getsockname');
    } catch (error) {
      native.libc.close(this.#fd);
      throw error;
    }
    this.address = host;
    this.port = get16(this.#memory, AT.name + 2);
    this.bufferBytes = this.#get(SO_RCVBUF, 4)[0]!;
    this.#event = calls.eventfd(0, SOCK_CLOEXEC);
    this.#prepare();
  }

  start(events: ListenerEvents): void {
    this.#events = events;
    const turn = (): void => {
      if (this.#closed || this.#dropsAtEnd !== undefined) return;
      const until = performance.now() + TURN_MS;
      let taken = 0;
      for (;;) {
        const count = this.#read(events);
        if (this.#closed) return;
        events.pause();
        if (this.#closed) return;
        taken += count;
        // A batch that is not full has emptied the socket's buffer.
        if (count < BATCH) break;
        if (performance.now() >= until) {
          setImmediate(turn);
          return;
        }
      }
      if (taken < BUSY) this.#wait(turn);
      else this.#gathering = setTimeout(turn, GATHER_MS);
    };
    turn();
  }

  drain(): Promise<boolean> {
    const end = this.#takeNoMore() ? Number.POSITIVE_INFINITY : performance.now() + DRAIN_MS;
    this.#dropsAtEnd = this.#drops();
    const events = this.#events;
    return new Promise((resolve) => {
      const turn = (): void => {
        const until = performance.now() + TURN_MS;
        while (!this.#closed && events !== undefined && performance.now() < until) {
          if (this.#read(events) <= 0) {
            resolve(true);
            return;
          }
          if (!this.#closed) events.pause();
        }
        if (this.#closed || events === undefined || performance.now() >= end) resolve(false);
        else setImmediate(turn);
      };
      turn();
    });
  }

  send(payload: Uint8Array, address: string, port: number, failed: () => void): void {
    const copy = payload.slice();
    const length = this.#sockaddr(
      this.address.includes(':') && !address.includes(':') ? `::ffff:${address}` : address,
      port,
    );
    const at = Number(this.#native.koffi.address(copy.buffer as ArrayBuffer));
    const sent = this.#native.libc.sendto(this.#fd, at, copy.length, MSG_DONTWAIT, this.#base + AT.name, length);
    if (sent < 0) failed();
  }

  drops(): number {
    return this.#dropsAtEnd ?? this.#drops();
  }

  late(): number {
    return this.#drops() - this.drops();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#gathering);
    this.#memory.fill(0, AT.event, AT.event + 8);
    this.#memory[AT.event] = 1;
    this.#calls.write(this.#event, this.#base + AT.event, 8);
    // The descriptors are closed when the waiting thread has come back, or now if none waits.
    if (!this.#waiting) this.#release();
  }

  /** Whether a thread of the pool waits for a datagram. */
  #waiting = false;
  /** The timer of the next look at a busy socket. */
  #gathering: NodeJS.Timeout | undefined;

  #release(): void {
    this.#native.libc.close(this.#fd);
    this.#native.libc.close(this.#event);
  }

  #wait(done: () => void): void {
    this.#waiting = true;
    const w = this.#words;
    w[AT.poll / 4] = this.#fd;
    w[AT.poll / 4 + 1] = POLLIN;
    w[AT.poll / 4 + 2] = this.#event;
    w[AT.poll / 4 + 3] = POLLIN;
    this.#calls.poll.async(this.#base + AT.poll, 2, -1, () => {
      this.#waiting = false;
      if (this.#closed) this.#release();
      else done();
    });
  }

  /** Fills in what never changes: where the parts of each message lie. */
  #prepare(): void {
    const put = (at: number, pointer: number) => {
      this.#words[at / 4] = pointer >>> 0;
      this.#words[at / 4 + 1] = Math.floor(pointer / 0x100000000);
    };
    for (let i = 0; i < BATCH; i++) {
      const header = AT.end + i * MMSGHDR_BYTES;
      const iovec = AT.end + BATCH * MMSGHDR_BYTES + i * 16;
      put(header, this.#base + this.#namesAt + i * 32);
      put(header + 16, this.#base + iovec);
      put(header + 24, 1);
      put(iovec, this.#base + this.#dataAt + i * STRIDE);
      put(iovec + 8, STRIDE);
      this.#views.push(this.#memory.subarray(0, 0));
    }
  }

  /** Makes one call, and hands on the datagrams. Returns how many it gave; below 0: none waits. */
  #read(events: ListenerEvents): number {
    const w = this.#words;
    for (let i = 0; i < BATCH; i++) w[(AT.end + i * MMSGHDR_BYTES + 8) / 4] = SOCKADDR_BYTES;
    const count = this.#calls.recvmmsg(this.#fd, this.#base + AT.end, BATCH, MSG_DONTWAIT, 0);
    for (let i = 0; i < count && !this.#closed; i++) {
      const length = w[(AT.end + i * MMSGHDR_BYTES + 56) / 4]!;
      let view = this.#views[i]!;
      if (view.length !== length) {
        const at = this.#dataAt + i * STRIDE;
        view = this.#memory.subarray(at, at + length);
        this.#views[i] = view;
      }
      const name = this.#namesAt + i * 32;
      events.datagram(view, this.#senders.at(name), get16(this.#memory, name + 2));
    }
    return count;
  }

  /** Writes a sockaddr into the memory, at `AT.name`. Returns its length. */
  #sockaddr(host: string, port: number): number {
    return putSockaddr(this.#memory, AT.name, host, port);
  }

  /**
   * Attaches a filter that lets nothing through: what waits already is still read, and what comes
   * from then on is counted as dropped. Returns whether the system took the filter.
   */
  #takeNoMore(): boolean {
    const w = this.#words;
    // struct sock_fprog, and behind it the one struct sock_filter it points to.
    const at = AT.option / 4;
    const filter = this.#base + AT.option + 16;
    w.set([1, 0, filter >>> 0, Math.floor(filter / 0x100000000), BPF_RET_K, 0], at);
    const program = this.#base + AT.option;
    return this.#native.libc.setsockopt(this.#fd, SOL_SOCKET, SO_ATTACH_FILTER, program, 16) === 0;
  }

  #drops(): number {
    return this.#get(SO_MEMINFO, 36)[SK_MEMINFO_DROPS]!;
  }

  #set(level: number, option: number, value: number): boolean {
    this.#words[AT.option / 4] = value;
    return this.#native.libc.setsockopt(this.#fd, level, option, this.#base + AT.option, 4) === 0;
  }

  #get(option: number, length: number): Uint32Array {
    this.#words[AT.length / 4] = length;
    this.#native.libc.getsockopt(this.#fd, SOL_SOCKET, option, this.#base + AT.option, this.#base + AT.length);
    return this.#words.slice(AT.option / 4, AT.option / 4 + length / 4);
  }

  #checked(result: number, call: string): number {
    if (result >= 0) return result;
    const code = getSystemErrorName(-this.#native.errno());
    throw Object.assign(new Error(`${call}: ${code}`), { code });
  }
}
