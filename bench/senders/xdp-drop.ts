/**
 * Drops all that an interface receives, by an XDP program in its driver, until it is killed:
 * `xdp-drop.ts INTERFACE`.
 */
import { Bpf, PROG_XDP, XDP_FLAGS_DRV_MODE } from '../../src/transport/bpf.js';
import { assemble, exit, move, R0 } from '../../src/transport/bpf-assembler.js';
import { usableInterface } from '../../src/transport/interface.js';
import { loadNative } from '../../src/transport/native.js';

const XDP_DROP = 1;
const [name] = process.argv.slice(2) as [string];
const bpf = new Bpf(await loadNative('xdp-drop'), 'xdp-drop');
const { index } = await usableInterface(name, 'xdp-drop');
const program = bpf.loadProgram(PROG_XDP, 'drop', assemble([move(R0, XDP_DROP), exit()]));
bpf.attachXdp(program, index, XDP_FLAGS_DRV_MODE);
process.stdout.write('attached\n');
setInterval(() => undefined, 1 << 30);
