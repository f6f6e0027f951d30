/**
 * printk before 3.4 gave consoles a log line by line, each with its own level: a message of two
 * lines is two writes, and so two datagrams. Today's printk gives them the whole record.
 */

/**
 * Finds the lines of `[start, end)`, each with its newline; text behind the last newline is a line
 * too.
 */
export function lines(bytes: Uint8Array, start: number, end: number): [from: number, to: number][] {
  const found: [number, number][] = [];
  for (let from = start; from < end; ) {
    const newline = bytes.subarray(from, end).indexOf(0x0a);
    const to = newline < 0 ? end : from + newline + 1;
    found.push([from, to]);
    from = to;
  }
  return found;
}
