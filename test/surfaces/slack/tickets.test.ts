/** From the button to the form to the one issue, through the real surface and workspace. */
import { afterEach, describe, expect, it } from 'vitest';
import { Failure } from '../../../src/domain/failure.ts';
import type { TicketForm } from '../../../src/domain/ticket-wish.ts';
import { eventually } from '../../workspace/bolt.ts';
import { states } from '../../adapters/sinks/slack/cards.ts';
import { type Run, startRun } from './workspace-run.ts';

const form: TicketForm = {
  ticket: { state: 'none' },
  wish: {
    project: 'OPS',
    type: 'Task',
    priority: 'High',
    assignee: null,
    summary: 'INC-12 <b> Error rate above 5 %',
    description: `${'x'.repeat(2_990)} and more than fits`,
  },
  choices: {
    projects: [
      { key: 'WEB', name: 'Web' },
      { key: 'OPS', name: 'Operations' },
    ],
    types: ['Task', 'Bug'],
    priorities: ['High', 'Low'],
    assignees: Array.from({ length: 140 }, (_, i) => ({ id: `acc-${i}`, name: `Person ${i}` })),
  },
};

let run: Run;
afterEach(async () => {
  const refused = run.server.workspace.refusals();
  await run.stop();
  expect(refused).toEqual([]);
});

const workspace = () => run.server.workspace;
const seen = <Value>(ask: () => Value | undefined) => eventually(run.server, ask);
const told = (user: string) => workspace().ephemerals('debug', user).at(-1)?.text;

async function press(user = 'ben', state: 'none' | 'refused' = 'none') {
  const ticket = state === 'none' ? { state } : { state, reason: 'priority' };
  const place = await run.postCard({ ...states['one-cause']!, ticket });
  expect(await workspace().click(user, place, { actionId: 'jira_create' })).toMatchObject({ ok: true });
}
const opened = (user = 'ben') => seen(() => workspace().views(user).at(-1));

describe('the button', () => {
  it('is not there without a tracker', async () => {
    run = await startRun();
    const { ts } = await run.postCard(states['one-cause']!);
    expect(
      JSON.stringify(
        workspace()
          .messages('debug')
          .find((message) => message.ts === ts),
      ),
    ).not.toContain('jira_create');
  });

  it('opens a form that is filled in, and asks for what was put there', async () => {
    run = await startRun({ ticketForm: form });
    await press();
    const view = JSON.stringify(await opened());
    for (const part of ['jira_issue', 'OPS · Operations', '"Bug"', 'INC-12 ‹b› Error rate', '"High"', 'Person 3'])
      expect(view).toContain(part);
    const assignee = 'acc-7';
    expect(await workspace().submit('ben', { ticket_type: 'Bug', ticket_assignee: assignee, ticket_summary: '  Fix\tit ' })).toMatchObject({
      ok: true,
    });
    await seen(() => told('ben'));
    expect(run.ticketsAsked).toEqual([
      {
        incidentId: 'INC-12',
        person: expect.stringMatching(/^slack:U/),
        wish: {
          project: 'OPS',
          type: 'Bug',
          priority: 'High',
          assignee,
          summary: 'Fix it',
          description: form.wish.description.slice(0, 3_000).trim(),
        },
      },
    ]);
    expect(told('ben')).toContain('is being opened; the card will name it');
  });

  it('lets the rest be typed where Jira does not say what there is', async () => {
    run = await startRun({ ticketForm: { ...form, choices: null } });
    await press();
    await opened();
    expect(await workspace().submit('ben', { ticket_project: 'my project' })).toMatchObject({ ok: false });
    expect(await workspace().submit('ben', { ticket_project: 'web' })).toMatchObject({ ok: true });
    await seen(() => run.ticketsAsked[0]);
    expect(run.ticketsAsked[0]?.wish).toMatchObject({ project: 'WEB', type: 'Task', priority: null, assignee: null });
  });

  it('names the issue that is there, to whoever presses', async () => {
    run = await startRun({
      ticketForm: { ...form, ticket: { state: 'made', key: 'OPS-7', url: 'https://jira.example/browse/OPS-7', status: null } },
    });
    await press('ana');
    expect(await seen(() => told('ana'))).toContain('<https://jira.example/browse/OPS-7|OPS-7>');
    expect(workspace().views('ana')).toEqual([]);
  });

  it('says why nothing was opened', async () => {
    run = await startRun({ ticketForm: form });
    await press('ben', 'refused');
    await opened();
    run.failNext('openTicket', new Failure('rejected', 'tracker', 'open an issue', { hint: 'no <tracker> is connected' }));
    await workspace().submit('ben');
    expect(await seen(() => told('ben'))).toContain('No issue was opened: no &lt;tracker&gt; is connected');
  });
});
