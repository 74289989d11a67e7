import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TicketForm } from '../../../../src/domain/ticket-wish.ts';
import { ticketView } from '../../../../src/surfaces/slack/ticket-view.ts';
import { hasChromium, objections } from '../../../support/chromium.ts';
import { goodMessageBlocks } from '../../blocks/good-blocks.ts';
import { blockCases } from '../render/block-cases.ts';
import { card } from '../shop-bot.ts';
import { type Stage, setStage } from './page-in-chromium.ts';

const task = (id: string, status: string) => ({ type: 'task_card', task_id: id, title: `Step ${id}`, status });
const planOf = {
  type: 'plan',
  title: 'Investigating',
  tasks: ['pending', 'in_progress', 'complete', 'error'].map((status, i) => task(`${i}`, status)),
};
const remoteFile = { type: 'file', source: 'remote', external_id: 'F1' };
const askForIssue = {
  type: 'actions',
  elements: [{ type: 'button', action_id: 'jira_create', text: { type: 'plain_text', text: 'Create issue' } }],
} as const;
const issueForm: TicketForm = {
  ticket: { state: 'none' },
  wish: { project: 'OPS', type: 'Bug', priority: 'High', assignee: null, summary: 'checkout fails', description: 'payment\nis down' },
  choices: {
    projects: [{ key: 'OPS', name: 'Operations' }],
    types: ['Bug', 'Task'],
    priorities: ['High', 'Low'],
    assignees: [{ id: '7', name: 'Ana' }],
  },
};

describe.skipIf(!hasChromium)('accessibility of the page in Chromium (skipped without /usr/bin/chromium)', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await setStage();
    stage.bot.app.action('jira_create', async ({ ack, body, client }) => {
      await ack();
      if (body.type === 'block_actions')
        await client.views.open({ trigger_id: body.trigger_id, view: ticketView('INC-1', 'C0DEBUG', issueForm) });
    });
  });
  afterAll(() => stage.stop());

  it.each(['light', 'dark'] as const)('gives axe nothing to object to, in %s', async (colorScheme) => {
    const { page } = await stage.open({ colorScheme });
    const { client } = stage.bot.app;
    stage.workspace.say({ user: 'ben', channel: 'debug', text: 'hello `code` https://example.com @ana' });
    const { ts = '' } = await client.chat.postMessage({ channel: 'C0DEBUG', text: 'a card', blocks: card('*Firing*') });
    // Every kind of block that a message may hold and that looks unlike the card's.
    const shown = [
      'section',
      'header',
      'context',
      'markdown',
      'table',
      'data_table',
      'task_card',
      'card',
      'carousel',
      'container',
      'context_actions',
      'image',
    ];
    const minutes = ['12:00', '12:01'];
    const data = minutes.map((label, i) => ({ label, value: i * 5 }));
    const chart = {
      type: 'line',
      series: [{ name: 'payment', data }],
      axis_config: { categories: minutes, x_label: 'time', y_label: 'failed' },
    };
    const blocks = [{ type: 'data_visualization', title: 'Failed calls', chart }] as never;
    await client.chat.postMessage({ channel: 'C0DEBUG', text: 'a chart', blocks });
    for (const name of shown) await client.chat.postMessage({ channel: 'C0DEBUG', text: name, blocks: blockCases[name] as never });
    await client.chat.postMessage({
      channel: 'C0DEBUG',
      text: 'rich text',
      blocks: [goodMessageBlocks['rich_text'], planOf, remoteFile] as never,
    });
    await client.chat.postMessage({ channel: 'C0DEBUG', text: 'an issue?', blocks: [askForIssue] });
    stage.workspace.reply('ben', { channel: 'debug', ts }, 'why?');
    stage.workspace.react('ben', { channel: 'debug', ts }, 'eyes');
    await page.getByText('hello').first().waitFor();
    expect(await objections(page)).toEqual([]);
    await page.evaluate(`location.hash = '#/C0DEBUG/${ts}'`);
    await page.locator('#thread .row').first().waitFor();
    expect(await objections(page)).toEqual([]);
    await page.locator('#timeline').getByRole('button', { name: 'More actions' }).first().click();
    await page.getByRole('menuitem', { name: 'Create a Jira issue' }).waitFor();
    expect(await objections(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Create issue' }).last().click();
    const issue = page.getByRole('dialog', { name: 'Create Jira issue' });
    await issue.waitFor();
    expect(await objections(page)).toEqual([]);
    await issue.getByRole('combobox', { name: 'Priority' }).press('ArrowDown');
    await issue.getByRole('option', { name: 'High' }).waitFor();
    expect(await objections(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await issue.waitFor({ state: 'hidden' });
    await page.getByRole('button', { name: 'New investigation' }).click();
    await page.getByRole('dialog').waitFor();
    await page.getByRole('combobox', { name: 'Service' }).press('ArrowDown');
    expect(await objections(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    for (const place of ['#/home', '#/refused']) {
      await page.evaluate(`location.hash = ${JSON.stringify(place)}`);
      await page.locator(place === '#/home' ? '#home-surface h2' : '#refused-surface').waitFor();
      expect(await objections(page)).toEqual([]);
    }
    await page.context().close();
  });
});
