/** A bound UDP socket, whichever way it is read. */

/** What a listener calls. */
export interface ListenerEvents {
  /** A datagram. The payload is a view that holds until the call returns. */
  datagram(payload: Uint8Array, address: string, port: number): void;
  /** No more are there just now. */
  pause(): void;
}

/** A bound UDP socket. */
export interface Listener {
  readonly address: string;
  readonly port: number;
  /** How it is read: `recvmmsg` or `dgram`. */
  readonly how: string;
  /** Bytes that the system keeps of datagrams that have not been read. */
  readonly bufferBytes: number;
  /** Begins to read. */
  start(events: ListenerEvents): void;
  /**
   * For the end: from here on new datagrams are not taken, and those that wait are all read.
   * Resolves to whether they were: false if the system would not turn new ones away, and they came
   * faster than they were read for `DRAIN_MS`.
   */
  drain(): Promise<boolean>;
  /** Sends a datagram; `failed` is called if it could not be. */
  send(payload: Uint8Array, address: string, port: number, failed: () => void): void;
  /**
   * Datagrams that the system has dropped since the socket was bound, as its buffer was full;
   * undefined: not known here.
   */
  drops(): number | undefined;
  /**
   * Datagrams that came after `drain` was called and were not taken; `drops` does not count them.
   * undefined: not known here.
   */
  late(): number | undefined;
  close(): void;
}

/** How long `drain` reads at most where new datagrams cannot be turned away, milliseconds. */
export const DRAIN_MS = 1000;

/** Where to listen. */
export interface ListenOptions {
  /** Default: every address, IPv6 and IPv4. */
  readonly host?: string | undefined;
  /** 0: any free one. */
  readonly port: number;
  /** Others listen on the same port, and the system spreads the senders over them. */
  readonly shared?: boolean;
}

/**
 * What is asked for; the system may give less. Half a second of the fastest sender that was
 * measured.
 */
export const RECEIVE_BUFFER_BYTES: number = 64 * 1024 * 1024;
