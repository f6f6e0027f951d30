/**
 * The Wireshark dissector: `dissectorLua` makes a Lua script that reads netconsole's datagrams as
 * `decode` does.
 *
 * ```text
 *   wire/ tables (ports, services, codes, layouts) -> tables.ts -> Lua tables  \
 *   grammar.ts    numbers, UTF-8, the extended record                           \  one script
 *   datagrams.ts  netoops, netdump, netconsole of 2001, responses; which is it  /
 *   join.ts       fragments of records, gaps, copies                           /
 *   tree.ts       fields, columns, expert information                          /
 *   register.ts   ports, heuristic, preferences                               /
 * ```
 *
 * Wireshark reassembles fragments for its own dissectors, but does not offer that interface
 * (`epan/reassemble.h`) to Lua. So the script itself joins records, by the rules of
 * `FragmentJoiner`, and shows them in a tab of their own; it forgets all fragments when a capture
 * is closed.
 *
 * The script runs in Lua 5.1 to 5.4 and uses no library, because Wireshark 4.4 changed both the
 * version of Lua and its bit operations.
 */
import { LUA_DATAGRAMS } from './datagrams.js';
import { LUA_GRAMMAR } from './grammar.js';
import { LUA_JOIN } from './join.js';
import { LUA_REGISTER } from './register.js';
import { luaTables } from './tables.js';
import { LUA_TREE } from './tree.js';

const HEAD = `-- Wireshark dissector for Linux netconsole: plain, extended and reliable targets, and the systems before it.
-- Made by \`netconsole-emulator dissector\`. Put it into Wireshark's folder of personal Lua plugins (Help, About, Folders), or:
--   tshark -X lua_script:netconsole.lua -r capture.pcap -Y netconsole
`;

/** Returns the script. One version of this package always gives the same script. */
export function dissectorLua(): string {
  return [HEAD, luaTables(), LUA_GRAMMAR, LUA_DATAGRAMS, LUA_JOIN, LUA_TREE, LUA_REGISTER]
    .map((part) => part.trim())
    .join('\n\n')
    .concat('\n');
}
