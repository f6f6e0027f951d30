/**
 * Error numbers, as the kernel has them, and the one error class of the core.
 *
 * `KernelError` is thrown where a caller can observe the problem and fix it: for a malformed
 * option, an unknown device, an attribute of an enabled target. The data path never throws: it
 * returns a status and counts. `code` is stable API, `message` is for people.
 *
 * Numbers: Linux: include/uapi/asm-generic/errno-base.h, errno.h; ENOTSUPP is the kernel's own
 * (include/linux/errno.h), is not EOPNOTSUPP, and no C library has a name for it.
 */
export const ERRNO = {
  EPERM: 1,
  ENOENT: 2,
  EIO: 5,
  ENXIO: 6,
  E2BIG: 7,
  EBADF: 9,
  EAGAIN: 11,
  ENOMEM: 12,
  EACCES: 13,
  EFAULT: 14,
  EBUSY: 16,
  EEXIST: 17,
  ENODEV: 19,
  ENOTDIR: 20,
  EISDIR: 21,
  EINVAL: 22,
  ENOSPC: 28,
  ESPIPE: 29,
  EPIPE: 32,
  ERANGE: 34,
  ENAMETOOLONG: 36,
  ENOSYS: 38,
  ENOTEMPTY: 39,
  EDESTADDRREQ: 89,
  EMSGSIZE: 90,
  EOPNOTSUPP: 95,
  EADDRNOTAVAIL: 99,
  ENETDOWN: 100,
  ENOBUFS: 105,
  ENOTSUPP: 524,
} as const;

/** The kernel's name of an error number. */
export type Errno = keyof typeof ERRNO;

/** Returns the code of an error that the system threw, if it is a name in `ERRNO`; else EIO. */
export function codeOf(error: unknown): Errno {
  const { code = '' } = error as { readonly code?: string };
  return code in ERRNO ? (code as Errno) : 'EIO';
}

const CONTROLS = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/g;
/** A word of a message with more characters is a value that nobody reads to its end. */
const WORD_MAX = 1024;
/** A message with more characters than this loses its middle. */
const MESSAGE_MAX = 8192;
/** How many characters stay on each side of the part that is cut out. */
const KEPT = 256;

/**
 * Shortens a message for people: a value that is too long to be read loses its middle, in place of
 * which stands how much was cut. Control characters, which a path may have, become escapes, so that
 * none of them reaches a terminal.
 */
export function shortened(given: string): string {
  const message = given.replace(CONTROLS, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`);
  if (message.length <= WORD_MAX) return message;
  const text = message.replace(/\S+/g, (word) => (word.length > WORD_MAX ? withoutMiddle(word, KEPT) : word));
  return text.length > MESSAGE_MAX ? withoutMiddle(text, MESSAGE_MAX >> 2) : text;
}

function withoutMiddle(text: string, kept: number): string {
  return `${text.slice(0, kept)}...(${text.length - 2 * kept} more characters)...${text.slice(-kept)}`;
}

/** An error that a caller can observe and handle; `message` is shortened. */
export class KernelError extends Error {
  /** The kernel's name of the error; stable. */
  readonly code: Errno;
  /** The operation that failed, in the kernel's words: "netpoll_setup". */
  readonly op: string;

  constructor(code: Errno, op: string, message: string, options?: { readonly cause?: unknown }) {
    super(shortened(message), options);
    this.name = 'KernelError';
    this.code = code;
    this.op = op;
  }

  /** The positive error number. */
  get errno(): number {
    return ERRNO[this.code];
  }
}

/**
 * Makes the error EINVAL of an operation `op` that was asked for something senseless; `message`
 * explains what.
 */
export function invalid(op: string, message: string): KernelError {
  return new KernelError('EINVAL', op, message);
}
