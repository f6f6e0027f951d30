import { describe, expect, it } from 'vitest';
import { LastFrames } from '../../../src/cli/show.js';
import { createKernel } from '../../../src/index.js';
import type { Medium } from '../../../src/net/device.js';
import { createMemoryDevice } from '../../../src/net/memory.js';

/** What the last two frames are shown as, of a device whose medium begins there. */
function shown(medium: Medium, target: string, limit = 2): string[] {
  const memory = createMemoryDevice('eth0');
  const last = new LastFrames(Object.assign(memory, { caps: { ...memory.caps, medium } }), limit);
  const kernel = createKernel({ profile: '6.12' });
  kernel.addDevice(last.device, { addresses: ['192.0.2.1/24', '2001:db8::1/64'] });
  kernel.insmod('netconsole', target);
  for (const text of ['one', 'two', 'three']) kernel.printk(`${text}\n`, { level: 6 });
  kernel.close();
  return last.lines();
}

describe.each<[Medium, RegExp]>([
  ['ethernet', /^IP 192\.0\.2\.1\.6665 > 192\.0\.2\.2\.6666: .* \[udp sum ok\] /],
  ['ip', /^IP 192\.0\.2\.1\.6665 > 192\.0\.2\.2\.6666: .* \[udp sum ok\] /],
  ['udp', /^UDP 6665 > 6666: length \d+ /],
])('frames of a medium that begins at %s', (medium, head) => {
  it.each(['+', ''])('are shown from there, the oldest first (target %s@)', (kind) => {
    const lines = shown(medium, `${kind}@/eth0,@192.0.2.2/02:00:00:00:00:02`);
    expect(lines).toHaveLength(2);
    for (const line of lines) expect(line).toMatch(head);
    const said = kind === '+' ? /extended seq \d+ .*/ : /plain /;
    for (const [i, text] of ['two', 'three'].entries()) {
      expect(lines[i]).toMatch(new RegExp(`${said.source}".*${text}(\\\\n)?"$`));
    }
  });
});

it('frames of IPv6 are shown as such, where there is an IP header', () => {
  const target = '+@/eth0,@2001:db8::2/02:00:00:00:00:02';
  for (const medium of ['ethernet', 'ip'] as const) {
    expect(shown(medium, target)[1]).toMatch(/^IP6? 2001:db8::1.*extended seq .*"three"$/);
  }
  expect(shown('udp', target)[1]).toMatch(/^UDP 6665 > 6666: .*"three"$/);
});
