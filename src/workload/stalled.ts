/**
 * Machines that get stuck: a soft lockup, a hung task, an RCU stall. Forms: x86-64, 4.2 to 7.x.
 */
import { headerLines, lines, modulesLine, registerLines, SYSCALL_FRAMES, traceLines, versionOf } from './registers.js';
import { type Count, type Parameter, type Workload, workload } from './workload.js';

/** A processor does not leave the kernel, and the watchdog reports it, perhaps several times. */
export const softLockup: Workload<{
  readonly seconds: Count<22>;
  readonly reports: Count<1>;
  readonly comm: Parameter<'stress'>;
}> = workload({
  id: 'soft-lockup',
  about: 'a processor does not leave the kernel, and the watchdog reports it',
  parameters: {
    seconds: { default: 22, min: 1, max: 3600, about: 'how long the processor was stuck at the first report' },
    reports: { default: 1, min: 1, max: 100, about: 'how many reports there are, each as long after the one before' },
    comm: { default: 'stress', about: 'the process that is stuck' },
  },
  *steps({ draw, machine }, { seconds, reports, comm }) {
    const running = { cpu: draw.int(0, machine.cpus - 1), pid: draw.int(300, 32767), comm };
    const top = { fn: 'smp_call_function_many_cond' };
    for (let n = 1; n <= reports; n++) {
      const texts = [
        modulesLine(),
        ...headerLines(machine, running, n === 1 ? '' : 'G             L     '),
        ...registerLines(draw, top),
        ...traceLines(draw, machine, [
          { fn: 'on_each_cpu_cond_mask' },
          { fn: 'flush_tlb_mm_range' },
          ...SYSCALL_FRAMES,
        ]),
      ];
      const stuck = `BUG: soft lockup - CPU#${running.cpu} stuck for ${seconds * n}s! [${comm}:${running.pid}]`;
      const prefix = versionOf(machine.release) >= 4.19 ? 'watchdog: ' : 'NMI watchdog: ';
      yield { level: 0, text: prefix + stuck, afterUsec: n === 1 ? 0 : seconds * 1e6 };
      yield* lines(4, texts);
    }
  },
});

/** A task waits for a disk that does not answer. */
export const hungTask: Workload<{
  readonly seconds: Count<120>;
  readonly tasks: Count<1>;
  readonly comm: Parameter<'jbd2/sda1-8'>;
}> = workload({
  id: 'hung-task',
  about: 'tasks wait for a disk for longer than hung_task_timeout_secs',
  parameters: {
    seconds: { default: 120, min: 1, max: 86_400, about: 'how long they have waited' },
    tasks: { default: 1, min: 1, max: 10, about: 'how many tasks are reported; ten is the most that a kernel reports' },
    comm: { default: 'jbd2/sda1-8', about: 'the name of the first of them' },
  },
  *steps({ draw, machine }, { seconds, tasks, comm }) {
    for (let n = 0; n < tasks; n++) {
      const name = n === 0 ? comm : draw.pick(['rsync', 'postgres', 'kworker/u8:1', 'tar']);
      const pid = draw.int(200, 32767);
      yield { level: 3, text: `INFO: task ${name}:${pid} blocked for more than ${seconds} seconds.`, afterUsec: 40 };
      yield* lines(3, [
        `      Not tainted ${machine.release} #1`,
        '"echo 0 > /proc/sys/kernel/hung_task_timeout_secs" disables this message.',
      ]);
      yield* lines(6, [
        `task:${name.padEnd(16)}state:D stack:0     pid:${pid.toString().padEnd(5)} ppid:2      flags:0x00004000`,
        ...traceLines(draw, machine, [
          { fn: '__schedule' },
          { fn: 'schedule' },
          { fn: 'io_schedule' },
          { fn: 'bit_wait_io' },
          { fn: '__wait_on_bit' },
          { fn: 'kthread' },
          { fn: 'ret_from_fork' },
        ]),
      ]);
    }
  },
});

/** A processor does not pass through a quiescent state. */
export const rcuStall: Workload<{
  readonly seconds: Count<21>;
  readonly flavour: Parameter<'rcu_preempt'>;
}> = workload({
  id: 'rcu-stall',
  about: 'a processor holds a grace period of RCU up',
  parameters: {
    seconds: { default: 21, min: 1, max: 3600, about: 'how long the grace period has lasted' },
    flavour: { default: 'rcu_preempt', about: 'rcu_preempt or rcu_sched' },
  },
  *steps({ draw, machine }, { seconds, flavour }) {
    const cpu = draw.int(0, machine.cpus - 1);
    const ticks = seconds * 250;
    const id = `${draw.hex(3)}/1/0x4000000000000000`;
    yield { level: 3, text: `rcu: INFO: ${flavour} self-detected stall on CPU` };
    yield* lines(3, [
      `rcu: \t${cpu}-....: (${ticks - draw.int(1, 40)} ticks this GP) idle=${id} softirq=${draw.int(1e3, 1e6)}/${draw.int(1e3, 1e6)} fqs=${Math.floor(ticks / 2)}`,
      `rcu: \t(t=${ticks} jiffies g=${draw.int(1e3, 1e6)} q=${draw.int(1, 9999)} ncpus=${machine.cpus})`,
    ]);
    const running = { cpu, pid: draw.int(300, 32767), comm: draw.pick(['stress', 'qemu-system-x86', 'kworker/0:1']) };
    yield* lines(4, [
      ...headerLines(machine, running),
      ...registerLines(draw, { fn: 'native_queued_spin_lock_slowpath' }),
      ...traceLines(draw, machine, [
        { fn: '_raw_spin_lock' },
        { fn: 'shrink_dcache_parent' },
        { fn: 'd_invalidate' },
        ...SYSCALL_FRAMES,
      ]),
    ]);
  },
});
