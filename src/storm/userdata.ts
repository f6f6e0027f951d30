/** Userdata of a group: templates that each host fills with its own names. */
import { wrongPlan } from './addresses.js';
import type { Group } from './plan.js';

const PLACEHOLDERS = ['name', 'group', 'ip'] as const;
/** What configfs takes. Linux: MAX_EXTRADATA_NAME_LEN, MAX_EXTRADATA_VALUE_LEN, with its NUL. */
const KEY_MAX = 53;
const VALUE_MAX = 199;
const LONGEST_IP = '255.255.255.255'.length;

/** Throws EINVAL for keys and values that no kernel takes, and for unknown placeholders. */
export function checkUserdata({ name, hosts, userdata = {} }: Group): void {
  const longest = 'x'.repeat(Math.max(`${name}-${hosts - 1}`.length, LONGEST_IP));
  for (const [key, value] of Object.entries(userdata)) {
    const place = `group ${name}: userdata ${JSON.stringify(key)}`;
    if (!/^[^/\s\p{Cc}]+$/u.test(key) || key === '.' || key === '..') {
      throw wrongPlan(`${place}: a key is the name of a folder: it has no "/" and no blank`);
    }
    if (key.length > KEY_MAX) throw wrongPlan(`${place} has ${key.length} characters: ${KEY_MAX} at most`);
    if (/\p{Cc}/u.test(value)) throw wrongPlan(`${place}: the value has a control character or more than a line`);
    const strange = [...value.matchAll(/\{(\w+)\}/g)].find(
      ([, word]) => !(PLACEHOLDERS as readonly string[]).includes(word!),
    );
    if (strange !== undefined) throw wrongPlan(`${place}: ${strange[0]} is none of {${PLACEHOLDERS.join('}, {')}}`);
    const bytes = Buffer.byteLength(value.replace(PLACEHOLDER, longest));
    if (bytes > VALUE_MAX) throw wrongPlan(`${place}: the value may become ${bytes} bytes long: ${VALUE_MAX} at most`);
  }
}

const PLACEHOLDER = new RegExp(`\\{(${PLACEHOLDERS.join('|')})\\}`, 'g');

interface Names {
  readonly name: string;
  readonly ip: string;
  readonly group: { readonly name: string };
}

/** Returns the template with `{name}`, `{group}` and `{ip}` replaced by the host's. */
export function filled(template: string, { name, group, ip }: Names): string {
  return template.replace(PLACEHOLDER, (_, key: string) => ({ name, group: group.name, ip })[key]!);
}
