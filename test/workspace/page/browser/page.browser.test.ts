import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hasChromium } from '../../../support/chromium.ts';
import { card } from '../shop-bot.ts';
import { type Stage, setStage } from './page-in-chromium.ts';

describe.skipIf(!hasChromium)('the page in Chromium (skipped without /usr/bin/chromium)', () => {
  let stage: Stage;
  let page: Page;
  let problems: string[];

  beforeAll(async () => {
    stage = await setStage();
    ({ page, problems } = await stage.open());
  });
  afterAll(() => stage.stop());

  const post = async (text: string, blocks = card('*Firing*')): Promise<string> =>
    (await stage.bot.app.client.chat.postMessage({ channel: 'C0DEBUG', text, blocks })).ts ?? '';
  const row = (ts: string, surface = 'channel') => page.locator(`#${surface}-C0DEBUG-${ts.replace('.', '-')}`);
  const goTo = (place: string): Promise<void> => page.evaluate(`location.hash = ${JSON.stringify(place)}`);

  it('tells whoever comes before the first message that there is something to wait for', async () => {
    const said = () => page.evaluate("getComputedStyle(document.getElementById('timeline'), '::before').content");
    expect(await said()).toContain('A report appears here by itself');
    await row(await post('the first', [])).waitFor();
    expect(await said()).toBe('none');
  });

  it('shows a message the moment it is posted, and says it to a screen reader', async () => {
    const ts = await post('Critical: checkout fails at payment since 12:01');
    await row(ts).getByText('INC-142 checkout fails at payment').waitFor();
    await page
      .locator('#announcer', { hasText: 'tracepulse: Critical: checkout fails at payment since 12:01' })
      .waitFor({ state: 'attached' });
    expect(await row(ts).locator('svg[role="img"]').getAttribute('aria-label')).toContain('payment from 0.2 to 8.4');
  });

  it('misses nothing that is posted while it loads', async () => {
    for (let count = 0; count < 5; count += 1) {
      const reload = page.reload();
      const ts = await post(`while loading ${count}`, []);
      await reload;
      await row(ts).waitFor();
    }
  });

  it('sends what is typed on Enter, and breaks the line on Shift+Enter', async () => {
    const field = page.getByLabel('Message #debug');
    await field.click();
    await page.keyboard.type('first *line*');
    await page.keyboard.press('Shift+Enter');
    await page.keyboard.type('<b>second</b> at 12:01:12');
    await page.keyboard.press('Enter');
    const own = page.locator('.row', { hasText: 'first line' });
    await own.waitFor();
    expect(await own.locator('.row-body').innerHTML()).toContain('first <b>line</b><br>&lt;b&gt;second&lt;/b&gt; at 12:01:12');
    expect(await field.inputValue()).toBe('');
  });

  it('opens a thread, replies there, and shows the answer beside the channel', async () => {
    const ts = await post('INC-142 again');
    await row(ts).hover();
    await row(ts).getByRole('button', { name: 'Reply in thread' }).click();
    const thread = page.getByRole('complementary');
    await page.locator('#reply-text:focus').waitFor();
    await page.keyboard.type('why payment?');
    await page.keyboard.press('Enter');
    await thread.getByRole('table', { name: '' }).getByText('8.4 %').waitFor();
    await row(ts).getByText('2 replies').waitFor();
    await page.keyboard.press('Escape');
    await thread.waitFor({ state: 'hidden' });
    expect(await page.evaluate('document.activeElement?.id')).toBe(`channel-C0DEBUG-${ts.replace('.', '-')}`);
  });

  it('shows an answer while it is written, with its progress, and lets the person stop it', async () => {
    const { client } = stage.bot.app;
    const ts = await post('a long answer', []);
    await goTo(`#/C0DEBUG/${ts}`);
    const thread = page.getByRole('complementary');
    await client.assistant.threads.setStatus({ channel_id: 'C0DEBUG', thread_ts: ts, status: 'reads the logs' });
    await thread.getByText('reads the logs').waitFor();
    const at = { channel: 'C0DEBUG', thread_ts: ts, recipient_user_id: 'U0ANA', recipient_team_id: 'T0WORK' };
    const { ts: streamTs = '' } = await client.chat.startStream({
      ...at,
      chunks: [{ type: 'task_update', id: 't1', title: 'Read deploys', status: 'in_progress' }],
    });
    const grow = (text: string) =>
      client.chat.appendStream({ channel: 'C0DEBUG', ts: streamTs, chunks: [{ type: 'markdown_text', text }] });
    await grow('It was ');
    await grow('**payment**.');
    const answer = row(streamTs, 'thread');
    await answer.getByRole('img', { name: 'in progress' }).waitFor();
    await answer.locator('b', { hasText: 'payment' }).waitFor();
    expect(await thread.getByText('reads the logs').count()).toBe(0);
    await answer.getByRole('button', { name: 'Stop' }).click();
    await answer.getByText('writing…').waitFor({ state: 'detached' });
    await expect(grow('more')).rejects.toThrow('stopped_by_user');
    await goTo('#/C0DEBUG');
  });

  it('offers no commands in a thread, as Slack does not', async () => {
    const ts = await post('no commands here', []);
    await goTo(`#/C0DEBUG/${ts}`);
    const field = page.getByLabel('Reply…');
    await field.fill('/tracepulse help');
    await field.press('Enter');
    await page.getByText('/tracepulse is not supported in threads. Sorry!').waitFor();
    expect(await field.inputValue()).toBe('/tracepulse help');
    await goTo('#/C0DEBUG');
  });

  it('completes a command, runs it, and shows its answer to this person alone', async () => {
    const field = page.getByLabel('Message #debug');
    await field.click();
    await page.keyboard.type('/tra');
    await page.getByRole('option', { name: /\/tracepulse/ }).waitFor();
    await page.keyboard.press('Tab');
    expect(await field.inputValue()).toBe('/tracepulse ');
    await page.keyboard.type('status');
    await page.keyboard.press('Enter');
    const answer = page.locator('.row.ephemeral', { hasText: 'You said status' });
    await answer.waitFor();
    await answer.hover();
    await answer.getByRole('button', { name: 'Dismiss' }).click();
    await answer.waitFor({ state: 'detached' });
  });

  it('says so when a command does not exist, and keeps the text', async () => {
    const field = page.getByLabel('Message #debug');
    await field.fill('/nonsense');
    await field.press('Enter');
    await page.getByText('/nonsense is not a valid command.').waitFor();
    expect(await field.inputValue()).toBe('/nonsense');
    await field.fill('');
  });

  it('takes a person from a button through a modal with errors to the changed card, by keyboard alone', async () => {
    const ts = await post('reject me');
    const reject = row(ts).getByRole('button', { name: 'Reject' });
    await reject.focus();
    await page.keyboard.press('Enter');
    const modal = page.getByRole('dialog', { name: 'What was it really?' });
    await modal.waitFor();
    // The first field has the focus: an empty form complains at its fields and nothing is sent.
    expect(await page.evaluate(`document.activeElement?.getAttribute('role')`)).toBe('combobox');
    await modal.getByRole('button', { name: 'Send' }).press('Enter');
    await modal.getByText('Please complete this required field.').first().waitFor();
    const service = modal.getByRole('combobox', { name: 'Service' });
    await service.focus();
    await page.keyboard.type('pay');
    expect(await modal.getByRole('option').allTextContents()).toEqual(['payment']);
    await page.keyboard.press('Enter');
    expect(await service.inputValue()).toBe('payment');
    await modal.getByRole('radio', { name: 'latency' }).focus();
    await page.keyboard.press('Space');
    await modal.getByLabel('Note').fill('the pool was full');
    await modal.getByRole('button', { name: 'Send' }).press('Enter');
    // The app's own objection stands at its field, and what was entered stays.
    await modal.getByText('payment is what you just rejected.').waitFor();
    expect(await modal.getByLabel('Note').inputValue()).toBe('the pool was full');
    expect(await modal.getByRole('radio', { name: 'latency' }).isChecked()).toBe(true);
    await service.focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await modal.getByRole('button', { name: 'Send' }).press('Enter');
    await modal.waitFor({ state: 'hidden' });
    await row(ts).getByText('Rejected by @ana').waitFor();
    expect(await row(ts).locator('s').textContent()).toBe('Firing');
  });

  it('asks before something that cannot be undone', async () => {
    const ts = await post('resolve me');
    await row(ts).getByRole('button', { name: 'Resolve' }).click();
    const question = page.getByRole('dialog', { name: 'Resolve INC-142?' });
    await question.getByRole('button', { name: 'Keep open' }).click();
    await question.waitFor({ state: 'hidden' });
    expect(await page.locator('.row', { hasText: 'incident_resolve: pressed' }).count()).toBe(0);
    await row(ts).getByRole('button', { name: 'Resolve' }).click();
    await question.getByRole('button', { name: 'Resolve' }).click();
    await page.locator('.row', { hasText: 'incident_resolve: pressed' }).waitFor();
  });

  it('sends a choice from a menu and from an overflow menu', async () => {
    const ts = await post('menus');
    await row(ts).getByRole('combobox', { name: 'Mute for' }).click();
    await row(ts).getByRole('option', { name: '1 day' }).click();
    await page.locator('.row', { hasText: 'incident_mute: 1 day' }).waitFor();
    await row(ts).getByRole('button', { name: 'More actions' }).click();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.locator('.row', { hasText: 'more: jira' }).waitFor();
  });

  it('keeps a menu open, with the focus where it was, while its message is edited', async () => {
    const ts = await post('busy');
    await row(ts).getByRole('button', { name: 'More actions' }).click();
    await page.keyboard.press('ArrowDown');
    await stage.bot.app.client.chat.update({ channel: 'C0DEBUG', ts, text: 'busier', blocks: card('*Much busier now*') });
    await row(ts).getByText('Much busier now').waitFor();
    expect(await row(ts).getByRole('menuitem').allTextContents()).toHaveLength(2);
    expect(await page.evaluate('document.activeElement?.textContent')).toBe('Create a Jira issue');
    const told = page.locator('.row', { hasText: 'more: jira' });
    const before = await told.count();
    await page.keyboard.press('Enter');
    await expect.poll(() => told.count()).toBe(before + 1);
    expect(await row(ts).getByRole('menuitem').count()).toBe(0);
  });

  it('runs shortcuts from a message and from anywhere', async () => {
    const posted = stage.workspace.sayAsBot('debug', { name: 'Alertmanager', text: 'HighErrorRate on payment' });
    await row(posted.ts).hover();
    await row(posted.ts).getByRole('button', { name: 'Message shortcuts' }).click();
    await row(posted.ts)
      .getByRole('menuitem', { name: /Investigate message/ })
      .click();
    await row(posted.ts).getByText('1 reply').waitFor();
    await page.getByRole('button', { name: 'New investigation' }).click();
    const modal = page.getByRole('dialog', { name: 'Investigate' });
    await modal.waitFor();
    await page.keyboard.press('Escape');
    await modal.waitFor({ state: 'hidden' });
    expect(stage.workspace.views('ana')).toEqual([]);
  });

  it("shows the app's Home tab, and speaks with it directly", async () => {
    await goTo('#/home');
    await page.getByRole('heading', { name: 'Open incidents' }).waitFor();
    await page.getByRole('tab', { name: 'Messages' }).click();
    await page.getByLabel('Message TracePulse').fill('hello');
    await page.keyboard.press('Enter');
    await page.locator('.row', { hasText: 'hello' }).waitFor();
    expect(stage.workspace.messages(stage.workspace.directMessage('ana').id).at(-1)?.text).toBe('hello');
    await goTo('#/C0DEBUG');
  });

  it('misses nothing that is posted while a person changes places', async () => {
    await page.route('**/chat/api/messages?*', async (route) => {
      const answer = await route.fetch();
      // The answer is already made when this is posted, and arrives after the stream has told of it.
      if (route.request().url().includes('C0GENERAL')) {
        const { ts } = stage.workspace.say({ user: 'ben', channel: 'general', text: 'in between' });
        await expect.poll(() => seen.has(ts)).toBe(true);
      }
      await route.fulfill({ response: answer });
    });
    const seen = new Set<string>();
    await page.exposeFunction('noteChange', (ts: string) => void seen.add(ts));
    await page.evaluate(
      `new EventSource('/chat/stream').addEventListener('message', (event) => noteChange(JSON.parse(event.data).message?.ts ?? ''))`,
    );
    const answered = page.waitForResponse((response) => response.url().includes('channel=C0GENERAL'));
    await goTo('#/C0GENERAL');
    await answered;
    // Drawn once the answer is there, and then without what the channel before had.
    await page.getByLabel('Message #general').waitFor();
    expect(await page.locator('#timeline .row .row-body').allTextContents()).toEqual(['in between']);
    await page.unroute('**/chat/api/messages?*');
    await goTo('#/C0DEBUG');
    await page.getByLabel('Message #debug').waitFor();
  });

  it('follows the newest message, and leaves whoever scrolled back where they read', async () => {
    const scroller = page.locator('#scroller');
    const ts = await post('the newest of many');
    await row(ts).getByText('Evidence: 7 spans').waitFor();
    const fromEnd = (): Promise<number> => scroller.evaluate((element) => element.scrollHeight - element.scrollTop - element.clientHeight);
    await expect.poll(fromEnd).toBeLessThan(2);
    await scroller.evaluate((element) => element.scrollTo(0, 0));
    await row(await post('another one', [])).waitFor({ state: 'attached' });
    expect(await scroller.evaluate((element) => element.scrollTop)).toBe(0);
  });

  it('says what Slack would have refused, and why', async () => {
    await stage.bot.app.client.chat
      .postMessage({ channel: 'C0DEBUG', text: 'x', blocks: [{ type: 'section', text: { type: 'mrkdwn', text: '' } }] })
      .catch(() => undefined);
    await page.getByRole('alert').getByText('Slack would have refused chat.postMessage: invalid_blocks').waitFor();
    await goTo('#/refused');
    await page.getByText('json-pointer:/blocks/0/text/text').waitFor();
    await goTo('#/C0DEBUG');
  });

  it('lets the person at the page be somebody else', async () => {
    const reloaded = page.waitForEvent('load');
    await page.getByLabel('Acting as').selectOption('U0BEN');
    await reloaded;
    await page.getByLabel('Message #debug').fill('ben here');
    await page.keyboard.press('Enter');
    await page.locator('.row', { hasText: 'ben here' }).locator('.row-name', { hasText: 'ben' }).waitFor();
  });

  it('asked no other host for anything, and logged no error', () => expect(problems).toEqual([]));
});
