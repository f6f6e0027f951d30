// What runs in the guest of `zero-copy.test.ts`: sends the frames of /frames.json through `eth0` in zero-copy mode.
import { readFileSync } from 'node:fs';
import { openAfXdp } from '/app/dist/transport/af-xdp.js';

/** Frames between two polls. */
const BATCH = 70;

const frames = JSON.parse(readFileSync('/frames.json', 'utf8')).map((frame) => Buffer.from(frame, 'base64'));
try {
  const device = await openAfXdp('eth0', 0, { zeroCopy: true, receive: false });
  let wake = () => undefined;
  device.attach({
    txWake: () => wake(),
    receive: () => undefined,
    down: (reason) => console.log('DOWN', reason.message),
  });
  const { slab } = device;
  for (const [i, frame] of frames.entries()) {
    let slot = slab.alloc();
    for (; slot < 0; slot = slab.alloc()) {
      device.poll();
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    slab.start[slot] = slab.payloadAt(slot) - 42;
    slab.end[slot] = slab.start[slot] + frame.length;
    slab.bytes.set(frame, slab.start[slot]);
    while (device.startXmit(slot) !== 0) {
      await new Promise((resolve) => {
        wake = resolve;
      });
    }
    if (i % BATCH === BATCH - 1) device.poll();
  }
  device.poll();
  await device.close();
  console.log('STATS', JSON.stringify(device.stats));
} catch (error) {
  console.log('FAILED', error.message);
}
