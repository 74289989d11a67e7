/** The page that hands an incident on, in a real browser: behind a password, readable by all, and its button copies the prompt. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { reportPrompt } from '../../../src/domain/report-text.ts';
import { createHttp } from '../../../src/surfaces/http/http.ts';
import { type HttpServer, serve } from '../../../src/surfaces/http/serve.ts';
import { hasChromium, launchChromium, objections, openPage } from '../../support/chromium.ts';
import { fakeApp, now } from './fake-app.ts';
import { context } from './incident-fixtures.ts';

const token = 'a-token-of-sufficient-length';
const log = { debug() {}, info() {}, warn() {}, error() {} };

describe.skipIf(!hasChromium)('/open in a browser (skipped without /usr/bin/chromium)', () => {
  let browser: Browser;
  let server: HttpServer;
  let url = '';
  beforeAll(async () => {
    const app = fakeApp({ context: async (id) => (id === 'INC-1' ? context : null) });
    server = serve(createHttp(app, { TRACEPULSE_API_TOKEN: token }, { log, now: () => now, redact: (value) => ({ value }) }), {
      host: '127.0.0.1',
      port: 0,
    });
    const [{ port }, launched] = await Promise.all([server.start(), launchChromium()]);
    url = `http://127.0.0.1:${port}/open/INC-1`;
    browser = launched;
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  it('asks for the token as a password, and copies the whole prompt', async () => {
    const stranger = await openPage(browser);
    // What Chromium says where there is nobody to type a password.
    await expect(stranger.goto(url)).rejects.toThrow('ERR_INVALID_AUTH_CREDENTIALS');
    const page = await openPage(browser, {
      httpCredentials: { username: 'me', password: token },
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(String(error)));
    page.on('console', (message) => {
      // The first answer is the one that asks for the password.
      if (message.type() === 'error' && !message.text().includes('401')) problems.push(message.text());
    });
    expect((await page.goto(url))?.status()).toBe(200);
    await page.getByRole('button', { name: 'Copy the prompt' }).click();
    await page.getByRole('status').getByText('Copied.').waitFor();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(reportPrompt(context));
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await objections(page)).toEqual([]);
    }
    expect(await page.getByRole('link', { name: 'Open in Cursor' }).getAttribute('href')).toMatch(/^cursor:\/\//);
    expect(problems).toEqual([]);
  });
});
