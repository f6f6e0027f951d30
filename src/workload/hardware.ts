/** Hardware that fails, or comes and goes: machine checks, disks, file systems, links, USB. */
import { line, lines } from './registers.js';
import { type Count, type Parameter, type Workload, workload } from './workload.js';

/** A memory module has corrected errors, or an uncorrected one. */
export const machineCheck: Workload<{ readonly events: Count<1>; readonly fatal: Parameter<false> }> = workload({
  id: 'machine-check',
  about: 'the processor reports errors of a memory module, corrected or fatal',
  parameters: {
    events: { default: 1, min: 1, max: 10_000, about: 'how many there are, a second apart on average' },
    fatal: { default: false, about: 'the error can not be corrected; the report says so, and the machine goes on' },
  },
  *steps({ draw, machine }, { events, fatal }) {
    for (let n = 0; n < events; n++) {
      const cpu = draw.int(0, machine.cpus - 1);
      const bank = draw.int(0, 21);
      const address = `${draw.hex(9)}00`;
      const pause = n === 0 ? 0 : draw.exponential(1e6);
      yield line(
        fatal ? 0 : 4,
        `mce: [Hardware Error]: CPU ${cpu}: Machine Check${fatal ? ' Exception: 5' : ': 0'} Bank ${bank}: ${fatal ? 'be' : '8c'}00004000010090`,
        pause,
      );
      yield* lines(fatal ? 0 : 4, [
        `mce: [Hardware Error]: TSC ${draw.hex(13)} ADDR ${address} MISC ${draw.hex(9)} `,
        `mce: [Hardware Error]: PROCESSOR 0:50657 TIME ${draw.int(1.6e9, 1.9e9)} SOCKET 0 APIC ${cpu * 2} microcode 5003605`,
      ]);
      yield* lines(6, [
        '{1}[Hardware Error]: Hardware error from APEI Generic Hardware Error Source: 0',
        `{1}[Hardware Error]: event severity: ${fatal ? 'fatal' : 'corrected'}`,
      ]);
      if (!fatal) {
        yield line(
          6,
          `EDAC MC0: 1 CE memory read error on CPU_SrcID#0_MC#0_Chan#${draw.int(0, 5)}_DIMM#0 (channel:0 slot:0 page:0x${draw.hex(6)} offset:0x${draw.hex(3)} grain:32 syndrome:0x0)`,
          60,
        );
      }
    }
  },
});

/** A disk fails to read sectors. */
export const diskError: Workload<{ readonly sectors: Count<3> }> = workload({
  id: 'disk-error',
  about: 'a disk fails to read sectors',
  parameters: { sectors: { default: 3, min: 1, max: 10_000, about: 'how many sectors fail' } },
  *steps({ draw, machine }, { sectors }) {
    const { disk } = machine;
    const dev = { subsystem: 'scsi', device: '+scsi:0:0:0:0' };
    for (let n = 0; n < sectors; n++) {
      const sector = draw.int(2048, 2 ** 31 - 1);
      const tag = draw.int(0, 31);
      const pause = n === 0 ? 0 : draw.exponential(300_000);
      yield {
        level: 6,
        text: `sd 0:0:0:0: [${disk}] tag#${tag} FAILED Result: hostbyte=DID_OK driverbyte=DRIVER_OK cmd_age=${draw.int(0, 9)}s`,
        dev,
        afterUsec: pause,
      };
      yield {
        level: 6,
        text: `sd 0:0:0:0: [${disk}] tag#${tag} Sense Key : Medium Error [current] `,
        dev,
        afterUsec: 6,
      };
      yield {
        level: 6,
        text: `sd 0:0:0:0: [${disk}] tag#${tag} Add. Sense: Unrecovered read error - auto reallocate failed`,
        dev,
        afterUsec: 6,
      };
      yield line(
        3,
        `blk_update_request: I/O error, dev ${disk}, sector ${sector} op 0x0:(READ) flags 0x80700 phys_seg 1 prio class 0`,
        20,
      );
      yield line(3, `Buffer I/O error on dev ${disk}1, logical block ${Math.floor(sector / 8)}, async page read`, 11);
    }
  },
});

/** A file system finds that it is damaged. */
export const filesystemError: Workload<{ readonly xfs: Parameter<false> }> = workload({
  id: 'filesystem-error',
  about: 'ext4 finds a damaged directory and remounts read-only; or XFS shuts down',
  parameters: { xfs: { default: false, about: 'XFS, not ext4' } },
  *steps({ draw, machine }, { xfs }) {
    const part = `${machine.disk}1`;
    if (xfs) {
      yield line(
        1,
        `XFS (${part}): metadata I/O error in "xfs_buf_ioend+0x172/0x560 [xfs]" at daddr 0x${draw.hex(7)} len 8 error 5`,
      );
      yield line(
        1,
        `XFS (${part}): Log I/O Error (0x2) detected at xlog_ioend_work+0x69/0x70 [xfs] (fs/xfs/xfs_log.c:1378).  Shutting down filesystem.`,
        30,
      );
      yield line(1, `XFS (${part}): Please unmount the filesystem and rectify the problem(s)`, 10);
      return;
    }
    const inode = draw.int(2, 1e6);
    yield line(
      2,
      `EXT4-fs error (device ${part}): ext4_validate_block_bitmap:390: comm kworker/u8:2: bg ${draw.int(0, 999)}: bad block bitmap checksum`,
    );
    yield line(
      2,
      `EXT4-fs error (device ${part}): ext4_lookup:1855: inode #${inode}: comm find: deleted inode referenced: ${inode + draw.int(1, 999)}`,
      900,
    );
    yield line(
      4,
      `EXT4-fs warning (device ${part}): ext4_end_bio:343: I/O error 10 writing to inode ${inode} starting block ${draw.int(1e4, 1e7)})`,
      300,
    );
    yield line(3, `Aborting journal on device ${part}-8.`, 4000);
    yield line(2, `EXT4-fs (${part}): Remounting filesystem read-only`, 700);
  },
});

/** The interface that the machine logs through loses its cable, and gets it back. */
export const linkFlap: Workload<{ readonly flaps: Count<1>; readonly downMs: Count<3000> }> = workload({
  id: 'link-flap',
  about: 'the interface that the machine logs through loses its carrier, and gets it back',
  parameters: {
    flaps: { default: 1, min: 1, max: 10_000, about: 'how often' },
    downMs: { default: 3000, min: 1, max: 3_600_000, about: 'milliseconds without carrier' },
  },
  *steps({ machine }, { flaps, downMs }) {
    const { nic } = machine;
    const dev = { subsystem: 'pci', device: '+pci:0000:00:03.0' };
    const driver = `e1000e 0000:00:03.0 ${nic}: NIC Link is`;
    for (let n = 0; n < flaps; n++) {
      yield { level: 6, text: `${driver} Down`, dev, afterUsec: n === 0 ? 0 : 2e6 };
      yield { does: 'carrier', up: false, afterUsec: 50 };
      yield { does: 'carrier', up: true, afterUsec: downMs * 1000 };
      yield { level: 6, text: `${driver} Up 1000 Mbps Full Duplex, Flow Control: Rx/Tx`, dev, afterUsec: 50 };
      yield line(6, `IPv6: ADDRCONF(NETDEV_CHANGE): ${nic}: link becomes ready`, 400);
    }
  },
});

/** A USB device is reset again and again, and then disconnects. */
export const usbReset: Workload<{ readonly resets: Count<3> }> = workload({
  id: 'usb-reset',
  about: 'a USB device is reset again and again, and then disconnects',
  parameters: { resets: { default: 3, min: 1, max: 1000, about: 'how often it is reset' } },
  *steps({ draw }, { resets }) {
    const port = `${draw.int(1, 4)}-${draw.int(1, 8)}`;
    const dev = { subsystem: 'usb', device: `+usb:${port}` };
    const number = draw.int(2, 40);
    for (let n = 0; n < resets; n++) {
      yield {
        level: 6,
        text: `usb ${port}: reset high-speed USB device number ${number} using xhci_hcd`,
        dev,
        afterUsec: n === 0 ? 0 : draw.int(200_000, 900_000),
      };
      yield {
        level: 3,
        text: `usb ${port}: device descriptor read/64, error -71`,
        dev,
        afterUsec: draw.int(90_000, 130_000),
      };
    }
    yield { level: 6, text: `usb ${port}: USB disconnect, device number ${number}`, dev, afterUsec: 210_000 };
  },
});
