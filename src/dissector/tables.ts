/** Writes the constants that the dissector shares with wire/ as Lua tables. */

import { RELIABLE_DIALECTS } from '../wire/dialects.js';
import { JOINER_LIMITS } from '../wire/joiner.js';
import { MAX_RESPONSE_BYTES, NETCONSOLE_PORTS, SERVICES, SYSLOG_PORT } from '../wire/message.js';
import { NETCONSOLE2001, NETCONSOLE2001_MAX_TEXT, NETCONSOLE2001_VERSION } from '../wire/netconsole2001.js';
import { NETDUMP, NETDUMP_REPLY, NETDUMP_VERSION } from '../wire/netdump.js';
import * as netoops from '../wire/netoops.js';
import { HEADER_MAX_BYTES, LEVEL_NAMES, PRIO_MAX, RELEASE_MAX_BYTES, REPLAY_NOTICE } from '../wire/record.js';
import { latin1Text } from '../wire/text.js';

type LuaValue = string | number | readonly LuaValue[] | { readonly [key: string]: LuaValue };

/** Writes a value as a Lua expression. */
function lua(value: LuaValue): string {
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return JSON.stringify(value);
  if (Array.isArray(value)) return `{ ${value.map(lua).join(', ')} }`;
  const entries = Object.entries(value).map(([key, item]) => {
    const name = /^\d+$/.test(key)
      ? `[${key}]`
      : /^[a-zA-Z_]\w*$/.test(key) && key !== 'local'
        ? key
        : `[${JSON.stringify(key)}]`;
    return `${name} = ${lua(item as LuaValue)}`;
  });
  return `{ ${entries.join(', ')} }`;
}

/** Returns the part of the script that defines the tables, each as a local variable. */
export function luaTables(): string {
  const emergencyKeys = RELIABLE_DIALECTS.map(({ emergencyKey }) => [emergencyKey, emergencyKey] as const);
  const prefixes = RELIABLE_DIALECTS.map(({ responsePrefix, name }) => [responsePrefix, name] as const);
  const tables: readonly (readonly [name: string, value: LuaValue])[] = [
    ['PORTS', NETCONSOLE_PORTS],
    ['SERVICES', SERVICES],
    ['SYSLOG_PORT', SYSLOG_PORT],
    ['HEADER_MAX_BYTES', HEADER_MAX_BYTES],
    ['RELEASE_MAX_BYTES', RELEASE_MAX_BYTES],
    ['PRIO_MAX', PRIO_MAX],
    ['REPLAY_NOTICE', latin1Text(REPLAY_NOTICE)],
    ['LEVELS', Object.fromEntries(LEVEL_NAMES.map((name, level) => [level, name]))],
    ['EMERGENCY_KEYS', Object.fromEntries(emergencyKeys)],
    ['RESPONSE_DIALECTS', Object.fromEntries(prefixes)],
    ['MAX_RESPONSE_BYTES', MAX_RESPONSE_BYTES],
    ['NETDUMP', { ...NETDUMP, wireVersion: NETDUMP_VERSION }],
    ['NETDUMP_REPLY', Object.fromEntries(NETDUMP_REPLY.map((name, code) => [code, name]))],
    ['NETCONSOLE2001', { ...NETCONSOLE2001, wireVersion: NETCONSOLE2001_VERSION, maxText: NETCONSOLE2001_MAX_TEXT }],
    [
      'NETOOPS',
      {
        ...netoops.NETOOPS,
        wireVersion: netoops.NETOOPS_VERSION,
        wireArch: netoops.NETOOPS_ARCH,
        hard: netoops.NETOOPS_TYPE_PRINTK_BUFFER,
        soft: netoops.NETOOPS_TYPE_PRINTK_BUFFER_SOFT,
        dataBytes: netoops.NETOOPS_DATA_BYTES,
      },
    ],
    ['JOINER', JOINER_LIMITS],
  ];
  return tables.map(([name, value]) => `local ${name} = ${lua(value)}`).join('\n');
}
