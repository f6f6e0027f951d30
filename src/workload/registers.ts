/**
 * What an oops, a warning or a stall of x86-64 shows of a processor: the header, registers, code,
 * call trace and modules.
 */

import type { LogLevel } from '../printk/record.js';
import type { Draw } from './draw.js';
import type { MachineFacts, Message } from './step.js';

/** A function in a trace, and the module that it is in. */
export interface Frame {
  /** The name of the function. */
  readonly fn: string;
  /** The module that the function is in; absent for the kernel itself. */
  readonly module?: string;
  /** Whether it was only found on the stack, and may not belong to this call chain. */
  readonly unsure?: boolean;
}

/** The process that was running. */
export interface Running {
  /** The number of the processor, from 0. */
  readonly cpu: number;
  /** The number of the process. */
  readonly pid: number;
  /** The name of the process, as the kernel has it. */
  readonly comm: string;
}

/** Returns a number that orders releases: major version and hundredths, 6.12 for `6.12.0`. */
export function versionOf(release: string): number {
  const m = /^(\d+)\.(\d+)/.exec(release);
  return m === null ? 6.1 : Number(m[1]) + Number(m[2]) / 100;
}

/** Makes a message; `afterUsec` is the pause before it, in microseconds. */
export function line(level: LogLevel, text: string, afterUsec = 0): Message {
  return { level, text, afterUsec };
}

/** The pause between two lines of a trace, in microseconds: no serial line holds them up. */
const LINE_USEC = 14;

/** Makes messages of one level, with that pause before each. */
export function lines(level: LogLevel, texts: readonly string[]): Message[] {
  return texts.map((text) => line(level, text, LINE_USEC));
}

/** Returns `CPU: 1 PID: 2144 Comm: stress Tainted: ...`, and the line of the machine's name. */
export function headerLines(machine: MachineFacts, { cpu, pid, comm }: Running, tainted = ''): string[] {
  const uid = versionOf(machine.release) >= 6.12 ? ' UID: 0' : '';
  const taint = tainted === '' ? 'Not tainted' : `Tainted: ${tainted}`;
  return [
    `CPU: ${cpu}${uid} PID: ${pid} Comm: ${comm} ${taint} ${machine.release} #1`,
    'Hardware name: QEMU Standard PC (Q35 + ICH9, 2009), BIOS 1.16.2 04/01/2014',
  ];
}

/** Returns RIP, code and the general registers; with `faultAddress`, the control registers, too. */
export function registerLines(draw: Draw, top: Frame, faultAddress?: string): string[] {
  const at = symbol(draw, top);
  const r = () => draw.hex(16);
  const kernelSpace = () => `ffff${draw.hex(12)}`;
  const code = Array.from({ length: 43 }, (_, i) => (i === 21 ? `<${draw.hex(2)}>` : draw.hex(2))).join(' ');
  return [
    `RIP: 0010:${at}`,
    `Code: ${code}`,
    `RSP: 0018:${kernelSpace()} EFLAGS: 00010246`,
    `RAX: 0000000000000000 RBX: ${kernelSpace()} RCX: ${r()}`,
    `RDX: 0000000000000001 RSI: ${kernelSpace()} RDI: ${kernelSpace()}`,
    `RBP: ${kernelSpace()} R08: ${r()} R09: ${kernelSpace()}`,
    `R10: ${kernelSpace()} R11: ${r()} R12: ${kernelSpace()}`,
    `R13: ${kernelSpace()} R14: ${kernelSpace()} R15: 0000000000000000`,
    `FS:  00007f${draw.hex(10)}(0000) GS:${kernelSpace()}(0000) knlGS:0000000000000000`,
    'CS:  0010 DS: 0000 ES: 0000 CR0: 0000000080050033',
    `CR2: ${faultAddress ?? `00007f${draw.hex(10)}`} CR3: 0000000${draw.hex(9)} CR4: 00000000003706e0`,
  ];
}

/** Returns `Call Trace:` and its lines; since 5.16 they stand between task marks. */
export function traceLines(draw: Draw, machine: MachineFacts, frames: readonly Frame[]): string[] {
  const marks = versionOf(machine.release) >= 5.16;
  const chain = frames.map((frame) => ` ${frame.unsure ? '? ' : ''}${symbol(draw, frame)}`);
  return ['Call Trace:', ...(marks ? [' <TASK>'] : []), ...chain, ...(marks ? [' </TASK>'] : [])];
}

/** The modules that the machine has loaded. */
export const MODULES: readonly string[] = [
  'nf_conntrack',
  'nf_defrag_ipv6',
  'nf_defrag_ipv4',
  'xt_MASQUERADE',
  'overlay',
  'br_netfilter',
  'bridge',
  'stp',
  'llc',
  'intel_rapl_msr',
  'kvm_intel',
  'kvm',
  'irqbypass',
  'ghash_clmulni_intel',
  'aesni_intel',
  'netconsole',
  'configfs',
  'ext4',
  'crc16',
  'mbcache',
  'jbd2',
  'sd_mod',
  'virtio_net',
  'net_failover',
  'failover',
  'ahci',
  'libahci',
  'libata',
  'scsi_mod',
];

/** Returns the line of loaded modules; `extra` is one from outside the kernel's tree. */
export function modulesLine(extra?: string): string {
  return `Modules linked in: ${extra === undefined ? '' : `${extra}(OE) `}${MODULES.join(' ')}`;
}

/** The frames in which the trace of a system call ends. */
export const SYSCALL_FRAMES: readonly Frame[] = [{ fn: 'do_syscall_64' }, { fn: 'entry_SYSCALL_64_after_hwframe' }];

function symbol(draw: Draw, { fn, module }: Frame): string {
  const size = draw.int(4, 120) * 16;
  return `${fn}+0x${draw.int(1, size - 1).toString(16)}/0x${size.toString(16)}${module === undefined ? '' : ` [${module}]`}`;
}
