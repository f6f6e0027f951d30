/**
 * Makes and changes a target at run time, gives it userdata, and sends a record too long for one
 * datagram.
 * Run: npx tsx examples/02-configfs.ts
 */
import { createKernel, createMemoryDevice, KernelError } from 'netconsole-emulator';
import { decodeFrame, formatMessage } from 'netconsole-emulator/wire';

const kernel = createKernel({ profile: '6.18' });
const eth0 = createMemoryDevice('eth0', {
  onFrame: (frame) => {
    const { ip, message } = decodeFrame(frame);
    if (message !== undefined) console.log(`to ${ip?.dst}: ${formatMessage(message).slice(0, 110)}`);
  },
});
kernel.addDevice(eth0, { addresses: ['192.0.2.1/24'] });
kernel.insmod('netconsole');

// In a shell: mkdir /sys/kernel/config/netconsole/lab; echo 192.0.2.2 > .../lab/remote_ip; ...
const { fs } = kernel;
fs.mkdir('netconsole/lab');
const set = (attribute: string, value: string) => fs.write(`netconsole/lab/${attribute}`, `${value}\n`);
set('dev_name', 'eth0');
set('remote_ip', '192.0.2.2');
set('remote_mac', '02:00:00:00:00:02');
set('extended', '1');
fs.mkdir('netconsole/lab/userdata/rack');
set('userdata/rack/value', 'B12');
set('userdata/release_enabled', '1');
set('enabled', '1');

kernel.printk('with userdata behind it\n');
kernel.printk(`${'long '.repeat(200)}\n`);

// Errors are the kernel's own: `code` is the errno that a shell would show.
try {
  set('remote_ip', '192.0.2.3');
} catch (error) {
  if (error instanceof KernelError) console.log(`an enabled target does not change: ${error.code}`);
}
console.log('local_ip is', fs.read('netconsole/lab/local_ip').trim());
