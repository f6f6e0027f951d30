/**
 * Makes a device of one's own, which puts what it sends into a list and is busy now and then.
 * Run: npx tsx examples/11-own-device.ts
 */
import {
  createKernel,
  createSlab,
  type DeviceHost,
  NETDEV_TX_BUSY,
  NETDEV_TX_OK,
  type NetDevice,
} from 'netconsole-emulator';
import { decodeFrame, formatDecoded } from 'netconsole-emulator/wire';

const wire: string[] = [];
const slab = createSlab(32);
const stats = { txPackets: 0, txBytes: 0, txErrors: 0, txDropped: 0, rxPackets: 0, rxDropped: 0 };
let host: DeviceHost | undefined;
let room = 1000;

const device: NetDevice = {
  name: 'my0',
  mac: Uint8Array.of(2, 0, 0, 0, 0, 1),
  caps: { medium: 'ethernet', mtu: 1500, padding: 'zero60' },
  slab,
  stats,
  attach(given) {
    host = given;
  },
  startXmit(slot) {
    // BUSY leaves the slot to the kernel, which queues the frame and everything behind it.
    if (room === 0) return NETDEV_TX_BUSY;
    room--;
    const frame = slab.bytes.subarray(slab.start[slot], slab.end[slot]);
    wire.push(formatDecoded(decodeFrame(frame)));
    stats.txPackets++;
    stats.txBytes += frame.length;
    slab.free(slot);
    return NETDEV_TX_OK;
  },
  poll() {},
  async close() {
    slab.release();
  },
};

const kernel = createKernel({ profile: '6.12' });
kernel.addDevice(device, { addresses: ['192.0.2.1/24'] });
kernel.insmod('netconsole', '+@/my0,@192.0.2.2/02:00:00:00:00:02');
wire.length = 0;
room = 1;
for (const word of ['one', 'two', 'three']) kernel.printk(`${word}\n`);
console.log(`${wire.length} sent, ${kernel.queued} waiting`);
room = 1000;
host!.txWake();
console.log(`${wire.length} sent, ${kernel.queued} waiting`);
console.log(wire.join('\n'));
