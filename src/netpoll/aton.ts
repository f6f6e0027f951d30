/**
 * Reads an IPv4 address the way the kernel does where it checks nothing. Linux: net/core/utils.c
 * in_aton().
 */

/**
 * Reads any text: each character counts as its distance from `0`, and missing parts are 0. Returns
 * 4 bytes.
 */
export function inAton(text: string): Uint8Array {
  let all = 0;
  let at = 0;
  for (let part = 0; part < 4; part++) {
    all = (all << 8) >>> 0;
    if (at >= text.length) continue;
    let value = 0;
    for (; at < text.length && text[at] !== '.' && text[at] !== '\n'; at++) {
      const code = text.charCodeAt(at);
      value = (Math.imul(value, 10) + (code > 127 ? code - 256 : code) - 48) >>> 0;
    }
    all = (all | value) >>> 0;
    at++;
  }
  return Uint8Array.of(all >>> 24, (all >>> 16) & 255, (all >>> 8) & 255, all & 255);
}
