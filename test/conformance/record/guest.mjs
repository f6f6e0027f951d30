// What runs inside the guest: a shell script made from a scenario's operations, and the reading of what it reports.
//
// The script is process 1 of the guest. It reports over the second serial line, one line an operation:
//   UNAME 6.1.0-50-amd64 #1 SMP ... Debian 6.1.192-2   the kernel's release and version, when the guest is ready
//   OK 12                         operation 12 went well
//   ERR 13 dd: ...: Invalid argument
//   DATA 14, the bytes of the attribute, END 14
//   KMSG, all of /dev/kmsg, KMSG-END

const CONFIGFS = '/sys/kernel/config/netconsole';

const quote = (text) => `'${text.replaceAll("'", `'\\''`)}'`;
const bytesOf = (op) =>
  op.hex === undefined ? Buffer.from(op.data ?? '', 'utf8') : Buffer.from(op.hex.replaceAll(' ', ''), 'hex');
const octal = (bytes) => Array.from(bytes, (b) => `\\${b.toString(8).padStart(3, '0')}`).join('');
/** One write(2) of exactly these bytes; `dd` is the writer because it reports what the kernel answers. No bytes: no write at all. */
const put = (op, file) =>
  `printf '${octal(bytesOf(op))}' >/bytes; dd if=/bytes of=${quote(file)} bs=65536 conv=notrunc`;

const COMMANDS = {
  insmod: (op) => `insmod /mod/netconsole.ko${op.params ? ` ${quote(`netconsole=${op.params}`)}` : ''}`,
  rmmod: () => 'rmmod netconsole',
  mkdir: (op) => `mkdir ${quote(`${CONFIGFS}/${op.path}`)}`,
  rmdir: (op) => `rmdir ${quote(`${CONFIGFS}/${op.path}`)}`,
  write: (op) => put(op, `${CONFIGFS}/${op.path}`),
  kmsg: (op) => put(op, '/dev/kmsg'),
  param: (op) => put(op, `/sys/module/netconsole/parameters/${op.name}`),
  ip: (op) => `ip ${op.args}`,
  loglevel: (op) => `dmesg -n ${op.level}`,
  sysrq: (op) => `printf ${quote(op.key)} >/proc/sysrq-trigger`,
  ipv6: () => 'ipv6_on',
  unplug: () => 'unplug',
  plug: () => 'plug',
  sh: (op) => op.run,
};

/** The one shell line of an operation. */
function line(op, index) {
  if (op.op === 'settle') return `pause ${op.seconds}`;
  if (op.op === 'read') return `fetch ${index} ${quote(`${CONFIGFS}/${op.path}`)}`;
  const command = COMMANDS[op.op];
  if (!command) throw new Error(`unknown operation '${op.op}' (operation ${index})`);
  return `if { ${command(op)}; } >/err 2>&1; then echo "OK ${index}" >&3; else echo ERR ${index} $(cat /err) >&3; fi`;
}

/** The operations as they will run: each that can change the log on its own is preceded by a pause and a marker record. */
export function withMarkers(ops, before = 0.3, after = 0.2) {
  const quiet = new Set(['kmsg', 'read', 'settle']);
  const out = [];
  for (const op of ops) {
    if (!quiet.has(op.op))
      out.push(
        { op: 'settle', seconds: before },
        { op: 'kmsg', data: `<6>klab: op ${out.length + 2}\n` },
        { op: 'settle', seconds: after },
      );
    out.push({ ...op });
  }
  return out;
}

/** The operations of a recording, as they were given to the recorder. */
export function withoutMarkers(ops) {
  const isMarker = (op) => op?.op === 'kmsg' && /^<6>klab: op \d+\n$/.test(op.data ?? '');
  return ops
    .filter((op, i) => !(isMarker(op) || (op.op === 'settle' && (isMarker(ops[i + 1]) || isMarker(ops[i - 1])))))
    .map(({ outcome: _, ...op }) => op);
}

/** The guest's /init for these operations; `modules`: what it loads beside what every guest has, each with its parameters. */
export function initScript(ops, modules = []) {
  return `#!/bin/sh
export PATH=/bin
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev
for m in e1000 veth dummy configfs; do [ -f /mod/$m.ko ] && insmod /mod/$m.ko; done
mount -t configfs none /sys/kernel/config
${modules.map((module) => `insmod /mod/${module.replace(/ |$/, '.ko ').trimEnd()}\n`).join('')}stty -F /dev/ttyS1 raw -echo; exec 3>/dev/ttyS1
mkfifo /never; exec 9<>/never
pause() { read -r -t $1 _ <&9; true; }
fetch() { echo "DATA $1" >&3; if cat "$2" >&3 2>/err; then echo "END $1" >&3; else echo ERR $1 $(cat /err) >&3; fi; }
ipv6_on() {
  cd /proc/sys/net/ipv6/conf; echo 0 >all/disable_ipv6; echo 0 >eth0/disable_ipv6; echo 0 >eth0/accept_dad; cd /
  ip link set eth0 down; ip link set eth0 up; pause 3; ip addr add fd00::15/64 dev eth0; pause 1
}
unplug() { for d in /sys/bus/pci/devices/*; do [ -d $d/net ] && echo 1 >$d/remove; done; pause 1; }
plug() { echo 1 >/sys/bus/pci/rescan; pause 2; ip link set eth0 up; pause 4; }
echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6
echo 1 >/proc/sys/net/ipv6/conf/eth0/disable_ipv6
ip link set lo up; ip link set eth0 up
n=0; while [ "$(cat /sys/class/net/eth0/carrier)" != 1 ] && [ $n -lt 100 ]; do pause 0.1; n=$((n+1)); done
pause 1
echo "UNAME $(uname -r) $(uname -v)" >&3
${ops.map(line).join('\n')}
pause 1.5
cat /dev/kmsg >/log & n=-1
until [ "$n" = "$(wc -c </log)" ]; do n=$(wc -c </log); pause 0.5; done
kill $!
echo KMSG >&3; cat /log >&3; echo KMSG-END >&3
pause 0.3
poweroff -f
`;
}

// What libc says for an errno, in the words of glibc and of musl.
const ERRNO = [
  ['EPERM', 'Operation not permitted'],
  ['ENOENT', 'No such file or directory'],
  ['EAGAIN', 'Resource temporarily unavailable'],
  ['ENOMEM', 'Cannot allocate memory', 'Out of memory'],
  ['EACCES', 'Permission denied'],
  ['EFAULT', 'Bad address'],
  ['EBUSY', 'Device or resource busy', 'Resource busy'],
  ['EEXIST', 'File exists'],
  ['ENODEV', 'No such device'],
  ['ENOTDIR', 'Not a directory'],
  ['EISDIR', 'Is a directory'],
  ['EINVAL', 'Invalid argument'],
  ['ENOSPC', 'No space left on device'],
  ['ERANGE', 'Numerical result out of range', 'Result not representable'],
  ['ENAMETOOLONG', 'File name too long', 'Filename too long'],
  ['ENOTEMPTY', 'Directory not empty'],
  ['EDESTADDRREQ', 'Destination address required'],
  ['EMSGSIZE', 'Message too long', 'Message too large'],
  ['ENOTSUP', 'Operation not supported', 'Not supported'],
  ['ENOTSUPP', 'Unknown error 524', 'No error information'],
];

/** What an error text means: an errno's name, or the text itself where no errno is known in it (E2BIG has always been one of those). */
export function errnoOf(text) {
  for (const [name, ...words] of ERRNO)
    if (words.some((w) => text.toLowerCase().includes(w.toLowerCase()))) return name;
  return text;
}

/** Reads the report (latin-1 text): sets `outcome` on `ops`, and returns the release, the version where the release does not say it, and the log (undefined where the kernel died before it). */
export function readReport(text, ops) {
  const log = text.indexOf('\nKMSG\n');
  const end = text.lastIndexOf('KMSG-END\n');
  const head = log < 0 ? text : text.slice(0, log + 1);
  let at = 0;
  let release;
  let version;
  while (at < head.length) {
    let stop = head.indexOf('\n', at);
    if (stop < 0) stop = head.length;
    const row = head.slice(at, stop);
    at = stop + 1;
    const [, word, index, rest] = /^(OK|ERR|DATA|UNAME) (\S+) ?(.*)$/.exec(row) ?? [];
    if (word === 'UNAME') {
      release = index;
      // Debian's own count of packages, 6.1.0-50, hides it.
      const built = / Debian (\d+\.\d+\.\d+)-/.exec(rest)?.[1];
      if (built !== undefined && !release.startsWith(built)) version = built;
    }
    if (word === 'OK') ops[Number(index)].outcome = 'ok';
    else if (word === 'ERR') ops[Number(index)].outcome = errnoOf(rest);
    else if (word === 'DATA') {
      // A failed read says ERR in place of END; the attribute's text may hold anything but these.
      const good = head.indexOf(`END ${index}\n`, at);
      const bad = head.indexOf(`ERR ${index} `, at);
      if (good >= 0 && (bad < 0 || good < bad)) {
        ops[Number(index)].outcome = { data: head.slice(at, good) };
        at = good + `END ${index}\n`.length;
      } else if (bad >= 0) at = bad;
    }
  }
  return {
    release,
    version,
    kmsg: log < 0 ? undefined : Buffer.from(text.slice(log + 6, end < 0 ? undefined : end), 'latin1'),
  };
}
