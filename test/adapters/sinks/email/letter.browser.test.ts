/** Letters as a browser draws them, light and dark, wide and narrow: nothing runs out of the sheet, everything can be read. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { letterAbout } from '../../../../src/adapters/sinks/email/letter.ts';
import { hasChromium, launchChromium, objections, openPage } from '../../../support/chromium.ts';
import { states } from '../slack/cards.ts';

const images = join(import.meta.dirname, '..', '..', '..', '..', 'docs', 'images');
const address = { name: '', address: 'ops@example.com' };
const about = {
  sender: { from: address, unsubscribeUrl: null },
  to: address,
  messageId: '<1@example.com>',
  inReplyTo: null,
  rootId: '<1@example.com>',
};
const letters = Object.fromEntries(
  ['investigating', 'suspect-hunk', 'three-close', 'resolved', 'hostile-text', 'long-names', 'right-to-left-and-emoji', 'sources-down'].map(
    (name) => [name, letterAbout(states[name]!, name === 'resolved' ? 'resolved' : 'opened', about).html ?? ''],
  ),
);

describe.skipIf(!hasChromium)('a letter (skipped without /usr/bin/chromium)', () => {
  let browser: Browser;
  let page: Page;
  const asked: string[] = [];

  beforeAll(async () => {
    browser = await launchChromium();
    page = await openPage(browser);
    page.on('request', (request) => void asked.push(request.url()));
  });
  afterAll(() => browser?.close());

  it.each(Object.keys(letters))('about %s fits, light and dark, wide and narrow', async (name) => {
    for (const colorScheme of ['light', 'dark'] as const)
      for (const width of [700, 360]) {
        await page.setViewportSize({ width, height: 900 });
        await page.emulateMedia({ colorScheme });
        await page.setContent(letters[name] ?? '');
        // In the middle of the sheet and beside it: nothing is cut off or hangs over.
        const size = await page.evaluate(`({
          over: document.documentElement.scrollWidth - document.documentElement.clientWidth,
          wide: [...document.querySelectorAll('td, div, span')].filter((part) => part.getBoundingClientRect().right > innerWidth).length,
          sheet: getComputedStyle(document.querySelector('.sheet')).backgroundColor,
        })`);
        expect(size).toEqual({ over: 0, wide: 0, sheet: colorScheme === 'light' ? 'rgb(255, 255, 255)' : 'rgb(30, 34, 41)' });
        if (width === 700) expect(await objections(page)).toEqual([]);
        if (process.env['UPDATE_SCREENSHOTS'] === '1' && width === 700 && name === 'suspect-hunk') {
          mkdirSync(images, { recursive: true });
          await page.screenshot({ path: join(images, `letter-${colorScheme}.png`), fullPage: true });
        }
      }
    expect(asked.filter((url) => !url.startsWith('about:'))).toEqual([]);
  });
});
