import { Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { openProgress } from '../../../src/cli/progress.js';

function terminal(isTTY: boolean): { stream: Writable & { isTTY: boolean }; shown: () => string } {
  let text = '';
  const stream = new Writable({
    write(chunk, _, done) {
      text += String(chunk);
      done();
    },
  });
  return { stream: Object.assign(stream, { isTTY }), shown: () => text };
}

function run(isTTY: boolean, env: Record<string, string>, json = false, totalBytes = 100): string {
  const { stream, shown } = terminal(isTTY);
  const progress = openProgress({ stream, env, json, totalBytes });
  progress.update(50, 7, 8);
  progress.stop();
  return shown();
}

describe('openProgress', () => {
  it('draws a bar on a terminal', () => {
    expect(run(true, {})).toContain('50% | 7 records, 8 frames');
    expect(run(true, {})).toContain('\x1b[36m');
  });

  it('leaves out the colour with NO_COLOR', () => {
    expect(run(true, { NO_COLOR: '1' })).toContain('50%');
    expect(run(true, { NO_COLOR: '1' })).not.toContain('\x1b[36m');
  });

  it.each<[string, string]>([
    ['not a terminal', run(false, {})],
    ['a dumb terminal', run(true, { TERM: 'dumb' })],
    ['--json', run(true, {}, true)],
    ['a size that is not known', run(true, {}, false, 0)],
  ])('shows nothing: %s', (_, shown) => {
    expect(shown).toBe('');
  });
});
