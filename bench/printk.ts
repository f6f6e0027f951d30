/**
 * Makes the rows about printk: records go through the whole emulated kernel, to a finished frame
 * and onto the wire, and the same in C.
 */
import { ALL_SIZES, type Row } from './measure.js';
import { buildC, hasModule, typescript } from './transport.js';
import { SENDER } from './veth.js';

/** How many records `replay` logs before it lets the console flush. */
const LONG_FLUSH = 256;

function wire(name: string, spec: string, kind = 'extended', more: Partial<Row> = {}): Row {
  return {
    name: `printk-to-wire ${name}`,
    argv: ({ frameBytes, seconds }) => typescript('senders/printk.ts', spec, String(frameBytes), String(seconds), kind),
    ...more,
  };
}

/** Makes a row with long flushes, which suit `xdp`: it makes one system call for each. */
function longFlushes(name: string, spec: string): Row {
  const args = (frameBytes: number, seconds: number) => [spec, String(frameBytes), String(seconds), 'extended'];
  return {
    name: `printk-to-wire ${name}`,
    argv: ({ frameBytes, seconds }) =>
      typescript('senders/printk.ts', ...args(frameBytes, seconds), String(LONG_FLUSH)),
    sizes: ALL_SIZES,
  };
}

/**
 * Returns a row for each transport; for the fastest also one for each kind of record, and one with
 * a worker on each core.
 */
export function wireRows(): Row[] {
  const tx = SENDER.name;
  const xdp = `af-xdp:${tx}`;
  const packet = `af-packet:${tx}`;
  return [
    longFlushes('xdp', `xdp:${tx}`),
    wire('xdp, 64 a flush', `xdp:${tx}`),
    { ...longFlushes('xdp overlap', `xdp:${tx}:overlap`), workers: true },
    wire('af-xdp', xdp, 'extended', { sizes: ALL_SIZES }),
    longFlushes('af-xdp, 256 a flush', xdp),
    wire('af-packet', packet, 'extended', { sizes: ALL_SIZES }),
    wire('libpcap', `libpcap:${tx}`),
    wire('cap', `cap:${tx}`, 'extended', { problem: hasModule('cap') }),
    wire('raw-socket', 'raw-socket', 'extended', { problem: hasModule('raw-socket') }),
    wire('udp', 'udp'),
    // A file that takes everything: no peer counts the frames, and no disk is measured.
    wire('pcap', 'pcap:/dev/null', 'extended', { pure: true }),
    wire('af-xdp plain', xdp, 'plain'),
    wire('af-xdp userdata', xdp, 'userdata'),
    wire('af-xdp IPv6', xdp, 'ipv6'),
    wire('af-xdp strings', xdp, 'strings'),
    wire('af-xdp 2 workers', `${xdp}:0,${xdp}:1`, 'extended', { workers: true }),
    wire('af-packet 2 workers', `${packet},${packet}`, 'extended', { workers: true }),
  ];
}

/**
 * Returns the rows that send nothing: their device frees the slot and does nothing else; and the
 * same work in C.
 */
export function pureRows(): Row[] {
  const built = buildC('printk');
  const ours = (kind: string): Row => ({
    name: kind === 'extended' ? 'printk-to-frame' : `printk-to-frame ${kind}`,
    argv: ({ frameBytes, seconds }) =>
      typescript('senders/printk.ts', 'frame', String(frameBytes), String(seconds), kind),
    pure: true,
    sizes: kind === 'extended' ? ALL_SIZES : [200, 1042],
  });
  return [
    ours('extended'),
    ours('strings'),
    {
      name: 'C printk-to-frame',
      argv: ({ frameBytes, seconds }) => ['path' in built ? built.path : '', String(frameBytes), String(seconds)],
      problem: 'problem' in built ? built.problem : undefined,
      pure: true,
      sizes: ALL_SIZES,
    },
  ];
}
