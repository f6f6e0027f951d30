/**
 * What machines log when nothing is wrong, and when something does not stop: boot, chatter, audit,
 * a flood.
 */
import { line } from './registers.js';
import type { Message } from './step.js';
import { type Count, type Workload, workload } from './workload.js';

/** A machine boots: its first seconds. */
export const boot: Workload<{ readonly pciDevices: Count<24> }> = workload({
  id: 'boot',
  about: 'the first seconds of a machine, from the banner to the mounted root file system',
  parameters: { pciDevices: { default: 24, min: 1, max: 1000, about: 'devices on the bus, about five lines each' } },
  *steps({ draw, machine }, { pciDevices }) {
    const { release, cpus, memoryMiB, nic, disk } = machine;
    yield line(
      5,
      `Linux version ${release} (build@builder) (gcc (GCC) 13.2.0, GNU ld (GNU Binutils) 2.41) #1 SMP PREEMPT_DYNAMIC`,
    );
    yield line(6, `Command line: BOOT_IMAGE=/boot/vmlinuz-${release} root=/dev/${disk}1 ro quiet`);
    yield line(6, 'BIOS-provided physical RAM map:');
    yield line(6, 'BIOS-e820: [mem 0x0000000000000000-0x000000000009fbff] usable');
    yield line(
      6,
      `BIOS-e820: [mem 0x0000000000100000-0x${(memoryMiB * 2 ** 20 - 1).toString(16).padStart(16, '0')}] usable`,
    );
    yield line(6, 'NX (Execute Disable) protection: active');
    yield line(6, `tsc: Detected ${draw.int(2000, 3999)}.${draw.int(100, 999)} MHz processor`);
    yield line(6, `smpboot: Allowing ${cpus} CPUs, 0 hotplug CPUs`, 9000);
    yield line(
      6,
      `Memory: ${memoryMiB * 1000}K/${memoryMiB * 1024}K available (16384K kernel code, 3222K rwdata, 11144K rodata, 3964K init)`,
      41_000,
    );
    yield line(6, 'rcu: Hierarchical RCU implementation.', 800);
    yield line(6, 'NR_IRQS: 524544, nr_irqs: 456, preallocated irqs: 16', 300);
    yield line(6, 'Console: colour VGA+ 80x25', 1500);
    for (let cpu = 1; cpu < cpus; cpu++) yield line(6, `smpboot: CPU ${cpu} booted, APIC ${cpu * 2}`, 5000);
    yield line(6, 'devtmpfs: initialized', 12_000);
    yield line(6, 'NET: Registered PF_NETLINK/PF_ROUTE protocol family', 2000);
    for (let n = 0; n < pciDevices; n++)
      yield* pciDevice(
        `0000:00:${(n % 32).toString(16).padStart(2, '0')}.${Math.floor(n / 32)}`,
        draw.hex(4),
        draw.hex(6),
      );
    yield line(6, 'SCSI subsystem initialized', 3000);
    yield line(6, `sd 0:0:0:0: [${disk}] ${draw.int(1, 9) * 2 ** 21} 512-byte logical blocks`, 90_000);
    yield line(6, ` ${disk}: ${disk}1 ${disk}2`, 2000);
    yield line(6, `e1000e 0000:00:03.0 ${nic}: (PCI Express:2.5GT/s:Width x1) 02:00:00:00:00:01`, 40_000);
    yield line(6, `EXT4-fs (${disk}1): mounted filesystem with ordered data mode. Quota mode: none.`, 600_000);
    yield { level: 6, facility: 3, text: 'systemd[1]: Detected architecture x86-64.', afterUsec: 300_000 };
    yield { level: 6, facility: 3, text: 'systemd[1]: Set hostname.', afterUsec: 800 };
    yield line(6, `e1000e 0000:00:03.0 ${nic}: NIC Link is Up 1000 Mbps Full Duplex, Flow Control: Rx/Tx`, 2_100_000);
  },
});

function* pciDevice(address: string, id: string, kind: string): Generator<Message> {
  const dev = { subsystem: 'pci', device: `+pci:${address}` };
  yield { level: 6, text: `pci ${address}: [8086:${id}] type 00 class 0x${kind}`, dev, afterUsec: 400 };
  yield { level: 6, text: `pci ${address}: reg 0x10: [mem 0xfebc0000-0xfebdffff]`, dev, afterUsec: 30 };
  yield { level: 6, text: `pci ${address}: PME# supported from D0 D3hot D3cold`, dev, afterUsec: 30 };
}

const CHATTER: readonly ((n: number, nic: string) => string)[] = [
  (n, nic) => `${nic}: Changing MTU from ${1500 + (n % 3)} to 1500`,
  (n) =>
    `perf: interrupt took too long (${2500 + n} > 2500), lowering kernel.perf_event_max_sample_rate to ${79_750 - n}`,
  (n) => `docker0: port 1(veth${n.toString(16).padStart(7, '0')}) entered blocking state`,
  (n) =>
    `audit: type=1400 audit(1.${n}:${n}): apparmor="STATUS" operation="profile_load" name="snap.${n}" pid=${n} comm="apparmor_parser"`,
  (n) => `TCP: request_sock_TCP: Possible SYN flooding on port ${1024 + (n % 60_000)}. Sending cookies.`,
  (n) =>
    `systemd-journald[${300 + (n % 90)}]: Data hash table of /run/log/journal/system.journal has a fill level at 75.${n % 10}`,
];

/** Drivers and daemons log what they log all day. */
export const chatter: Workload<{ readonly messages: Count<20>; readonly meanMs: Count<500> }> = workload({
  id: 'chatter',
  about: 'what drivers and daemons say all day, at random times',
  parameters: {
    messages: { default: 20, min: 1, max: 1e9, about: 'how many' },
    meanMs: { default: 500, min: 0, max: 86_400_000, about: 'milliseconds between two on average' },
  },
  *steps({ draw, machine }, { messages, meanMs }) {
    for (let n = 0; n < messages; n++) {
      const text = draw.pick(CHATTER)(draw.int(0, 9999), machine.nic);
      yield { level: draw.pick([4, 5, 6, 6] as const), text, afterUsec: draw.exponential(meanMs * 1000) };
    }
  },
});

/** The audit subsystem logs its records, since no daemon takes them. */
export const auditFlood: Workload<{ readonly messages: Count<200>; readonly perSecond: Count<1000> }> = workload({
  id: 'audit-flood',
  about: 'records of the audit subsystem, which nobody collects, as fast as they come',
  parameters: {
    messages: { default: 200, min: 1, max: 1e9, about: 'how many' },
    perSecond: { default: 1000, min: 1, max: 1_000_000, about: 'how many a second' },
  },
  *steps({ draw, nowUsec }, { messages, perSecond }) {
    const step = 1e6 / perSecond;
    for (let n = 0; n < messages; n++) {
      const seconds = ((nowUsec + n * step) / 1e6).toFixed(3);
      const pid = draw.int(300, 32_767);
      yield {
        level: 5,
        text: `audit: type=1326 audit(${seconds}:${n + 100}): auid=1000 uid=1000 gid=1000 ses=3 subj=unconfined pid=${pid} comm="chrome" exe="/opt/chrome" sig=0 arch=c000003e syscall=${draw.int(0, 334)} compat=0 ip=0x7f${draw.hex(10)} code=0x50000`,
        afterUsec: n === 0 ? 0 : step,
      };
    }
  },
});

/** A driver logs more than the ring holds while the consoles get no turn. */
export const flood: Workload<{ readonly messages: Count<2000>; readonly bytes: Count<100> }> = workload({
  id: 'flood',
  about: 'more than a small ring holds while the consoles get no turn: the oldest messages are lost',
  parameters: {
    messages: { default: 2000, min: 1, max: 1_000_000, about: 'how many' },
    bytes: { default: 100, min: 20, max: 900, about: 'of text in each' },
  },
  *steps({ draw }, { messages, bytes }) {
    const lines: Message[] = [];
    for (let n = 0; n < messages; n++) {
      lines.push({ level: 6, text: `xhci_hcd: event ${n} ${draw.hex(8)}`.padEnd(bytes, '.') });
    }
    yield { does: 'stall', lines };
  },
});
