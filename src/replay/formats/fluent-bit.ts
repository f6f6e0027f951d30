/**
 * Reads a line of Fluent Bit's standard output: a number, a tag, a time and the members, in the
 * form that MessagePack's C library prints. Strings are printed as they are: quotes are not
 * escaped.
 *
 *   [0] kmsg: [[1700000000.123456789, {}], {"log"=>"[    1.250000] usb "1-1": new"}]
 *   [1] kmsg: [1700000000.123456789, {"priority"=>6, "sec"=>1, "usec"=>250000, "msg"=>"text"}]
 */

const LINE = /^\[\d+\] [^ ]+: \[(?:\[\d+\.\d+, \{.*?\}\]|\d+\.\d+), \{(.*)\}\]$/s;
const KEY = /(?:^|, )"([\w.@/-]+)"=>/g;

/** Says whether a line is one of Fluent Bit's. */
export function isFluent(line: string): boolean {
  return line.startsWith('[') && LINE.test(line);
}

/** Returns the members of such a line, or `undefined` for any other line. */
export function fluentMembers(line: string): Readonly<Record<string, unknown>> | undefined {
  const inside = line.startsWith('[') ? LINE.exec(line)?.[1] : undefined;
  if (inside === undefined) return undefined;
  const keys = [...inside.matchAll(KEY)];
  const members = keys.map((key, i) => {
    const value = inside.slice(key.index + key[0].length, keys[i + 1]?.index);
    return [key[1]!, /^".*"$/s.test(value) ? value.slice(1, -1) : Number(value)] as const;
  });
  return Object.fromEntries(members);
}
