/** The explorer in the browser. */
import { createKernel } from '../../kernel/index.js';
import { createMemoryDevice } from '../../net/memory.js';
import { pageData } from '../../page/data.js';
import { decodeFrame } from '../../wire/decode.js';
import { formatDecoded } from '../../wire/format.js';

const { text } = pageData<{ readonly text: string }>();
const kernel = createKernel();
const eth0 = createMemoryDevice();
kernel.addDevice(eth0, { addresses: ['192.0.2.1/24'] });
kernel.insmod('netconsole', '+@/eth0,@192.0.2.2/02:00:00:00:00:02');
kernel.printk(`${text}\n`);
document.querySelector('pre')!.textContent = eth0.frames.map((frame) => formatDecoded(decodeFrame(frame))).join('\n');
