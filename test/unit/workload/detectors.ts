/**
 * What programs look for in kernel logs, by the event that the workload of that name must be taken for.
 *
 * `node-problem-detector`: patterns of its config/kernel-monitor.json and readonly-monitor.json.
 * `syzkaller`: the heads by which its report parser knows a crash of Linux (pkg/report/linux.go).
 * `kerneloops`: the heads that its daemon submits.
 * `QEMU`: what its tests wait for on a Linux console (boot_linux_console.py).
 * `EMBA`: how it knows a kernel's version (linux_kernel).
 *
 * Nothing looks for what is no event: chatter, a flood, audit records, a link or a USB device that comes and goes.
 */
export const DETECTORS: Readonly<Record<string, readonly (readonly [program: string, pattern: RegExp])[]>> = {
  boot: [['EMBA', /Linux version [0-9]+\.[0-9]+\.[0-9]+[^\s]*/]],
  reboot: [['QEMU', /reboot: Restarting system/]],
  'oom-kill': [
    ['node-problem-detector OOMKilling', /Killed process \d+ (.+) total-vm:\d+kB, anon-rss:\d+kB, file-rss:\d+kB.*/],
  ],
  oops: [
    [
      'syzkaller, kerneloops',
      /BUG: (unable to handle kernel NULL pointer dereference|kernel NULL pointer dereference)/,
    ],
  ],
  panic: [['syzkaller', /Kernel panic - not syncing: /]],
  'soft-lockup': [['syzkaller, kerneloops', /BUG: soft lockup - CPU#\d+ stuck for \d+s!/]],
  'hung-task': [
    ['node-problem-detector TaskHung', /task [\S ]+:\w+ blocked for more than \w+ seconds\./],
    ['syzkaller', /INFO: task .+ blocked for more than \d+ seconds/],
  ],
  'rcu-stall': [['syzkaller', /INFO: rcu_(preempt|sched|bh) (self-detected stall|detected( expedited)? stalls)/]],
  'machine-check': [
    ['node-problem-detector MemoryReadError', /CE memory read error .*/],
    ['node-problem-detector CperHardwareErrorCorrected', /.*\[Hardware Error\]: event severity: corrected$/],
  ],
  'disk-error': [['node-problem-detector IOError', /Buffer I\/O error .*/]],
  'filesystem-error': [
    ['node-problem-detector Ext4Error', /EXT4-fs error .*/],
    ['node-problem-detector Ext4Warning', /EXT4-fs warning .*/],
    ['node-problem-detector FilesystemIsReadOnly', /Remounting filesystem read-only/],
  ],
};
