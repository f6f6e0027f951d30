/** The explorer's page, used as a person would. */
import { expect, it } from 'vitest';
import { explorerPage } from '../../src/explore/index.js';
import { axeFaults, browserArm, openPage, screenshots } from './chromium.js';

browserArm('the explorer', (browser) => {
  it('opens', async () => {
    await using page = await openPage(browser, explorerPage('</script>hello'));
    await expect.poll(() => page.tab.textContent('pre')).toMatch(/"<\/script>hello"/);
    expect(await axeFaults(page)).toEqual([]);
    const { light, dark } = await screenshots(page, 'explore');
    expect(light.equals(dark)).toBe(false);
    expect(page.errors).toEqual([]);
  });
});
