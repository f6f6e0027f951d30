/** A machine that runs out of memory: the dump, the table of tasks, the kill. Form: 4.19 to 7.x. */
import { headerLines, line, lines, SYSCALL_FRAMES, traceLines, versionOf } from './registers.js';
import { type Workload, workload } from './workload.js';

const PROCESSES = [
  'systemd-journal',
  'systemd-udevd',
  'sshd',
  'cron',
  'rsyslogd',
  'dbus-daemon',
  'containerd',
  'kubelet',
  'agetty',
  'node',
  'python3',
  'nginx',
] as const;

/** The machine runs out of memory, and the kernel kills the largest process. */
export const oomKill: Workload<{
  readonly victim: { readonly default: 'java'; readonly about: string };
  readonly tasks: { readonly default: 24; readonly min: number; readonly max: number; readonly about: string };
  readonly cgroup: { readonly default: false; readonly about: string };
}> = workload({
  id: 'oom-kill',
  about: 'memory ends: the dump of memory, the table of tasks, and the kill',
  parameters: {
    victim: { default: 'java', about: 'the process that is killed' },
    tasks: { default: 24, min: 1, max: 5000, about: 'rows of the table of tasks' },
    cgroup: { default: false, about: 'the limit of a control group is reached, not the memory of the machine' },
  },
  *steps({ draw, machine }, { victim, tasks, cgroup }) {
    const invoker = draw.pick(PROCESSES);
    const pid = draw.int(1000, 32767);
    const pages = machine.memoryMiB * 256;
    const rss = Math.floor(pages * (0.5 + draw.fraction() * 0.4));
    const score = draw.pick([0, 0, 200, 999]);
    yield line(
      4,
      `${invoker} invoked oom-killer: gfp_mask=0x140cca(GFP_HIGHUSER_MOVABLE|__GFP_COMP), order=0, oom_score_adj=${score}`,
    );
    yield* lines(4, [
      ...headerLines(machine, { cpu: draw.int(0, machine.cpus - 1), pid, comm: invoker }),
      ...traceLines(draw, machine, [
        { fn: 'dump_stack_lvl' },
        { fn: 'dump_header' },
        { fn: 'oom_kill_process' },
        { fn: 'out_of_memory' },
        { fn: '__alloc_pages' },
        { fn: 'filemap_fault' },
        { fn: 'handle_mm_fault' },
        { fn: 'exc_page_fault' },
        ...SYSCALL_FRAMES.slice(1),
      ]),
    ]);
    const free = draw.int(2000, 9000);
    if (cgroup) {
      const limit = machine.memoryMiB * 512;
      yield* lines(6, [
        `memory: usage ${limit}kB, limit ${limit}kB, failcnt ${draw.int(10, 100_000)}`,
        'swap: usage 0kB, limit 9007199254740988kB, failcnt 0',
        'Memory cgroup stats for /kubepods.slice:',
      ]);
    } else {
      yield* lines(4, [
        'Mem-Info:',
        `active_anon:${draw.int(100, 5000)} inactive_anon:${rss} isolated_anon:0`,
        ` active_file:${draw.int(10, 400)} inactive_file:${draw.int(10, 400)} isolated_file:0`,
        ' unevictable:0 dirty:0 writeback:0',
        ` slab_reclaimable:${draw.int(2000, 9000)} slab_unreclaimable:${draw.int(4000, 20_000)}`,
        ` mapped:${draw.int(100, 900)} shmem:${draw.int(100, 900)} pagetables:${draw.int(1000, 9000)}`,
        ` sec_pagetables:0 bounce:0`,
        ` kernel_misc_reclaimable:0`,
        ` free:${free} free_pcp:${draw.int(0, 900)} free_cma:0`,
        `Node 0 active_anon:${draw.int(400, 9000)}kB inactive_anon:${rss * 4}kB active_file:40kB inactive_file:0kB unevictable:0kB isolated(anon):0kB isolated(file):0kB mapped:400kB dirty:0kB writeback:0kB shmem:900kB writeback_tmp:0kB kernel_stack:${draw.int(2000, 9000)}kB pagetables:${draw.int(4000, 40_000)}kB all_unreclaimable? yes`,
        `Node 0 DMA free:11264kB boost:0kB min:32kB low:44kB high:56kB reserved_highatomic:0KB present:15992kB managed:15360kB mlocked:0kB bounce:0kB local_pcp:0kB free_cma:0kB`,
        `lowmem_reserve[]: 0 ${machine.memoryMiB} ${machine.memoryMiB} ${machine.memoryMiB}`,
        `Node 0 DMA: 0*4kB 0*8kB 0*16kB 0*32kB 0*64kB 0*128kB 0*256kB 0*512kB 1*1024kB (U) 1*2048kB (M) 2*4096kB (M) = 11264kB`,
        'Node 0 hugepages_total=0 hugepages_free=0 hugepages_surp=0 hugepages_size=2048kB',
        `${draw.int(100, 2000)} total pagecache pages`,
        '0 pages in swap cache',
        'Free swap  = 0kB',
        'Total swap = 0kB',
        `${pages} pages RAM`,
        '0 pages HighMem/MovableOnly',
        `${Math.floor(pages / 40)} pages reserved`,
      ]);
    }
    yield* lines(6, [
      'Tasks state (memory values in pages):',
      '[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents oom_score_adj name',
    ]);
    const victimPid = draw.int(1000, 32767);
    const victimRow = draw.int(0, tasks - 1);
    for (let row = 0; row < tasks; row++) {
      const mine = row === victimRow;
      const id = mine ? victimPid : 200 + row * 7 + draw.int(0, 6);
      const resident = mine ? rss : draw.int(100, 4000);
      const total = mine ? rss + draw.int(1000, 90_000) : resident + draw.int(100, 9000);
      const name = mine ? victim : draw.pick(PROCESSES);
      yield line(
        6,
        `[${String(id).padStart(7)}] ${String(mine ? 1000 : 0).padStart(5)} ${String(id).padStart(5)} ${String(total).padStart(8)} ${String(resident).padStart(8)} ${String(draw.int(20, 900) * 4096).padStart(8)} ${'0'.padStart(8)} ${String(mine ? score : 0).padStart(13)} ${name}`,
        9,
      );
    }
    const reason = cgroup ? 'CONSTRAINT_MEMCG' : 'CONSTRAINT_NONE';
    const scope = cgroup ? 'oom_memcg=/kubepods.slice,task_memcg=/kubepods.slice' : 'global_oom,task_memcg=/';
    if (versionOf(machine.release) >= 4.19) {
      yield line(
        6,
        `oom-kill:constraint=${reason},nodemask=(null),cpuset=/,mems_allowed=0,${scope},task=${victim},pid=${victimPid},uid=1000`,
        30,
      );
    }
    const kind = cgroup ? 'Memory cgroup out of memory' : 'Out of memory';
    yield line(
      3,
      `${kind}: Killed process ${victimPid} (${victim}) total-vm:${(rss + 90_000) * 4}kB, anon-rss:${rss * 4}kB, file-rss:${draw.int(0, 900)}kB, shmem-rss:0kB, UID:1000 pgtables:${draw.int(100, 9000)}kB oom_score_adj:${score}`,
      22,
    );
    yield line(
      6,
      `oom_reaper: reaped process ${victimPid} (${victim}), now anon-rss:0kB, file-rss:0kB, shmem-rss:0kB`,
      90_000,
    );
  },
});
