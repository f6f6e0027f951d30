/**
 * Prints and parses MAC and IP addresses.
 *
 * The `format` functions print as the kernel does (`%pM`, `%pI4`, `%pI6c`). The `parse` functions
 * are strict, for command lines and tests; the kernel's own, laxer parsers for configfs and the
 * boot option are elsewhere. An address is 6, 4 or 16 plain bytes in network order. Parsers return
 * new memory, or undefined.
 */

/** Returns `52:54:00:00:00:01` for the 6 bytes at `at`. */
export function formatMac(bytes: Uint8Array, at = 0): string {
  let text = '';
  for (let i = 0; i < 6; i++) text += (i > 0 ? ':' : '') + bytes[at + i]!.toString(16).padStart(2, '0');
  return text;
}

/** Returns `192.0.2.1` for the 4 bytes at `at`. */
export function formatIpv4(bytes: Uint8Array, at = 0): string {
  return `${bytes[at]}.${bytes[at + 1]}.${bytes[at + 2]}.${bytes[at + 3]}`;
}

/**
 * Returns `fd00::1` for the 16 bytes at `at`, as RFC 5952 section 4 demands, but with a dotted quad
 * at the end of IPv4-mapped and ISATAP addresses. Linux: lib/vsprintf.c ip6_compressed_string()
 */
export function formatIpv6(bytes: Uint8Array, at = 0): string {
  const groups: number[] = [];
  for (let i = 0; i < 16; i += 2) groups.push((bytes[at + i]! << 8) | bytes[at + i + 1]!);
  const mapped = groups[5] === 0xffff && groups.slice(0, 5).every((group) => group === 0);
  // RFC 5214 section 6.1: interface identifiers 0000:5efe and, globally unique, 0200:5efe.
  const isatap = (groups[4]! & ~0x0200) === 0 && groups[5] === 0x5efe;
  const quad = mapped || isatap;
  const shown = quad ? groups.slice(0, 6) : groups;

  let runAt = -1;
  let runLength = 1;
  for (let i = 0; i < shown.length; i++) {
    let end = i;
    while (end < shown.length && shown[end] === 0) end++;
    if (end - i > runLength) {
      runAt = i;
      runLength = end - i;
    }
  }
  const hex = (part: number[]) => part.map((group) => group.toString(16)).join(':');
  const text = runAt < 0 ? hex(shown) : `${hex(shown.slice(0, runAt))}::${hex(shown.slice(runAt + runLength))}`;
  if (!quad) return text;
  return `${text}:${formatIpv4(bytes, at + 12)}`;
}

/** Prints an address of 4 or 16 bytes, of which the length tells the version. */
export function formatIp(bytes: Uint8Array): string {
  return bytes.length === 4 ? formatIpv4(bytes) : formatIpv6(bytes);
}

/** Parses six pairs of hex digits with colons between them, and nothing else. */
export function parseMac(text: string): Uint8Array | undefined {
  if (!/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(text)) return undefined;
  return Uint8Array.from(text.split(':'), (pair) => Number.parseInt(pair, 16));
}

/** Parses four decimal parts up to 255, without leading zeros. */
function parseQuad(text: string): Uint8Array | undefined {
  if (!/^(0|[1-9]\d{0,2})(\.(0|[1-9]\d{0,2})){3}$/.test(text)) return undefined;
  const parts = text.split('.').map(Number);
  return parts.every((part) => part <= 255) ? Uint8Array.from(parts) : undefined;
}

/** Parses all three forms of RFC 4291 section 2.2; a zone is refused. */
function parseGroups(text: string): Uint8Array | undefined {
  // The longest form has eight groups of four digits, the last two as a dotted quad of 15.
  if (text.length > 45) return undefined;
  const halves = withoutQuad(text)?.split('::') ?? [];
  if (halves.length === 0 || halves.length > 2) return undefined;
  const front = groupBytes(halves[0]!);
  const back = halves.length === 2 ? groupBytes(halves[1]!) : [];
  if (front === undefined || back === undefined) return undefined;
  const total = front.length + back.length;
  if (halves.length === 1 ? total !== 16 : total > 14) return undefined;
  const bytes = new Uint8Array(16);
  bytes.set(front, 0);
  bytes.set(back, 16 - back.length);
  return bytes;
}

/** Parses an address of either version; the length of the result, 4 or 16, tells which. */
export function parseIp(text: string): Uint8Array | undefined {
  return text.includes(':') ? parseGroups(text) : parseQuad(text);
}

/** Replaces a dotted quad at the end by two groups; returns undefined if that is not a quad. */
function withoutQuad(text: string): string | undefined {
  const at = text.lastIndexOf(':') + 1;
  if (!text.includes('.', at)) return text;
  const quad = parseQuad(text.slice(at));
  if (quad === undefined) return undefined;
  const [a, b, c, d] = quad as unknown as [number, number, number, number];
  return `${text.slice(0, at)}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
}

function groupBytes(text: string): number[] | undefined {
  if (text === '') return [];
  const bytes: number[] = [];
  for (const group of text.split(':')) {
    if (!/^[0-9a-f]{1,4}$/i.test(group)) return undefined;
    const value = Number.parseInt(group, 16);
    bytes.push(value >> 8, value & 0xff);
  }
  return bytes;
}
