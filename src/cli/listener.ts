/** The contract of a bound UDP socket, whichever way it is read. */

/** The functions that a listener calls. */
export interface ListenerEvents {
  /** A datagram has come. `payload` is a view that is valid only until the call returns. */
  datagram(payload: Uint8Array, address: string, port: number): void;
  /** All datagrams that were there have been handed on. */
  pause(): void;
}

/** A bound UDP socket. */
export interface Listener {
  /** The address it is bound to, as text. */
  readonly address: string;
  /** The UDP port it is bound to, also if any free one was asked for. */
  readonly port: number;
  /** How many bytes of unread datagrams the system keeps. */
  readonly bufferBytes: number;
  /** Begins to read. */
  start(events: ListenerEvents): void;
  /**
   * Ends the listening: new datagrams are not taken any more, and those that wait are read.
   * Resolves to true when all are read, and to false if the system could not turn new ones away
   * and they came faster than they were read for `DRAIN_MS`.
   */
  drain(): Promise<boolean>;
  /** Sends a datagram; `failed` is called if it could not be. */
  send(payload: Uint8Array, address: string, port: number, failed: () => void): void;
  /**
   * Counts the datagrams that the system has dropped since the socket was bound, because its buffer
   * was full. Returns undefined where the system does not tell.
   */
  drops(): number | undefined;
  /**
   * Counts the datagrams that came after `drain` was called and were not taken; `drops` does not
   * count them. Returns undefined where the system does not tell.
   */
  late(): number | undefined;
  /** Closes the socket at once, without reading what waits. */
  close(): void;
}

/** Milliseconds for which `drain` reads at most, where new datagrams cannot be turned away. */
export const DRAIN_MS = 1000;

/** Where to listen. */
export interface ListenOptions {
  /** The address to bind to. Default: every address, IPv6 and IPv4. */
  readonly host?: string | undefined;
  /** The UDP port; 0 takes any free one. */
  readonly port: number;
  /** Lets other sockets listen on the same port; the system spreads the senders over them. */
  readonly shared?: boolean;
}

/**
 * The receive buffer that is asked for; the system may give less. It holds what the fastest sender
 * that was measured sends in half a second.
 */
export const RECEIVE_BUFFER_BYTES: number = 64 * 1024 * 1024;
