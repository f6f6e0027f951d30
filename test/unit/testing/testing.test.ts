import { describe, expect, it } from 'vitest';
import { insideOf } from '../../../src/kernel/index.js';
import {
  checkFrame,
  createHarness,
  ethernet,
  ext,
  FrameCheckError,
  ipv4,
  ipv6,
  plain,
  udp,
} from '../../../src/testing/index.js';

describe('createHarness', () => {
  it('is both ends of a wire', () => {
    const { kernel, frames, texts, payloads } = createHarness({ profile: '6.12' });
    kernel.printk('hello\n', { level: 6 });
    checkFrame(
      frames[0],
      ethernet({ dst: '02:00:00:00:00:02' }),
      ipv4({ src: '192.0.2.1', dst: '192.0.2.2' }),
      udp({ srcPort: 6665, dstPort: 6666 }),
      ext({ level: 6, facility: 0, text: 'hello', dictionary: [], seq: insideOf(kernel).ring.nextSeq - 1 }),
    );
    expect(texts()).toEqual(['hello']);
    expect(texts()).toEqual([]);
    expect(payloads()[0]).toMatch(/^6,\d+,400000000,-;hello\n$/);
  });

  it('shows nothing of what loading said, and forgets what it is told to', () => {
    const harness = createHarness({ profile: '7.2' });
    expect(harness.frames).toEqual([]);
    harness.kernel.printk('x\n');
    expect(harness.frames.length).toBe(1);
    harness.clear();
    expect(harness.frames.length).toBe(0);
    harness.close();
  });

  it('has fragments joined, and dictionaries', () => {
    const { kernel, frames, received } = createHarness({ profile: '6.12' });
    kernel.printk('y'.repeat(1010), { level: 4, dev: { subsystem: 'pci', device: '+pci:0000:00:03.0' } });
    checkFrame(frames[0], ext({ fragment: /^0\/\d+$/ }));
    const [record] = received();
    expect(record).toMatchObject({ complete: true, level: 4 });
    expect(record!.text.length).toBe(1010);
    expect(new TextDecoder().decode(record!.dict)).toBe(' SUBSYSTEM=pci\n DEVICE=+pci:0000:00:03.0\n');
  });

  it('loses what it is told to lose; a reliable kernel sends it again', () => {
    const lost = (reliable?: 'heo-2015' | 'netconsd') => {
      let count = 0;
      const harness = createHarness({
        profile: '6.12',
        ...(reliable !== undefined && { reliable }),
        lose: (_, direction) => direction === 'out' && ++count % 3 === 0,
      });
      for (let i = 0; i < 30; i++) {
        harness.kernel.printk(`record ${i}\n`);
        harness.advance(100);
      }
      harness.advance(60_000);
      // What the kernel itself says when acks begin is none of ours.
      return harness.texts().filter((text) => text.startsWith('record '));
    };
    const all = Array.from({ length: 30 }, (_, i) => `record ${i}`);
    expect(lost()).toEqual(all.filter((_, i) => i % 3 !== 2));
    expect(lost('heo-2015')).toEqual(all);
    expect(lost('netconsd')).toEqual(all);
  });
});

describe('checkFrame', () => {
  const { kernel, frames } = createHarness({ profile: '6.12', target: '@192.0.2.1/eth0,@192.0.2.2/' });
  kernel.printk('hello\n', { tsUsec: 1_500_000 });

  it('names all that is wrong, and shows the frame', () => {
    const check = () => checkFrame(frames[0], ipv4({ src: '192.0.2.9' }), udp({ dstPort: 1, srcPort: 6665 }));
    expect(check).toThrow(FrameCheckError);
    expect(check).toThrow(/ipv4 src: "192.0.2.1", not "192.0.2.9"\nudp dstPort: 6666, not 1\nin: IP 192.0.2.1.6665 > /);
  });

  it.each([
    ['another family', ipv6(), 'no ipv6 in the frame'],
    ['another kind', ext({ seq: 1 }), 'no extended record in the frame'],
    ['a text that does not match', plain({ text: /bye/ }), 'plain text: "[    1.500000] hello\\n", not /bye/'],
  ])('refuses %s', (_, predicate, message) => {
    expect(() => checkFrame(frames[0], predicate)).toThrow(message);
  });

  it('takes a text that matches', () => {
    checkFrame(frames[0], plain({ text: /hello\n$/ }), plain({ text: '[    1.500000] hello\n' }));
  });

  it('refuses a frame whose checksum is wrong, or that is not there', () => {
    const broken = frames[0]!.slice();
    broken[broken.length - 1]! ^= 1;
    expect(() => checkFrame(broken)).toThrow('the UDP checksum is bad');
    expect(() => checkFrame(frames[7])).toThrow('there is no such frame');
  });
});
