/**
 * Follows one line from printk to a frame on a wire in memory.
 * Run: npx tsx examples/01-hello.ts
 */
import { createKernel, createMemoryDevice } from 'netconsole-emulator';
import { decodeFrame, formatDecoded } from 'netconsole-emulator/wire';

// A kernel as Debian 12 backports ships it. Its time is virtual and stands where it is put.
const kernel = createKernel({ profile: '6.12', startUsec: 1_500_000 });
// The kernel's network card, which keeps its frames in memory.
const eth0 = createMemoryDevice('eth0');
kernel.addDevice(eth0, { addresses: ['192.0.2.1/24'] });
// In a shell: insmod netconsole netconsole=+@/eth0,@192.0.2.2/02:00:00:00:00:02
kernel.insmod('netconsole', '+@/eth0,@192.0.2.2/02:00:00:00:00:02');

kernel.printk('hello, wire\n', { level: 6 });
kernel.printk('link is up\n', { level: 6, dev: { subsystem: 'net', device: 'n2' } });

// The first frames are the kernel's own messages: its banner, and that logging started.
for (const frame of eth0.frames) console.log(formatDecoded(decodeFrame(frame)));
