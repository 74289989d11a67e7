/**
 * The product as it runs, in a real browser: a recorded incident arrives over HTTP, and a person reads, rejects and asks on
 * the page. With UPDATE_SCREENSHOTS=1 it also takes the pictures in docs/images.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { IncidentContext } from '../../src/domain/incident-context.ts';
import { hasChromium, launchChromium, objections, openPage } from '../support/chromium.ts';
import { movedRecording } from './moved-recording.ts';
import { type RunningProduct, startProduct } from './running-product.ts';

const images = join(import.meta.dirname, '..', '..', 'docs', 'images');
const recorded = join(import.meta.dirname, '..', 'scenarios', 'harbour');

describe.skipIf(!hasChromium)('an incident on the page (skipped without /usr/bin/chromium)', () => {
  let product: RunningProduct;
  let browser: Browser;
  let page: Page;
  let incidentId: string;
  const problems: string[] = [];

  beforeAll(async () => {
    [product, browser] = await Promise.all([startProduct(), launchChromium()]);
    page = await openPage(browser, { viewport: { width: 1180, height: 820 } });
    page.on('pageerror', (error) => problems.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') problems.push(message.text());
    });
    page.on('request', (request) => {
      if (!request.url().startsWith(product.url)) problems.push(`asked ${request.url()}`);
    });
    await page.goto(`${product.url}/chat`);
  });
  afterAll(async () => {
    await browser?.close();
    await product?.stop();
  });

  const card = (): Locator => page.locator('#timeline .row, .row', { hasText: incidentId }).first();
  const thread = (): Locator => page.getByRole('complementary');
  const contextNow = async () => (await product.read(`/api/incidents/${incidentId}/context`)) as IncidentContext;

  /** In light and dark, when pictures are wanted; a person may look at any of them, so no pointer and no caret is in it. */
  async function picture(name: string, of: Page | Locator = page): Promise<void> {
    if (process.env['UPDATE_SCREENSHOTS'] !== '1') return;
    mkdirSync(images, { recursive: true });
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.mouse.move(0, 0);
      await of.screenshot({ path: join(images, `${name}-${colorScheme}.png`), caret: 'hide', animations: 'disabled' });
    }
    await page.emulateMedia({ colorScheme: 'light', reducedMotion: null });
  }

  it('shows the report with the cause and its evidence', async () => {
    const recording = movedRecording(recorded, Date.now());
    await product.push(recording);
    const { status, id } = await product.fire(recording);
    expect(status).toBe(202);
    incidentId = id;
    await card().getByText('Most likely cause: payment').waitFor();
    const { hypotheses, evidence } = await contextNow();
    expect(hypotheses[0]?.service).toBe('payment');
    const first = hypotheses[0]?.evidence[0] ?? '';
    await card()
      .getByText((evidence[first]?.text ?? 'nothing').split(/[<*]/)[0] ?? '', { exact: false })
      .first()
      .waitFor();
    await card().getByText(first).first().waitFor();
    expect(await objections(page)).toEqual([]);
    await picture('report');
  });

  it('takes a rejection with what it really was, ranks again and shows the verdict', async () => {
    await card().getByRole('button', { name: 'Reject payment as the cause' }).click();
    const modal = page.getByRole('dialog', { name: 'Reject this cause' });
    await modal.waitFor();
    expect(await objections(page)).toEqual([]);
    const service = modal.getByRole('combobox', { name: 'Service at fault' });
    await service.focus();
    await page.keyboard.type('check');
    await modal.getByRole('option', { name: 'checkout', exact: true }).waitFor();
    await page.keyboard.press('Enter');
    await modal.getByLabel('What did you find?').fill('payment was down for a test; the orders failed before it');
    await picture('reject');
    await modal.getByRole('button', { name: 'Reject' }).click();
    await modal.waitFor({ state: 'hidden' });
    await card().getByText('Rejected by').waitFor();
    await card().getByText('Changed: first place was payment before.').waitFor();
    const { hypotheses } = await contextNow();
    expect(hypotheses[0]?.service).not.toBe('payment');
    const summary = (await product.read(`/api/incidents/${incidentId}`)) as {
      feedback: readonly { actualService: string | null; note: string | null }[];
    };
    expect(summary.feedback).toMatchObject([{ actualService: 'checkout', note: expect.stringContaining('for a test') }]);
    await card().locator('.row-name').first().scrollIntoViewIfNeeded();
    await picture('rejected');
  });

  it('answers a command to the person who typed it', async () => {
    const field = page.getByLabel('Message #debug');
    await field.fill('/tracepulse status');
    await field.press('Enter');
    const answer = page.locator('.row.ephemeral').last();
    await answer.getByText(/is connected/).waitFor();
    await answer
      .getByText(/open incident/i)
      .first()
      .waitFor();
    expect(await objections(page)).toEqual([]);
    await picture('status');
    await answer.hover();
    await answer.getByRole('button', { name: 'Dismiss' }).click();
  });

  it('answers questions in the thread from the evidence, and says from which', async () => {
    await card().hover();
    await card().getByRole('button', { name: 'Reply in thread' }).click();
    for (const [asked, answered] of [
      ['why payment', /payment/],
      ['what changed', /change/i],
    ] as const) {
      const question = thread().locator('.row').filter({ hasText: asked });
      await page.locator('#reply-text').fill(asked);
      await page.locator('#reply-text').press('Enter');
      await question.last().waitFor();
      // Whatever else is in the panel by then, the answer is the bot's and stands behind the question.
      const answer = question.last().locator('xpath=following-sibling::*[@data-user="U0TRACE"]').filter({ hasText: answered });
      await answer.first().waitFor();
    }
    const { evidence } = await contextNow();
    const said = (await thread().textContent()) ?? '';
    expect(Object.keys(evidence).some((id) => said.includes(id))).toBe(true);
    expect(await objections(page)).toEqual([]);
    await thread().locator('.row').last().scrollIntoViewIfNeeded();
    await picture('thread');
  });

  it('shows the incident in pictures, in the thread, with their words for who cannot see them', async () => {
    const map = thread().getByRole('img', { name: /most likely at fault|most suspect so far/ });
    // A chart of Slack's own, or a picture of it.
    const timeline = thread().getByRole('img', { name: /^(?:Failed calls|Slowest|Error lines|Calls)/ });
    for (const shown of [map.first(), timeline.first()]) {
      await shown.scrollIntoViewIfNeeded();
      await expect.poll(async () => (await shown.boundingBox())?.width).toBeGreaterThan(250);
    }
    expect(await objections(page)).toEqual([]);
  });

  it('lists on the Home tab what is open, what this person said and what is connected', async () => {
    await page.goto(`${product.url}/chat#/home`);
    const home = page.locator('#home-surface');
    await home.getByText(incidentId).first().waitFor();
    await home
      .getByText(/rejected/i)
      .first()
      .waitFor();
    for (const colorScheme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await objections(page)).toEqual([]);
    }
    await picture('home');
    await home.getByRole('button', { name: 'New investigation' }).click();
    await page.getByRole('dialog').waitFor();
    expect(await objections(page)).toEqual([]);
    await page.keyboard.press('Escape');
  });

  it('asked no other host for anything, and nothing went wrong on either side', () => {
    expect(problems).toEqual([]);
    expect(product.logged).toEqual([]);
  });
});
