/**
 * People ask, in a real browser: with a model behind a stand-in, and without any. With UPDATE_SCREENSHOTS=1 it also takes the
 * pictures in docs/images.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { colleague } from '../stand-ins/colleague.ts';
import { startOpenai } from '../stand-ins/openai.ts';
import { hasChromium, launchChromium, objections, openPage } from '../support/chromium.ts';
import { askInThread } from './ask-in-thread.ts';
import { movedRecording } from './moved-recording.ts';
import { type RunningProduct, startProduct } from './running-product.ts';

const images = join(import.meta.dirname, '..', '..', 'docs', 'images');
const recorded = join(import.meta.dirname, '..', 'scenarios', 'harbour');
const question = 'is payment really to blame, and how bad is it?';

describe.skipIf(!hasChromium)('chat on the page (skipped without /usr/bin/chromium)', () => {
  let browser: Browser;
  const stops: (() => unknown)[] = [];
  beforeAll(async () => {
    browser = await launchChromium();
    stops.push(() => browser.close());
  });
  afterAll(async () => {
    for (const stop of stops.reverse()) await stop();
  });

  async function open(more: Readonly<Record<string, string>>): Promise<{ page: Page; product: RunningProduct; thread: Locator }> {
    const product = await startProduct(more);
    stops.push(() => product.stop());
    const recording = movedRecording(recorded, Date.now());
    await product.push(recording);
    const { id } = await product.fire(recording);
    const page = await openPage(browser, { viewport: { width: 1180, height: 900 } });
    await page.goto(`${product.url}/chat`);
    const card = page.locator('#timeline .row, .row', { hasText: id }).first();
    await card.getByText('Most likely cause: payment').waitFor();
    await card.hover();
    await card.getByRole('button', { name: 'Reply in thread' }).click();
    const thread = page.getByRole('complementary');
    // The incident in pictures comes seconds after the report, and would push what is asked out of view.
    await thread
      .getByText(/Minute by minute|per minute \(UTC\)/)
      .first()
      .waitFor();
    return { page, product, thread };
  }

  async function look(page: Page, name: string): Promise<void> {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      expect(await objections(page), colorScheme).toEqual([]);
      if (process.env['UPDATE_SCREENSHOTS'] !== '1') continue;
      mkdirSync(images, { recursive: true });
      await page.mouse.move(0, 0);
      await page.screenshot({ path: join(images, `${name}-${colorScheme}.png`), caret: 'hide', animations: 'disabled' });
    }
    await page.emulateMedia({ colorScheme: 'light', reducedMotion: null });
  }

  it('with a model: it looks things up, says what it read and nothing else, and is told whether that helped', async () => {
    const server = await startOpenai();
    stops.push(() => server.stop());
    server.write(colleague);
    const { page, thread, product } = await open({ OPENAI_BASE_URL: server.url, OPENAI_MODEL: 'small-1', OPENAI_API_KEY: 'k' });
    const answer = await askInThread(page, question);
    await answer.getByText(/I would say payment, at \d+ %/).waitFor();
    await answer.getByText('What speaks for and against').waitFor();
    await answer.getByText(/Read from: .*small-1/).waitFor();
    await answer.getByRole('button', { name: 'This answer helped' }).click();
    await thread.getByText('Noted: this answer helped.').first().waitFor();
    await look(page, 'chat-with-model');
    const invented = await askInThread(page, 'and how many customers were hit, all told?');
    await invented.getByText(/the model was of no help: what it said was not in what it read/).waitFor();
    expect(await thread.textContent()).not.toContain('48,120');
    const field = page.getByLabel('Message #debug');
    await field.fill('/tracepulse stats');
    await field.press('Enter');
    await page.locator('.row.ephemeral').getByText('Answers in threads: 1 helped, 0 did not.').waitFor();
    // Heard as it is read: no markup of Slack's.
    await page.locator('#announcer').getByText('Answers in threads: 1 helped').waitFor();
    expect(await page.locator('#announcer').textContent()).not.toContain('<!date');
    expect(product.logged).toEqual([]);
  });

  it('without a model: the same question is answered with what can be asked, and those are answered', async () => {
    const { page, product } = await open({});
    const help = await askInThread(page, question);
    await help.getByText('I did not understand that. You can ask me, for example:').waitFor();
    const measured = await askInThread(page, 'metrics of payment in the last 2 minutes');
    await measured.getByText(/calls, \d+ failed/).waitFor();
    const hit = await askInThread(page, 'who is affected');
    await hit.getByText(/these suffer, nearest first/).waitFor();
    await hit.scrollIntoViewIfNeeded();
    await look(page, 'chat-without-model');
    expect(product.logged).toEqual([]);
  });

  it('in a direct message it offers what can be asked, and answers what is picked', async () => {
    const { page } = await open({});
    await page.keyboard.press('Escape');
    await page
      .getByRole('link', { name: /TracePulse/ })
      .or(page.getByRole('button', { name: /TracePulse/ }))
      .first()
      .click();
    const prompts = page.getByRole('group', { name: 'What would you like to know?' });
    await prompts.getByRole('button', { name: 'Errors in payment' }).waitFor();
    await look(page, 'chat-direct');
    // Prompts are offered anew whenever the conversation is opened, here by the same person elsewhere; a draft outlives that.
    const draft = page.getByLabel('Message TracePulse');
    await draft.fill('is it the');
    const bar = await prompts.elementHandle();
    const elsewhere = await openPage(browser);
    await elsewhere.goto(page.url());
    await expect.poll(() => bar?.evaluate((each) => each.isConnected)).toBe(false);
    await prompts.getByRole('button', { name: 'Errors in payment' }).waitFor();
    expect(await draft.inputValue()).toBe('is it the');
    expect(await draft.evaluate((each) => each.matches(':focus'))).toBe(true);
    await draft.fill('');
    await elsewhere.close();
    await prompts.getByRole('button', { name: 'What is broken now?' }).click();
    await page
      .getByText(/1 reply/)
      .first()
      .waitFor();
    await page
      .getByText(/1 reply/)
      .first()
      .click();
    await page
      .getByRole('complementary')
      .getByText(/Open now\. Ask in the thread/)
      .waitFor();
  });
});
