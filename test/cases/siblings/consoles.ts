/** Serial consoles and the tools that record them. */
import type { Sibling } from './case.js';

const UP = '[    1.000000] eth0: up';
const DOWN = '[    2.000000] eth0: down';

export const CONSOLES: readonly Sibling[] = [
  {
    about: 'minicom: escapes, a prompt, CR LF',
    log: `\x1b[?2004hWelcome to minicom 2.8\r\n\r\n\x1b[?25l${UP}\r\nroot@box:~# ${DOWN}\r\n`,
    records: [
      [3, 1e6, null, 'eth0: up'],
      [4, 2e6, null, 'eth0: down'],
    ],
    named: [1, 2, 4],
  },
  {
    about: 'ipmitool sol activate',
    log: ['[SOL Session operational.  Use ~? for help]', `${UP}\r`, `${DOWN}\r`, 'SOL session closed by BMC'],
    records: [
      [2, 1e6, null, 'eth0: up'],
      [3, 2e6, null, 'eth0: down'],
    ],
    named: [1, 4],
  },
  {
    about: 'conserver’s own lines between',
    log: [
      '[-- Console up -- Tue Jan  2 03:00:00 2024]',
      UP,
      '[-- MARK -- Tue Jan  2 03:30:00 2024]',
      DOWN,
      '[-- root@box attached -- Tue Jan  2 03:40:00 2024]',
    ],
    records: [
      [2, 1e6, null, 'eth0: up'],
      [4, 2e6, null, 'eth0: down'],
    ],
    named: [1, 3, 5],
  },
  {
    about: 'LAVA’s text log',
    log: [
      '03:04:05.123456  start: 2.3 bootloader-commands',
      '03:04:06.123456  Starting kernel ...',
      '03:04:07.123456  <6>[    1.000000] eth0: up',
      '03:04:08.123456  <3>[    2.000000] eth0: down',
      '03:04:09.123456  / # ',
    ],
    records: [
      [3, 1e6, 6, 'eth0: up'],
      [4, 2e6, 3, 'eth0: down'],
    ],
    named: [1, 2, 5],
  },
  {
    about: 'LAVA’s YAML',
    log: [
      '- {"dt": "2024-01-02T03:04:05.123456", "lvl": "info", "msg": "start: 2.3 bootloader-commands"}',
      '- {"dt": "2024-01-02T03:04:06.123456", "lvl": "target", "msg": "[    1.000000] eth0: \\"up\\" \\\\ \\u00e9"}',
      '- {"dt": "2024-01-02T03:04:07.123456", "lvl": "target", "msg": "[    2.000000] eth0: down"}',
    ],
    records: [
      [2, 1e6, null, 'eth0: "up" \\ \xc3\xa9'],
      [3, 2e6, null, 'eth0: down'],
    ],
    named: [1],
  },
  {
    about: 'docker compose: a service in front',
    log: [
      'k3s-server-1  | [    1.000000] eth0: up',
      'k3s-server-1  | [    2.000000] eth0: down',
      'k3s-agent-1   | time="2024" level=info',
    ],
    records: [
      [1, 1e6, null, 'eth0: up'],
      [2, 2e6, null, 'eth0: down'],
    ],
    named: [3],
  },
  {
    about: 'a cloud’s serial port: firmware, escapes, systemd in colour',
    log: [
      'SeaBIOS (version 1.8.2-google)',
      'Total RAM Size = 0x0000000100000000 = 4096 MiB',
      '\x1b[2J\x1b[001;001H\x1b[0m[    0.000000] Linux version 5.10.0-test',
      UP,
      '[\x1b[0;32m  OK  \x1b[0m] Started Network Time.',
      '         Starting \x1b[0;1;39mLogin Service\x1b[0m...',
      DOWN,
    ],
    records: [
      [3, 0, null, 'Linux version 5.10.0-test'],
      [4, 1e6, null, 'eth0: up'],
      [7, 2e6, null, 'eth0: down'],
    ],
    named: [1, 2, 5, 6],
  },
  {
    about: 'a cloud’s console output, one string of JSON',
    log: '{\n    "InstanceId": "i-0123",\n    "Timestamp": "2024-01-02T03:04:05.000Z",\n    "Output": "[    0.000000] Linux version 5.10.0-test\\r\\n[    1.000000] eth0: up\\r\\n"\n}\n',
    refused: /jq -r/,
  },
  {
    about: 'GRUB’s words before the first record on its line',
    log: [
      `Loading Linux 6.1.0 ...\r`,
      `Loading initial ramdisk ...\x1b[H\x1b[J[    0.000000] Linux version 6.1.0-test\r`,
      `${UP}\r`,
    ],
    records: [
      [2, 0, null, 'Linux version 6.1.0-test'],
      [3, 1e6, null, 'eth0: up'],
    ],
    named: [1, 2],
  },
  {
    about: 'a program’s progress dots before a record',
    log: [UP, `Checking disks......${DOWN}`, '[    3.000000] end'],
    records: [
      [1, 1e6, null, 'eth0: up'],
      [2, 2e6, null, 'eth0: down'],
      [3, 3e6, null, 'end'],
    ],
    named: [2],
  },
  {
    about: 'a percentage that a CR overwrites, then a record',
    log: `${UP}\r\nflashing  10%\rflashing 100%\r\n${DOWN}\r\n`,
    records: [
      [1, 1e6, null, 'eth0: up'],
      [3, 2e6, null, 'eth0: down'],
    ],
    named: [2],
  },
  {
    about: 'screen -L: bells and a status line’s escapes at both ends',
    log: [`\x07${UP}\x1b[K\r`, `\x1b[?7h${DOWN}\x1b[K\r`],
    records: [
      [1, 1e6, null, 'eth0: up'],
      [2, 2e6, null, 'eth0: down'],
    ],
  },
  {
    about: 'LF CR',
    log: `${UP}\n\r${DOWN}\n\r`,
    records: [
      [1, 1e6, null, 'eth0: up'],
      [2, 2e6, null, 'eth0: down'],
    ],
  },
  {
    about: 'CR LF in the first half, LF in the second',
    log: `${UP}\r\n${DOWN}\r\n[    3.000000] three\n[    4.000000] four\n`,
    records: [
      [1, 1e6, null, 'eth0: up'],
      [2, 2e6, null, 'eth0: down'],
      [3, 3e6, null, 'three'],
      [4, 4e6, null, 'four'],
    ],
  },
  {
    about: 'LF first, then CR alone',
    log: `U-Boot 2020.01\n\nStarting kernel ...\n\n${UP}\r${DOWN}\r[    3.000000] end\r`,
    records: [
      [5, 1e6, null, 'eth0: up'],
      [5, 2e6, null, 'eth0: down'],
      [5, 3e6, null, 'end'],
    ],
    named: [1, 2, 3, 4],
  },
  {
    about: 'a CR inside a text is the text’s',
    log: `[    1.000000] 10%\r100%\r\n${DOWN}\r\n`,
    records: [
      [1, 1e6, null, '10%\r100%'],
      [2, 2e6, null, 'eth0: down'],
    ],
  },
  {
    about: 'picocom with times of day and milliseconds',
    log: ['[03:04:05.123] U-Boot', `[03:04:06.456] ${UP}`, `[03:04:07.789] ${DOWN}`],
    records: [
      [2, 1e6, null, 'eth0: up'],
      [3, 2e6, null, 'eth0: down'],
    ],
    named: [1],
  },
  {
    about: 'a logging terminal with dates in brackets',
    log: ['[2024-01-02 03:04:05] U-Boot', `[2024-01-02 03:04:06] ${UP}`, `[2024-01-02 03:04:07] ${DOWN}`],
    records: [
      [2, 1e6, null, 'eth0: up'],
      [3, 2e6, null, 'eth0: down'],
    ],
    named: [1],
  },
  {
    about: 'a terminal that counts since its start, in the kernel’s own form',
    log: ['[    0.000100 0.000100] U-Boot', `[    3.200000 1.000000] ${UP}`, `[    4.200000 1.000000] ${DOWN}`],
    records: [
      [2, 1e6, null, 'eth0: up'],
      [3, 2e6, null, 'eth0: down'],
    ],
    named: [1],
  },
  {
    about: 'two stamps of the kernel’s form: the recorder’s first, then the kernel’s',
    log: ['[   10.000000] [    0.000000] Linux version 6.1.0-test', `[   11.000000] ${UP}`, `[   12.000000] ${DOWN}`],
    records: [
      [1, 0, null, 'Linux version 6.1.0-test'],
      [2, 1e6, null, 'eth0: up'],
      [3, 2e6, null, 'eth0: down'],
    ],
  },
  {
    about: 'Xen’s own lines, stamped as a kernel’s, and a guest’s',
    log: [
      '(XEN) [    0.000100] Xen version 4.17.0',
      '(XEN) [    0.500000] Loading dom0',
      '[    0.000000] Linux version 6.1.0-test',
      UP,
      '(XEN) [   30.000000] d0v0 unhandled',
      DOWN,
    ],
    records: [
      [3, 0, null, 'Linux version 6.1.0-test'],
      [4, 1e6, null, 'eth0: up'],
      [6, 2e6, null, 'eth0: down'],
    ],
    named: [1, 2, 5],
  },
  {
    about: 'the notice of dropped messages on a line of its own, twice',
    log: [UP, '** 5 printk messages dropped **', '** 1 printk messages dropped **', DOWN],
    records: [
      [1, 1e6, null, 'eth0: up'],
      [4, 2e6, null, 'eth0: down', { missed: 6 }],
    ],
    named: [2, 3],
    counts: { dropped: 6 },
  },
  {
    about: 'a record glued to the notice of dropped messages and another one',
    log: [`${UP}** 12 printk messages dropped ** ${DOWN}[    3.000000] end`],
    records: [
      [1, 1e6, null, 'eth0: up'],
      [1, 2e6, null, 'eth0: down', { missed: 12 }],
      [1, 3e6, null, 'end'],
    ],
    counts: { dropped: 12 },
  },
  {
    about: 'records glued with callers and a priority',
    log: ['<6>[    1.000000][    T1] eth0: up<4>[    1.000100][   C12] eth0: down', '<6>[    3.000000][    T1] end'],
    records: [
      [1, 1e6, 6, 'eth0: up', { callerId: 1 }],
      [1, 1_000_100, 4, 'eth0: down', { callerId: 0x80000000 + 12 }],
      [2, 3e6, 6, 'end'],
    ],
  },
  {
    about: 'a stamp inside a text that is older than the text’s own: it stays',
    log: ['[   10.000000] last seen at [    9.000000] eth0', '[   11.000000] end'],
    records: [
      [1, 10e6, null, 'last seen at [    9.000000] eth0'],
      [2, 11e6, null, 'end'],
    ],
  },
  {
    about: 'NULs of a crash between two boots',
    log: `${UP}\n${DOWN}\n${'\0'.repeat(3000)}[    0.000000] Linux version 6.1.0-test\n[    1.500000] eth0: up\n`,
    boots: 2,
    records: [
      [1, 1e6, null, 'eth0: up'],
      [2, 2e6, null, 'eth0: down'],
      [3, 0, null, 'Linux version 6.1.0-test', { boot: 1 }],
      [4, 1_500_000, null, 'eth0: up', { boot: 1 }],
    ],
  },
  {
    about: 'three boots, with a boot loader between them',
    log: [
      '[    0.000000] Linux version 6.1.0-test',
      '[   90.000000] reboot: Restarting system',
      'U-Boot 2020.01',
      '[    0.000000] Linux version 6.1.0-test',
      '[    0.900000] Kernel panic - not syncing',
      'U-Boot 2020.01',
      '[    0.000000] Linux version 6.1.0-test',
      UP,
    ],
    boots: 3,
    records: [
      [1, 0, null, 'Linux version 6.1.0-test', { boot: 0 }],
      [2, 90e6, null, 'reboot: Restarting system', { boot: 0 }],
      [4, 0, null, 'Linux version 6.1.0-test', { boot: 1 }],
      [5, 900_000, null, 'Kernel panic - not syncing', { boot: 1 }],
      [7, 0, null, 'Linux version 6.1.0-test', { boot: 2 }],
      [8, 1e6, null, 'eth0: up', { boot: 2 }],
    ],
    named: [3, 6],
  },
  {
    about: 'ARM’s banner: a boot begins with the line before “Linux version”',
    log: [
      '[    0.000000] Booting Linux on physical CPU 0x0',
      '[    0.000000] Linux version 6.1.0-test',
      '[    0.500000] Kernel panic - not syncing',
      '[    0.000000] Booting Linux on physical CPU 0x0',
      '[    0.000000] Linux version 6.1.0-test',
      '[    0.400000] eth0: up',
    ],
    boots: 2,
    records: [
      [1, 0, null, 'Booting Linux on physical CPU 0x0', { boot: 0 }],
      [2, 0, null, 'Linux version 6.1.0-test', { boot: 0 }],
      [3, 500_000, null, 'Kernel panic - not syncing', { boot: 0 }],
      [4, 0, null, 'Booting Linux on physical CPU 0x0', { boot: 1 }],
      [5, 0, null, 'Linux version 6.1.0-test', { boot: 1 }],
      [6, 400_000, null, 'eth0: up', { boot: 1 }],
    ],
  },
  {
    about: 'clocks of CPUs that differ by less than a second are one boot',
    log: ['[    5.000000] a', '[    4.999990] b', '[    5.000010] c', '[    4.200000] d', '[    6.000000] e'],
    records: [
      [1, 5e6, null, 'a'],
      [2, 4_999_990, null, 'b'],
      [3, 5_000_010, null, 'c'],
      [4, 4_200_000, null, 'd'],
      [5, 6e6, null, 'e'],
    ],
  },
  {
    about: 'a serial console with a tag, caller and double stamps at 2,000,000 s',
    log: ['ttyS0: [2000000.000001][T12345] eth0: up', 'ttyS0: [2000000.000002][   C0] eth0: down'],
    records: [
      [1, 2_000_000_000_001, null, 'eth0: up', { callerId: 12345 }],
      [2, 2_000_000_000_002, null, 'eth0: down', { callerId: 0x80000000 }],
    ],
  },
  {
    about: 'records between the words of a login, twice',
    log: [`box login: ${UP}`, `Password: ${DOWN}`, 'box login: [    3.000000] end'],
    records: [
      [1, 1e6, null, 'eth0: up'],
      [2, 2e6, null, 'eth0: down'],
      [3, 3e6, null, 'end'],
    ],
    named: [1, 2, 3],
  },
  {
    about: 'the log begins in the middle of a line',
    log: ['000000] Booting', UP, DOWN],
    records: [
      [2, 1e6, null, 'eth0: up'],
      [3, 2e6, null, 'eth0: down'],
    ],
    named: [1],
  },
  {
    about: 'lines cut in the stamp, at its end and in the caller',
    log: [UP, '[    2.00', '[    2.5000', '[    2.', '[', '[    3.000000][   T', '[    4.000000] end'],
    records: [
      [1, 1e6, null, 'eth0: up'],
      [6, 3e6, null, '[   T'],
      [7, 4e6, null, 'end'],
    ],
    named: [2, 3, 4, 5],
  },
  {
    about: 'console_msg_format=syslog with callers',
    log: ['<6>[    1.000000][    T1] eth0: up', '<3>[    2.000000][   C0] eth0: down'],
    format: 'dmesg -r',
    records: [
      [1, 1e6, 6, 'eth0: up', { callerId: 1 }],
      [2, 2e6, 3, 'eth0: down', { callerId: 0x80000000 }],
    ],
  },
  {
    about: 'a prompt of BusyBox and a command’s echo around records',
    log: ['/ # dmesg', UP, DOWN, '/ # [    3.000000] random: crng init done', 'exit'],
    records: [
      [2, 1e6, null, 'eth0: up'],
      [3, 2e6, null, 'eth0: down'],
      [4, 3e6, null, 'random: crng init done'],
    ],
    named: [1, 4, 5],
  },
  {
    about: 'tcpdump -A of a plain target',
    log: [
      '03:04:05.000001 IP 192.0.2.1.6665 > 192.0.2.2.6666: UDP, length 24',
      `E..4....@..............\t.\n. ..${UP}`,
      '',
      '03:04:06.000001 IP 192.0.2.1.6665 > 192.0.2.2.6666: UDP, length 26',
      `E..6....@..............\t.\n."..${DOWN}`,
      '',
    ],
    records: [
      [3, 1e6, null, 'eth0: up'],
      [7, 2e6, null, 'eth0: down'],
    ],
    named: [1, 2, 3, 5, 6, 7],
  },
  {
    about: '80 columns: a terminal’s hard wrap, the rest on the next line',
    log: [
      '[    1.000000] Command line: BOOT_IMAGE=/vmlinuz root=/dev/sda1 ro console=ttyS0,',
      '115200n8 netconsole=6665@192.0.2.1/eth0,6666@192.0.2.2/',
      DOWN,
    ],
    records: [
      [1, 1e6, null, 'Command line: BOOT_IMAGE=/vmlinuz root=/dev/sda1 ro console=ttyS0,'],
      [3, 2e6, null, 'eth0: down'],
    ],
    named: [2],
  },
];
