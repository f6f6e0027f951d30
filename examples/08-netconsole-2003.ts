/**
 * Sends the same two lines as netconsole did in 2003 and does today, and prints the frames one
 * below the other.
 * Run: npx tsx examples/08-netconsole-2003.ts
 */
import { createKernel, createMemoryDevice } from 'netconsole-emulator';
import { decodeFrame, formatDecoded } from 'netconsole-emulator/wire';

function machine(profile: string) {
  const kernel = createKernel({ profile, startUsec: 1_000_000 });
  const eth0 = createMemoryDevice('eth0');
  kernel.addDevice(eth0, { addresses: ['192.0.2.1/24'] });
  return { kernel, eth0 };
}

// In 2003: no checksum, no identification, no stamp; one datagram for each line; port 6666 to 6666.
const then = machine('2.6.0');
then.kernel.insmod('netconsole-2003', '@/eth0,@192.0.2.2/');
// This one is faithful to the second posting, which forgot the source's hardware address.
const withDefects = machine('2.6.0');
withDefects.kernel.insmod('netconsole-2003', { params: '@/eth0,@192.0.2.2/', withDefects: true });
// Today: a checksum, a counter, a stamp; one datagram for each record; port 6665 to 6666.
const now = machine('7.3');
now.kernel.insmod('netconsole', '@/eth0,@192.0.2.2/');

for (const { kernel, eth0 } of [then, withDefects, now]) {
  kernel.printk('eth0: link down\neth0: link up\n', { level: 4 });
  console.log(`\n${kernel.inspect().release}, from ${decodeFrame(eth0.frames.at(-1)!).ethernet!.src}`);
  for (const frame of eth0.frames) console.log(formatDecoded(decodeFrame(frame)));
}
