import { describe, expect, it } from 'vitest';
import { createHarness, ipv4, plain, udp } from '../../../src/testing/index.js';
import '../../../src/vitest/index.js';

const harness = createHarness({ profile: '6.12', target: ['+@/eth0,@192.0.2.2/', '@/eth0,@192.0.2.3/'] });
harness.kernel.printk('hello\n', { level: 6, dev: { subsystem: 'net', device: 'n2' } });
const [record] = harness.received();
const [text, extended] = harness.frames;
const dictionary = [
  ['SUBSYSTEM', 'net'],
  ['DEVICE', 'n2'],
] as const;

describe('toBeRecord', () => {
  it('takes a frame, or a record that was received', () => {
    expect(extended).toBeRecord();
    expect(extended).toBeRecord({ level: 6, facility: 0, text: /^hel/, dictionary });
    expect(record).toBeRecord({ level: 6, text: 'hello', dictionary, tsUsec: 400e6, flag: '-', fragment: '' });
    expect(extended).not.toBeRecord({ level: 5 });
    expect(record).not.toBeRecord({ text: 'bye' });
  });

  it('says all that is wrong', () => {
    const wrong = { level: 5, text: 'bye' };
    expect(() => expect(extended).toBeRecord(wrong)).toThrow(
      /record level: 6, not 5\nrecord text: "hello", not "bye"\nin: IP/,
    );
    expect(() => expect(record).toBeRecord(wrong)).toThrow(/record level: 6, not 5\nrecord text: "hello", not "bye"/);
    expect(() => expect(record).not.toBeRecord()).toThrow(/this is a record as described, and was not to be/);
  });

  it('refuses what is neither, and what is not there', () => {
    expect(() => expect(text).toBeRecord()).toThrow('no extended record in the frame');
    expect(() => expect(harness.frames[9]).toBeRecord()).toThrow('there is no such frame');
    expect(() => expect('x').toBeRecord()).toThrow('this is no frame');
  });
});

describe('toBeFrame', () => {
  it('takes predicates', () => {
    expect(text).toBeFrame();
    expect(text).toBeFrame(ipv4({ dst: '192.0.2.3' }), udp({ dstPort: 6666 }), plain({ text: /hello\n$/ }));
    expect(() => expect(text).toBeFrame(udp({ dstPort: 1 }))).toThrow('udp dstPort: 6666, not 1');
    expect(() => expect(5).toBeFrame()).toThrow('this is no frame');
  });
});
