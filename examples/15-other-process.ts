/**
 * Sends to a receiver that is a process of its own, over UDP in real time.
 * Run: npx tsx examples/15-other-process.ts
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createKernel } from 'netconsole-emulator';
import { createDriver } from 'netconsole-emulator/run';
import { openDevice } from 'netconsole-emulator/transport';

const program = `const s = require('node:dgram').createSocket('udp4');
  s.on('message', (m) => { console.log(String(m).trim()); if (/bye/.test(m)) process.exit(); });
  s.bind(0, '127.0.0.1', () => process.send(s.address().port));`;
const receiver = fork('-e', [program], { execArgv: ['-e', program] });
const [port] = await once(receiver, 'message');
const driver = createDriver(createKernel({ profile: '6.12' }));
driver.addDevice(await openDevice('udp:127.0.0.1'), { addresses: ['127.0.0.1/8'] });
driver.start();
driver.call(() => driver.kernel.insmod('netconsole', `+0@127.0.0.1/eth0,${port}@127.0.0.1/`));
for (const text of ['hello', 'bye']) driver.printk(`${text}\n`, { level: 6 });
await once(receiver, 'exit');
process.exit();
