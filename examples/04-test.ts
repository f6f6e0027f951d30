/**
 * Shows what a test of a netconsole receiver looks like: both ends are in memory, on a wire that
 * loses frames.
 * Run: npx tsx examples/04-test.ts
 */
import { strict as assert } from 'node:assert';
import { checkFrame, createHarness, ext, ipv4, udp } from 'netconsole-emulator/testing';

// A record over 1000 bytes leaves in fragments, as this kernel makes them.
{
  const { kernel, frames, texts } = createHarness({ profile: '6.12' });
  kernel.printk('y'.repeat(1010), { level: 4 });
  kernel.printk('short\n');
  checkFrame(frames[0], ipv4({ src: '192.0.2.1' }), udp({ dstPort: 6666 }), ext({ level: 4, fragment: '0/1011' }));
  checkFrame(frames[2], ext({ text: 'short', fragment: '' }));
  // Your receiver would get the frames here; this one is the library's own.
  assert.deepEqual(texts(), ['y'.repeat(1010), 'short']);
  console.log('fragments: ok');
}

// Every third frame is lost. With the reliable extension of 2015, the kernel sends again what the
// receiver misses; without it, the records are gone.
for (const reliable of [undefined, 'heo-2015'] as const) {
  let sent = 0;
  const harness = createHarness({
    profile: '6.12',
    ...(reliable !== undefined && { reliable }),
    lose: (_frame, direction) => direction === 'out' && ++sent % 3 === 0,
  });
  for (let i = 0; i < 30; i++) {
    harness.kernel.printk(`record ${i}\n`);
    harness.advance(100);
  }
  harness.advance(60_000);
  const got = harness.texts().filter((text) => text.startsWith('record '));
  assert.equal(got.length, reliable === undefined ? 20 : 30);
  console.log(`${reliable ?? 'mainline'}: ${got.length} of 30 records arrived, ${sent} frames were sent`);
}
