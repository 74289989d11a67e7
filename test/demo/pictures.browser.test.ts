/** With UPDATE_SCREENSHOTS=1: the demo's own incident as docs/images shows it, and the page that hands it to a coding agent. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';
import { hasChromium, launchChromium, openPage } from '../support/chromium.ts';

const root = join(import.meta.dirname, '..', '..');
const images = join(root, 'docs', 'images');
const isWanted = process.env['UPDATE_SCREENSHOTS'] === '1';

describe.skipIf(!hasChromium || !isWanted)('pictures of the demo (only with UPDATE_SCREENSHOTS=1 and Chromium)', () => {
  it('are taken once its report is there', async () => {
    const child = spawn('node', [join(root, 'bin', 'tracepulse.mjs'), 'demo'], { stdio: ['ignore', 'pipe', 'inherit'] });
    const browser = await launchChromium();
    try {
      let url = '';
      for await (const line of createInterface({ input: child.stdout })) {
        url = /http:\/\/[\d.:]+(?=\/chat)/.exec(line)?.[0] ?? url;
        if (line.includes('The report names it')) break;
      }
      const page = await openPage(browser, { viewport: { width: 1180, height: 1180 } });
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        await page.goto(`${url}/chat`);
        await page.locator('.row', { hasText: 'INC-1' }).first().waitFor();
        await page.screenshot({ path: join(images, `session-drop-${colorScheme}.png`), caret: 'hide', animations: 'disabled' });
        await page.goto(`${url}/open/INC-1`);
        await page.screenshot({
          path: join(images, `open-${colorScheme}.png`),
          caret: 'hide',
          clip: { x: 0, y: 0, width: 1180, height: 560 },
        });
      }
      expect(url).not.toBe('');
    } finally {
      child.kill('SIGTERM');
      await browser.close();
      await new Promise((resolve) => child.once('close', resolve));
    }
  });
});
