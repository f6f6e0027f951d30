/** Machines that crash: an oops, and a panic that cuts a message off. Forms: x86-64, 4.2 to 7.x. */
import {
  headerLines,
  line,
  lines,
  modulesLine,
  registerLines,
  SYSCALL_FRAMES,
  traceLines,
  versionOf,
} from './registers.js';
import type { MachineFacts, Message } from './step.js';
import { type Scene, type Workload, workload } from './workload.js';

const PATHS = [
  [{ fn: 'klab_poll', module: 'klab' }, { fn: '__napi_poll' }, { fn: 'net_rx_action' }, { fn: 'handle_softirqs' }],
  [
    { fn: 'dentry_kill' },
    { fn: 'dput' },
    { fn: '__fput' },
    { fn: 'task_work_run' },
    { fn: 'exit_to_user_mode_prepare' },
  ],
  [{ fn: 'ext4_map_blocks', module: 'ext4' }, { fn: 'ext4_writepages', module: 'ext4' }, { fn: 'do_writepages' }],
  [{ fn: 'kfree' }, { fn: 'skb_release_data' }, { fn: 'consume_skb' }, { fn: 'netlink_unicast' }],
] as const;

function nullPointer(machine: MachineFacts, address: string): string[] {
  // Until 5.0 there is one line; afterwards it says less, and two more lines say the rest.
  if (versionOf(machine.release) < 5.01) {
    return [`BUG: unable to handle kernel NULL pointer dereference at ${address}`, `PGD 0 P4D 0 `];
  }
  return [
    `BUG: kernel NULL pointer dereference, address: ${address}`,
    '#PF: supervisor read access in kernel mode',
    '#PF: error_code(0x0000) - not-present page',
    'PGD 0 P4D 0 ',
  ];
}

function oopsTrace(scene: Scene, comm: string, number: number): Message[] {
  const { draw, machine } = scene;
  const path = draw.pick(PATHS);
  const address = `00000000000000${draw.hex(2)}`;
  const running = { cpu: draw.int(0, machine.cpus - 1), pid: draw.int(300, 32767), comm };
  const preempt = versionOf(machine.release) >= 6.13 ? 'SMP NOPTI' : 'PREEMPT SMP NOPTI';
  return [
    ...lines(1, nullPointer(machine, address)),
    ...lines(4, [
      `Oops: 0000 [#${number}] ${preempt}`,
      ...headerLines(machine, running, number > 1 ? 'G      D            ' : ''),
      ...registerLines(draw, path[0], address),
      ...traceLines(draw, machine, [...path, ...SYSCALL_FRAMES]),
      modulesLine(),
      `CR2: ${address}`,
      '---[ end trace 0000000000000000 ]---',
    ]),
  ];
}

/** The kernel follows a null pointer, in a driver, a file system or the network. */
export const oops: Workload<{
  readonly comm: { readonly default: 'kworker/1:2'; readonly about: string };
  readonly number: { readonly default: 1; readonly min: number; readonly about: string };
}> = workload({
  id: 'oops',
  about: 'a null pointer is followed: registers, code and call trace; the machine goes on',
  parameters: {
    comm: { default: 'kworker/1:2', about: 'the process that ran' },
    number: { default: 1, min: 1, about: 'how many oopses the machine has had, this one included' },
  },
  *steps(scene, { comm, number }) {
    yield { does: 'oops', lines: oopsTrace(scene, comm, number) };
  },
});

/** The kernel panics while a driver has begun a line. */
export const panic: Workload<{
  readonly rebootAfter: { readonly default: 0; readonly max: number; readonly about: string };
}> = workload({
  id: 'panic',
  about: 'a line is begun, and before it ends the kernel panics; with rebootAfter the machine comes back',
  parameters: {
    rebootAfter: { default: 0, max: 86_400, about: 'seconds until the machine has booted again; 0: it stays dead' },
  },
  *steps(scene, { rebootAfter }) {
    const { draw, machine } = scene;
    const fatal = draw.pick([
      'Fatal exception in interrupt',
      'Attempted to kill init! exitcode=0x0000000b',
      'hung_task: blocked tasks',
    ]);
    yield { level: 6, text: `ata${draw.int(1, 6)}.00: configured for `, unfinished: true };
    const running = { cpu: draw.int(0, machine.cpus - 1), pid: 1, comm: 'systemd' };
    yield {
      does: 'panic',
      afterUsec: 120,
      message: fatal,
      lines: lines(0, [
        ...headerLines(machine, running),
        ...traceLines(draw, machine, [{ fn: 'dump_stack_lvl' }, { fn: 'panic' }, { fn: 'do_exit' }, ...SYSCALL_FRAMES]),
        `Kernel Offset: 0x${draw.hex(8)} from 0xffffffff81000000 (relocation range: 0xffffffff80000000-0xffffffffbfffffff)`,
      ]),
    };
    if (rebootAfter > 0) yield { does: 'reboot', downUsec: rebootAfter * 1e6 };
  },
});

/** The machine is restarted in good order. */
export const reboot: Workload<{
  readonly downSeconds: { readonly default: 20; readonly max: number; readonly about: string };
}> = workload({
  id: 'reboot',
  about: 'the machine is restarted in good order, and begins with an empty log and seq 0',
  parameters: { downSeconds: { default: 20, max: 86_400, about: 'seconds until the kernel logs again' } },
  *steps({ machine }, { downSeconds }) {
    yield line(5, 'systemd-shutdown[1]: Syncing filesystems and block devices.');
    yield line(5, 'systemd-shutdown[1]: Sending SIGTERM to remaining processes...', 21_000);
    yield line(5, `sd 0:0:0:0: [${machine.disk}] Synchronizing SCSI cache`, 310_000);
    yield line(6, 'reboot: Restarting system', 42_000);
    yield { does: 'reboot', afterUsec: 1000, downUsec: downSeconds * 1e6 };
  },
});
