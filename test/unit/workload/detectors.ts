/**
 * What programs look for in kernel logs, by the event that the workload of that name must be taken for.
 *
 * `node-problem-detector`: patterns of its config/kernel-monitor.json and readonly-monitor.json.
 * `syzkaller`: the heads by which its report parser knows a crash of Linux (pkg/report/linux.go).
 * `kerneloops`: the heads that its daemon submits.
 * `QEMU`: what its tests wait for on a Linux console (boot_linux_console.py).
 * `EMBA`: how it knows a kernel's version (linux_kernel).
 * `categraf`: keywords of its dmesg input (MIT).
 * `security-profiles-operator`: how its enricher reads audit records in the kernel's log (Apache 2.0), of type 1326 with pid and syscall.
 * `nagios-plugins of bdossantos`: what its check_dmesg.sh warns of (MIT).
 * `VATF`: the words that its tests of USB enumeration fail at (Texas Instruments' vatf-scripts; no license of theirs was found).
 *
 * A flood is known by what is missing: see `NOTICES`.
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
  chatter: [['nagios-plugins of bdossantos', /Possible SYN flooding/]],
  'audit-flood': [
    ['security-profiles-operator', /type=(1326)\s+(?:msg=)?audit\(([^)]+)\):? .*\bpid=\d+ .*\bsyscall=\d+/],
  ],
  'link-flap': [['categraf', /NIC Link is Down/]],
  'usb-reset': [['VATF', /reset high-speed USB device number /]],
};

/**
 * What a program looks for in the notice that a plain console prints of messages that were pushed
 * out of the ring. syzkaller's report parser takes it off the lines of a log (pkg/report/linux.go).
 */
export const NOTICES: Readonly<Record<string, readonly [program: string, pattern: RegExp]>> = {
  flood: ['syzkaller', /^\*\* [0-9]+ printk messages dropped \*\*/],
};
