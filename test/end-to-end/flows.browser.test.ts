/**
 * Everything people do with the product in Slack, one flow after the other in a real browser. At each step that shows something
 * of its own (a modal, a menu, an answer for one person, the Home tab, a direct message, a picture) axe looks at it, in light
 * and dark.
 */
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { auditCommand } from '../../src/cli/stored.ts';
import { hasChromium, launchChromium, objections, openPage } from '../support/chromium.ts';
import { patience } from '../support/patience.ts';
import { movedRecording } from './moved-recording.ts';
import { type RunningProduct, startProduct } from './running-product.ts';

const recorded = join(import.meta.dirname, '..', 'scenarios', 'harbour');

describe.skipIf(!hasChromium)('what people do, on the page (skipped without /usr/bin/chromium)', () => {
  let product: RunningProduct;
  let browser: Browser;
  let page: Page;
  let incidentId: string;
  const problems: string[] = [];

  beforeAll(async () => {
    [product, browser] = await Promise.all([startProduct({ SLACK_ACTORS: 'U0ANA,U0BEN' }), launchChromium()]);
    page = await openPage(browser, { viewport: { width: 1180, height: 820 } });
    page.on('pageerror', (error) => problems.push(String(error)));
    await page.goto(`${product.url}/chat`);
    const recording = movedRecording(recorded, Date.now());
    await product.push(recording);
    incidentId = (await product.fire(recording)).id;
    await card().getByText('Most likely cause: payment').waitFor();
  });
  afterAll(async () => {
    await browser?.close();
    await product?.stop();
  });

  const card = (): Locator => page.locator('#timeline .row', { hasText: incidentId }).first();
  async function noObjections(): Promise<void> {
    for (const colorScheme of ['dark', 'light'] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await objections(page)).toEqual([]);
    }
  }

  async function type(text: string): Promise<void> {
    const field = page.getByRole('textbox', { name: /^Message / });
    await field.fill(text);
    await field.press('Enter');
    // What is refused stays to be mended.
    await expect.poll(() => field.inputValue()).toBe('');
  }

  /** The page is loaded anew for them, and what is written before that is gone with it. */
  async function actAs(person: string): Promise<void> {
    const loaded = page.waitForEvent('load');
    await page.getByLabel('Acting as').selectOption(person);
    await loaded;
  }

  /** What only the person who acted reads; it is put away, so that the next is not mistaken for it. */
  async function isTold(what: RegExp): Promise<void> {
    const told = page.locator('.row.ephemeral').filter({ hasText: what });
    await told.last().waitFor();
    await noObjections();
    const before = await told.count();
    await told.last().hover();
    await told.last().getByRole('button', { name: 'Dismiss' }).click();
    await expect.poll(() => told.count()).toBe(before - 1);
  }

  /** The card may be drawn anew at any moment, also between the look and the press. */
  async function choose(option: RegExp): Promise<void> {
    const menu = card().getByRole('menuitem', { name: option });
    await vi.waitFor(async () => {
      if (!(await menu.isVisible())) await card().getByRole('button', { name: 'More actions' }).click();
      await menu.click({ timeout: 5_000 });
    }, patience);
  }

  it('confirms with a note, and takes it back', async () => {
    await choose(/^Confirm payment, with a note/);
    const modal = page.getByRole('dialog', { name: 'Confirm this cause' });
    await modal.waitFor();
    await noObjections();
    await modal.getByLabel('What did you find?').fill('The gateway had no connections left.');
    await modal.getByRole('button', { name: 'Confirm' }).click();
    await modal.waitFor({ state: 'hidden' });
    await isTold(/you confirmed payment/);
    await card().getByText('Confirmed by').first().waitFor();
    await card().getByText('The gateway had no connections left.').waitFor();
    // For two seconds a second press counts as a double click; one more, once it was taken, would confirm again.
    await page.waitForTimeout(2_500);
    await card().getByRole('button', { name: 'Confirm payment as the cause' }).click();
    await isTold(/is taken back/);
    await expect.poll(() => card().getByText('Confirmed by').count()).toBe(0);
  });

  it('opens the modal behind Reject, which can be left', async () => {
    await card().getByRole('button', { name: 'Reject payment as the cause' }).click();
    const modal = page.getByRole('dialog', { name: 'Reject this cause' });
    await modal.waitFor();
    await modal.getByRole('combobox', { name: 'Service at fault' }).press('ArrowDown');
    await noObjections();
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await modal.waitFor({ state: 'hidden' });
    expect(await card().getByText('Rejected by').count()).toBe(0);
  });

  it('mutes and unmutes', async () => {
    await card()
      .getByRole('button', { name: `Mute 1 h: ${incidentId}` })
      .click();
    await card()
      .getByRole('button', { name: `Unmute: ${incidentId}` })
      .waitFor();
    await noObjections();
    await card()
      .getByRole('button', { name: `Unmute: ${incidentId}` })
      .click();
    await card()
      .getByRole('button', { name: `Mute 1 h: ${incidentId}` })
      .waitFor();
  });

  it('lets nobody act who is not on the list, and tells them so alone', async () => {
    await actAs('U0CHRIS');
    await card().getByRole('button', { name: 'Confirm payment as the cause' }).click();
    await isTold(/That is for others here/);
    await card()
      .getByRole('button', { name: `Resolve: ${incidentId}` })
      .click();
    await isTold(/That is for others here/);
    await actAs('U0ANA');
    expect(await card().getByText('Confirmed by').count()).toBe(0);
    await card()
      .getByRole('button', { name: `Resolve: ${incidentId}` })
      .waitFor();
  });

  it('starts an investigation from what a message says, and the form says what is wrong in it', async () => {
    await type('FIRING: error rate of checkout is 8 %');
    const message = page.locator('#timeline .row', { hasText: 'error rate of checkout is 8 %' }).first();
    await message.hover();
    await message.getByRole('button', { name: 'Message shortcuts' }).click();
    await noObjections();
    await message.getByRole('menuitem', { name: /Investigate message/ }).click();
    const modal = page.getByRole('dialog', { name: 'Investigate' });
    await modal.waitFor();
    const subject = modal.getByLabel('Service or correlation id');
    expect(await subject.inputValue()).toBe('checkout');
    await noObjections();
    await subject.fill('   ');
    await modal.getByRole('button', { name: 'Investigate' }).click();
    await modal
      .getByText(/Name a service or a correlation id|required/)
      .first()
      .waitFor();
    await noObjections();
    await subject.fill('checkout');
    await modal.getByLabel('Minutes to look back').fill('15');
    await modal.getByRole('button', { name: 'Investigate' }).click();
    await modal.waitFor({ state: 'hidden' });
    await isTold(/is under way/);
  });

  it('answers commands to who asked: statistics, help with examples, and what was meant', async () => {
    await type('/tracepulse stats');
    // In all, by service, by week: how many, and how long until the report.
    const figures = String.raw`\d+ incidents?, report after [\d.]+ (?:ms|s|min)\b`;
    await isTold(new RegExp(String.raw`Since .+: ${figures}.*• \S+: ${figures}.*• Week of \d{4}-\d\d-\d\d: ${figures}`, 's'));
    await type('/tracepulse help');
    const names = 'help status investigate incidents report map export mute unmute resolve stats check'.split(' ');
    const listed = names.map((name) => `/tracepulse ${name}\\b`).join('.*• ');
    await isTold(new RegExp(`${listed}.*For example /tracepulse investigate payment 30.*what changed`, 's'));
    await type('/tracepulse investigate paymnt');
    await isTold(/I know no service paymnt\. Did you mean payment\? \/tracepulse investigate payment/);
    await type('/tracepulse map payment');
    await isTold(/payment has \d+ connections:.*\S → payment: \d+ calls/s);
  });

  it('shows the thread with its pictures', async () => {
    await card().hover();
    await card().getByRole('button', { name: 'Reply in thread' }).click();
    const thread = page.getByRole('complementary');
    await thread
      .getByRole('img', { name: /payment is most/ })
      .first()
      .waitFor();
    await noObjections();
    await page.locator('#reply-text').fill('what changed');
    await page.locator('#reply-text').press('Enter');
    await thread
      .locator('[data-user="U0TRACE"]', { hasText: /change/i })
      .last()
      .waitFor();
    await noObjections();
  });

  it('shows the Home tab, and answers in a direct message', async () => {
    await page.goto(`${product.url}/chat#/home`);
    await page.locator('#home-surface').getByText(incidentId).first().waitFor();
    await noObjections();
    await page.getByRole('tab', { name: 'Messages' }).click();
    await page.getByLabel('Message TracePulse').fill(`errors in payment`);
    await page.keyboard.press('Enter');
    await page.getByText('1 reply').first().waitFor();
    await noObjections();
  });

  it('gives an incident a card in each channel of its route, once the routes are read again, and keeps them in step', async () => {
    await page.goto(`${product.url}/chat#/C0GENERAL`);
    await page.getByLabel('Message #general').waitFor();
    const field = page.getByLabel('Message #general');
    await field.fill('/invite @tracepulse');
    // The first takes the name that is offered.
    await field.press('Enter');
    await field.press('Enter');
    await expect.poll(() => field.inputValue()).toBe('');
    product.reload({ TRACEPULSE_ROUTES: JSON.stringify([{ match: { service: 'catal*' }, channels: ['#debug', '#general'] }]) });
    await type('/tracepulse investigate catalog 15');
    const cards = page
      .locator('#timeline .row', { hasText: 'catalog' })
      .filter({ has: page.getByRole('button', { name: /^Resolve: INC-/ }) });
    await cards.first().waitFor();
    await noObjections();
    await cards
      .first()
      .getByRole('button', { name: /^Resolve: INC-/ })
      .click();
    await expect.poll(() => cards.count()).toBe(0);
    await page.goto(`${product.url}/chat#/C0DEBUG`);
    await page.getByLabel('Message #debug').waitFor();
    await page.locator('#timeline .row', { hasText: 'catalog' }).last().waitFor();
    await expect.poll(() => cards.count()).toBe(0);
  });

  it('resolves, and the card needs little room from then on', async () => {
    await page.goto(`${product.url}/chat#/C0DEBUG`);
    const before = (await card().boundingBox())?.height ?? 0;
    await card()
      .getByRole('button', { name: `Resolve: ${incidentId}` })
      .click();
    await card()
      .getByRole('button', { name: `Resolve: ${incidentId}` })
      .waitFor({ state: 'detached' });
    expect((await card().boundingBox())?.height ?? before).toBeLessThan(before);
    await noObjections();
  });

  it('kept who did what, for a command to read', async () => {
    const lines: string[] = [];
    const code = await auditCommand(
      product.folder,
      [],
      (line) => void lines.push(line),
      (line) => void lines.push(line),
    );
    expect(code).toBe(0);
    const audit = lines.join('\n');
    for (const act of [/confirm/, /withdraw|took back/, /mute/, /unmute/, /resolve/]) expect(audit).toMatch(act);
    expect(audit).toContain('U0ANA');
    expect(audit).not.toContain('U0CHRIS');
  });

  it('went wrong nowhere', () => {
    expect(problems).toEqual([]);
    expect(product.logged).toEqual([]);
  });
});
