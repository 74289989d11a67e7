/**
 * The card in every state on the page, posted by the sink itself: nothing of it may trouble a screen reader or stand out of
 * its frame. With UPDATE_SCREENSHOTS=1 it also takes the pictures in docs/images.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { slack } from '../../src/adapters/sinks/slack/slack.ts';
import { createPage } from '../../src/workspace/page/page.ts';
import { startWorkspaceServer } from '../../src/workspace/server.ts';
import { createWorkspace } from '../../src/workspace/workspace.ts';
import manifest from '../../manifest.json' with { type: 'json' };
import { states } from '../adapters/sinks/slack/cards.ts';
import { illustrated } from '../adapters/sinks/slack/illustrated.ts';
import { hasChromium, launchChromium, objections, openPage } from '../support/chromium.ts';

const images = join(import.meta.dirname, '..', '..', 'docs', 'images');
const patient = new AbortController().signal;
const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

describe.skipIf(!hasChromium)('the card on the page (skipped without /usr/bin/chromium)', () => {
  let browser: Browser;
  let page: Page;
  let stop: () => Promise<void>;
  /** Where each state stands. */
  const places = new Map<string, string>();

  beforeAll(async () => {
    const workspace = createWorkspace({ manifest, tokens: { bot: 'xoxb-workspace', app: 'xapp-workspace' } });
    const chat = createPage(workspace, {});
    const server = await startWorkspaceServer({ workspace, fallback: (request) => chat.handle(request, '127.0.0.1') });
    const settings = slack.settings.parse({ SLACK_BOT_TOKEN: 'xoxb-workspace', SLACK_API_URL: server.apiUrl });
    const sink = slack.create(settings, { fetch: globalThis.fetch, now: Date.now, log: silent });
    for (const [name, card] of Object.entries({ ...states, illustrated })) {
      const shipment = { kind: 'card', channel: '#debug', card, receipt: null } as const;
      const { messageId } = await sink.deliver(shipment, { mayExist: false, signal: patient });
      places.set(name, messageId.split('/')[1] ?? '');
      if (name !== 'illustrated') continue;
      for (const part of ['map', 'minutes'] as const)
        await sink.illustrate?.({ id: `${part}:p`, part, card, threadId: messageId }, { mayExist: false, signal: patient });
    }
    browser = await launchChromium();
    page = await openPage(browser, { viewport: { width: 1000, height: 1900 } });
    await page.goto(`${server.url}/chat`);
    stop = async () => {
      await browser.close();
      chat.close();
      await server.stop();
    };
  });
  afterAll(() => stop?.());

  const row = (name: string) => page.locator(`.row[data-ts="${places.get(name)}"]`).first();

  async function picture(name: string, selector = row(name)): Promise<void> {
    if (process.env['UPDATE_SCREENSHOTS'] !== '1') return;
    mkdirSync(images, { recursive: true });
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.mouse.move(0, 0);
      await selector.screenshot({ path: join(images, `card-${name}-${colorScheme}.png`), caret: 'hide', animations: 'disabled' });
    }
    await page.emulateMedia({ colorScheme: 'light', reducedMotion: null });
  }

  it('troubles no screen reader in any state, in light or dark', async () => {
    await row('illustrated').waitFor();
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await objections(page)).toEqual([]);
    }
    await page.emulateMedia({ colorScheme: 'light' });
  });

  it.each(Object.keys(states))('keeps %s within its frame', async (name) => {
    await row(name).scrollIntoViewIfNeeded();
    const { inner, outer } = await row(name).evaluate((element) => ({ inner: element.scrollWidth, outer: element.clientWidth }));
    expect(inner).toBeLessThanOrEqual(outer);
    await picture(name);
  });

  /** No pointer and no focus: no row shows its buttons. */
  async function aside(): Promise<void> {
    await page.mouse.move(0, 0);
    await page.locator(':focus').evaluateAll((focused) => {
      for (const element of focused) (element as unknown as { blur(): void }).blur();
    });
  }

  it('shows both pictures in the thread, with their words as alt texts', async () => {
    await row('illustrated').hover();
    await row('illustrated').getByRole('button', { name: 'Reply in thread' }).click();
    const thread = page.getByRole('complementary');
    const map = thread.getByRole('img', { name: /^payment is most likely at fault/ });
    await map.scrollIntoViewIfNeeded();
    await expect.poll(() => map.evaluate((image) => (image as unknown as { naturalWidth: number }).naturalWidth)).toBeGreaterThan(500);
    await aside();
    await picture('pictures', map.locator('xpath=ancestor::*[contains(@class, "row")][1]'));
    const chart = thread.getByRole('img', { name: /^Failed calls, %, per minute \(UTC\): payment \(suspect\) from 0 to 88/ });
    await chart.scrollIntoViewIfNeeded();
    // The same in words above it, and as a table below.
    await thread.getByText(/^Failed calls of payment: .* begun 10:00 UTC, alert 10:02 UTC/).waitFor();
    await thread.getByText('Show as table').last().click();
    await thread.getByRole('rowheader', { name: '10:02 alert' }).waitFor();
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await objections(page)).toEqual([]);
    }
    await thread.getByText('Show as table').last().click();
    await aside();
    await picture('minutes', thread.locator('.row').last());
  });
});
