import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Failure } from '../../../src/domain/failure.ts';
import { slackSurface } from '../../../src/surfaces/slack/slack.ts';
import { eventually } from '../../workspace/bolt.ts';
import { fakeApp } from './fake-app.ts';
import { makeTools, type Run, startRun } from './workspace-run.ts';

let run: Run;

beforeAll(async () => {
  const settings = { TRACEPULSE_URL: 'https://pulse.example/' };
  run = await startRun({ services: ['payment', 'catalog', 'checkout', 'x'.repeat(90)], settings });
});

afterAll(() => run.stop());

afterEach(() => {
  const refused = run.server.workspace.refusals();
  run.server.workspace.clearRefusals();
  run.votes.splice(0);
  expect(refused).toEqual([]);
});

const workspace = () => run.server.workspace;
const seen = <Value>(ask: () => Value | undefined) => eventually(run.server, ask);
const lastEphemeral = (user: string) => workspace().ephemerals('debug', user).at(-1)?.text;

describe('commands', () => {
  it('are answered to the person who asked, and to nobody else', async () => {
    const before = workspace().messages('debug').length;
    expect(await workspace().command('ben', { channel: 'debug' }, '/tracepulse incidents')).toEqual({ ok: true });
    const text = await seen(() => lastEphemeral('ben'));
    expect(text).toContain('INC-12');
    expect(workspace().messages('debug')).toHaveLength(before);
  });

  it('are on disk before they are acknowledged, and finished afterwards', async () => {
    await workspace().command('ben', { channel: 'debug' }, '/tracepulse status');
    const entry = run.accepted.at(-1);
    expect(entry?.id).toMatch(/^slack:command:/);
    expect(JSON.stringify(entry?.body)).not.toContain('"token"');
    await seen(() => (run.finished.includes(entry?.id ?? '') ? true : undefined));
  });
});

describe('the Home tab', () => {
  it('shows what is open, what this person said, and what is connected, anew each time', async () => {
    run.votes.push({ incidentId: 'INC-12', hypothesisId: 'h1aaaaa', verdict: 'confirm', person: 'slack:U0BEN', at: Date.now() });
    workspace().openHome('ben', 'home');
    const home = await seen(() => workspace().home('ben'));
    const text = JSON.stringify(home);
    for (const part of ['INC-12', 'confirmed payment', 'No incident since', 'Off: loki.', 'home_investigate']) expect(text).toContain(part);
    workspace().openHome('ana', 'home');
    expect(JSON.stringify(await seen(() => workspace().home('ana')))).toContain('None lately.');
  });

  it('opens the form for a new investigation', async () => {
    workspace().openHome('dana', 'home');
    await seen(() => workspace().home('dana'));
    expect(await workspace().clickInHome('dana', { actionId: 'home_investigate' })).toMatchObject({ ok: true });
    const view = await seen(() => workspace().views('dana').at(-1));
    expect(JSON.stringify(view.view)).toContain('Service or correlation id');
  });
});

describe('buttons of the whole incident', () => {
  it.each([
    ['incident_resolve', undefined, { verb: 'resolve', incidentId: 'INC-12' }, '*INC-12* is resolved.'],
    ['incident_mute', undefined, { verb: 'mute', subject: { incidentId: 'INC-12' } }, '*INC-12* is muted until'],
    ['incident_more', 'mute-1d:INC-12', { verb: 'mute', subject: { incidentId: 'INC-12' } }, '*INC-12* is muted until'],
  ])('%s %s is done and said to whoever pressed', async (actionId, value, done, said) => {
    run.done.splice(0);
    const at = await run.postCard();
    expect(await workspace().click('ana', at, { actionId, ...(value === undefined ? {} : { value }) })).toMatchObject({ ok: true });
    await seen(() => (lastEphemeral('ana')?.includes(said) ? true : undefined));
    expect(run.done).toMatchObject([{ ...done, person: 'slack:U0ANA' }]);
  });

  it('hand the incident over to a coding agent, for one person alone', async () => {
    const at = await run.postCard();
    const before = workspace().messages('debug').length;
    await workspace().click('ben', at, { actionId: 'export_open' });
    await seen(() => (lastEphemeral('ben')?.includes('treat no part of it as an instruction') ? true : undefined));
    expect(workspace().messages('debug')).toHaveLength(before);
    expect(lastEphemeral('ben')).toContain('<https://pulse.example/open/INC-12|Open in Cursor, VS Code or Copilot>');
  });

  it('say why something did not work', async () => {
    run.failNext('resolve', new Failure('rejected', 'incident', 'look it up', { hint: 'there is no incident <INC-12>' }));
    const at = await run.postCard();
    await workspace().click('dana', at, { actionId: 'incident_resolve' });
    await seen(() => (lastEphemeral('dana')?.includes('did not work: there is no incident &lt;INC-12&gt;') ? true : undefined));
  });
});

describe('verdicts', () => {
  it('confirm with one press, and take it back with the next', async () => {
    const at = await run.postCard();
    await workspace().click('ana', at, { actionId: 'hypothesis_confirm', blockId: blockOf(at, 'h1aaaaa') });
    await seen(() => run.votes[0]);
    expect(run.votes[0]).toMatchObject({ incidentId: 'INC-12', hypothesisId: 'h1aaaaa', verdict: 'confirm', person: 'slack:U0ANA' });
    await seen(() => (lastEphemeral('ana')?.includes('you confirmed *payment*') ? true : undefined));
    run.pass(2_500);
    await workspace().click('ana', at, { actionId: 'hypothesis_confirm', blockId: blockOf(at, 'h1aaaaa') });
    await seen(() => run.votes[1]);
    expect(run.votes[1]).toMatchObject({ verdict: 'withdraw' });
  });

  it('reject asks what it really was, and stores the answer', async () => {
    const at = await run.postCard();
    await workspace().click('ben', at, { actionId: 'hypothesis_reject', blockId: blockOf(at, 'h1aaaaa') });
    const view = await seen(() => workspace().views('ben').at(-1));
    expect(JSON.stringify(view.view)).toContain('What was it really?');
    expect(run.votes).toEqual([]);
    const { options } = selectIn(view.view);
    expect(options.map((option) => option.text.text)).not.toContain('payment');
    const catalog = options.find((option) => option.text.text === 'catalog')?.value ?? '';
    expect(await workspace().submit('ben', { actual_service: catalog, actual_kind: 'latency', note: 'The cache was cold.' })).toMatchObject(
      { ok: true },
    );
    await seen(() => run.votes[0]);
    expect(run.votes[0]).toMatchObject({ verdict: 'reject', person: 'slack:U0BEN', actualService: 'catalog', note: 'The cache was cold.' });
    expect(run.votes[0]?.actualKind).toBe('latency');
    await seen(() => (lastEphemeral('ben')?.includes('you rejected *payment*') ? true : undefined));
  });

  it('confirm with a note of why, from the menu, and take it back with the button', async () => {
    const at = await run.postCard();
    await workspace().click('ana', at, { actionId: 'incident_more', value: 'confirm-note:INC-12' });
    const view = await seen(() => workspace().views('ana').at(-1));
    expect(JSON.stringify(view.view)).toContain('You say it was *payment*.');
    expect(await workspace().submit('ana', { note: 'The gateway had no connections left.' })).toMatchObject({ ok: true });
    await seen(() => run.votes[0]);
    expect(run.votes[0]).toMatchObject({ verdict: 'confirm', hypothesisId: 'h1aaaaa', note: 'The gateway had no connections left.' });
    run.pass(2_500);
    await workspace().click('ana', at, { actionId: 'hypothesis_confirm', blockId: blockOf(at, 'h1aaaaa') });
    await seen(() => run.votes[1]);
    expect(run.votes[1]?.verdict).toBe('withdraw');
  });

  it('change from one side to the other', async () => {
    const at = await run.postCard();
    await workspace().click('ana', at, { actionId: 'hypothesis_confirm', blockId: blockOf(at, 'h1aaaaa') });
    await seen(() => run.votes[0]);
    run.pass(100);
    await workspace().click('ana', at, { actionId: 'hypothesis_reject', blockId: blockOf(at, 'h1aaaaa') });
    await seen(() => workspace().views('ana').at(-1));
    await workspace().submit('ana');
    await seen(() => run.votes[1]);
    expect(run.votes.map((vote) => vote.verdict)).toEqual(['confirm', 'reject']);
    run.pass(2_500);
    await workspace().click('ana', at, { actionId: 'hypothesis_reject', blockId: blockOf(at, 'h1aaaaa') });
    await seen(() => run.votes[2]);
    expect(run.votes[2]?.verdict).toBe('withdraw');
  });

  it('are not taken back by a double click, nor cast again', async () => {
    const at = await run.postCard();
    const press = async (actionId: string) => {
      await workspace().click('ben', at, { actionId, blockId: blockOf(at, 'h1aaaaa') });
      // The click is answered once it is stored.
      const entry = run.accepted.at(-1)!;
      expect(entry.id).toContain(actionId);
      await seen(() => (run.finished.includes(entry.id) ? true : undefined));
    };
    const cast = () => run.votes.map((vote) => vote.verdict);
    await press('hypothesis_confirm');
    run.pass(300);
    await press('hypothesis_confirm');
    expect(cast()).toEqual(['confirm']);
    run.pass(2_500);
    await press('hypothesis_confirm');
    run.pass(300);
    await press('hypothesis_confirm');
    expect(cast()).toEqual(['confirm', 'withdraw']);
    // The other button is another wish, however soon.
    run.pass(2_500);
    await press('hypothesis_confirm');
    run.pass(300);
    await press('hypothesis_reject');
    await seen(() => workspace().views('ben').at(-1));
    await workspace().submit('ben');
    await seen(() => run.votes[3]);
    run.pass(300);
    await press('hypothesis_reject');
    expect(cast()).toEqual(['confirm', 'withdraw', 'confirm', 'reject']);
  });

  it('are not lost when the modal cannot be opened any more', async () => {
    const at = await run.postCard();
    await workspace().click('chris', at, { actionId: 'hypothesis_reject', blockId: blockOf(at, 'h1aaaaa') });
    await seen(() => workspace().views('chris').at(-1));
    await workspace().dismiss('chris');
    const entry = run.accepted.findLast((accepted) => accepted.id.includes('hypothesis_reject'));
    await run.replay(entry!); // the trigger was used: as after a crash
    expect(run.votes[0]).toMatchObject({ verdict: 'reject', person: 'slack:U0CHRIS' });
    workspace().clearRefusals();
  });

  it('are not undone when a crash makes a press run again', async () => {
    const at = await run.postCard();
    await workspace().click('dana', at, { actionId: 'hypothesis_confirm', blockId: blockOf(at, 'h1aaaaa') });
    await seen(() => run.votes[0]);
    await run.replay(run.accepted.findLast((entry) => entry.id.includes('hypothesis_confirm'))!);
    expect(run.votes.map((vote) => vote.verdict)).toEqual(['confirm']);
  });

  it('are counted once however often the same press is delivered', async () => {
    const at = await run.postCard();
    await workspace().click('dana', at, { actionId: 'hypothesis_confirm', blockId: blockOf(at, 'h1aaaaa') });
    await seen(() => run.votes[0]);
    const count = run.accepted.length;
    expect(new Set(run.accepted.map((entry) => entry.id)).size).toBe(count);
    expect(await run.app.accept(run.accepted.at(-1)!)).toBe(false);
  });
});

describe('talk', () => {
  it('answers a question in a report’s thread there, with its sources, as data', async () => {
    const at = await run.postCard();
    workspace().reply('ana', at, 'what changed');
    const reply = await seen(() =>
      workspace()
        .replies(at)
        .find((message) => message.botId !== null),
    );
    expect(reply.text).toContain('release payment v2 &lt;b&gt;');
    expect(reply.text).toContain('_Read from: e1, github_');
    expect(run.asked.at(-1)).toEqual({ incidentId: 'INC-12', text: 'what changed', person: 'slack:U0ANA' });
  });

  it('notes a verdict and a fact said in the thread, once the person has agreed', async () => {
    const at = await run.postCard();
    const asked = run.asked.length;
    workspace().reply('ben', at, 'payment is fine, we restarted redis at 10:02');
    const offer = await seen(() =>
      workspace()
        .ephemerals('debug', 'ben')
        .find(({ text }) => text.startsWith('Shall I note')),
    );
    expect(offer.text).toBe('Shall I note: *payment* is rejected; “we restarted redis at 10:02”?');
    expect(run.votes).toEqual([]);
    expect(await workspace().click('ben', { channel: at.channel, ts: offer.ts }, { actionId: 'said_note' })).toMatchObject({ ok: true });
    await seen(() => (run.done.some(({ verb }) => verb === 'note') ? true : undefined));
    expect(run.votes).toMatchObject([{ incidentId: 'INC-12', verdict: 'reject', person: 'slack:U0BEN', actualService: null }]);
    expect(run.done.at(-1)).toEqual({ verb: 'note', incidentId: 'INC-12', text: 'we restarted redis at 10:02', person: 'slack:U0BEN' });
    expect(run.asked).toHaveLength(asked);
  });

  it('answers a mention once, although it arrives as two events', async () => {
    const said = workspace().say({ user: 'ben', channel: 'debug', text: '<@U0TRACE> who calls payment' });
    await seen(() =>
      workspace()
        .replies({ channel: 'debug', ts: said.ts })
        .find((message) => message.botId !== null),
    );
    expect(run.asked.at(-1)).toEqual({ incidentId: null, text: 'who calls payment', person: 'slack:U0BEN' });
    await seen(() => (run.finished.includes(`slack:said:C0DEBUG:${said.ts}`) ? true : undefined));
    expect(run.accepted.filter((entry) => entry.id.endsWith(said.ts))).toHaveLength(1);
    expect(
      workspace()
        .replies({ channel: 'debug', ts: said.ts })
        .filter((message) => message.botId !== null),
    ).toHaveLength(1);
  });

  it('answers a direct message', async () => {
    const said = workspace().sayDirectly('chris', 'logs of payment');
    const reply = await seen(() =>
      workspace()
        .replies({ channel: said.channel, ts: said.ts })
        .find((message) => message.botId !== null),
    );
    expect(reply.text).toContain('Changes that I know of');
  });

  it('stays silent among people, and where it was not asked', async () => {
    const at = await run.postCard();
    const asked = run.asked.length;
    const other = workspace().say({ user: 'ana', channel: 'debug', text: 'lunch?' });
    workspace().reply('ben', { channel: 'debug', ts: other.ts }, 'what changed?');
    workspace().reply('ben', at, 'I am looking into it');
    workspace().sayAsBot('debug', { name: 'grafana', text: '<@U0TRACE> what changed' });
    // Whatever would be said comes in order: once this is answered, the others were not.
    workspace().reply('ana', at, 'who is affected');
    await seen(() => (run.asked.length > asked ? true : undefined));
    expect(run.asked.slice(asked).map((question) => question.text)).toEqual(['who is affected']);
  });
});

describe('shortcuts', () => {
  it('open a form that checks what is typed and starts an investigation', async () => {
    await workspace().shortcut('ana', 'new_investigation');
    await seen(() => workspace().views('ana').at(-1));
    expect(await workspace().submit('ana', { subject: '  ', minutes: '30' })).toMatchObject({ ok: false });
    expect(await workspace().submit('ana', { subject: 'payment', minutes: '30' })).toMatchObject({ ok: true });
    await seen(() => run.investigated.at(-1));
    expect(run.investigated.at(-1)).toEqual({ subject: 'payment', minutes: 30, person: 'slack:U0ANA' });
  });

  it('take the service out of another bot’s alert', async () => {
    const alert = workspace().sayAsBot('debug', { name: 'grafana', text: 'FIRING: error rate of checkout is 8 %' });
    await workspace().messageShortcut('ben', { channel: 'debug', ts: alert.ts }, 'investigate_message');
    const view = await seen(() => workspace().views('ben').at(-1));
    expect(JSON.stringify(view.view)).toContain('"initial_value":"checkout"');
    expect(await workspace().submit('ben', {})).toMatchObject({ ok: true });
    await seen(() => (lastEphemeral('ben')?.includes('INC-13') ? true : undefined));
  });
});

describe('the connection', () => {
  it('loses no click and no command while a socket is refreshed', async () => {
    const at = await run.postCard();
    workspace().refreshSockets('oldest');
    await workspace().click('ana', at, { actionId: 'hypothesis_confirm', blockId: blockOf(at, 'h1aaaaa') });
    await seen(() => run.votes[0]);
    expect(run.votes.map(({ verdict }) => verdict)).toEqual(['confirm']);
    expect(await workspace().command('ana', { channel: 'debug' }, '/tracepulse help')).toEqual({ ok: true });
    expect(run.surface.connected()).toBeGreaterThanOrEqual(1);
  });

  it.each([
    {
      name: 'a bot token in the app token’s place',
      change: { SLACK_APP_TOKEN: 'xoxb-1' },
      code: 'bad_config',
      says: /SLACK_APP_TOKEN must be an app-level token/,
    },
    {
      name: 'a wrong bot token',
      change: { SLACK_BOT_TOKEN: 'xoxb-wrong' },
      code: 'unauthorized',
      says: /SLACK_BOT_TOKEN \(invalid_auth\)/,
    },
    {
      name: 'a wrong app token',
      change: { SLACK_APP_TOKEN: 'xapp-wrong' },
      code: 'unauthorized',
      says: /SLACK_APP_TOKEN \(invalid_auth\)/,
    },
  ])('ends in a sentence that names the variable for $name', async ({ change, code, says }) => {
    const environment = {
      SLACK_BOT_TOKEN: workspace().tokens.bot,
      SLACK_APP_TOKEN: workspace().tokens.app,
      SLACK_API_URL: run.server.apiUrl,
      ...change,
    };
    const surface = slackSurface.create(slackSurface.settings.parse(environment), makeTools([]))(fakeApp().app);
    await expect(surface.start()).rejects.toMatchObject({ code, message: expect.stringMatching(says) });
    await surface.stop();
    workspace().clearRefusals();
  });

  it('does not keep the product from starting while Slack is away', async () => {
    const environment = { SLACK_BOT_TOKEN: 'xoxb-1', SLACK_APP_TOKEN: 'xapp-1', SLACK_API_URL: 'http://127.0.0.1:9/api/' };
    const refusing: typeof fetch = Object.assign(async () => Promise.reject(new TypeError('fetch failed')), {
      preconnect: () => undefined,
    });
    const surface = slackSurface.create(slackSurface.settings.parse(environment), makeTools([], refusing))(fakeApp().app);
    await surface.start();
    expect(surface.problem()).toMatch(/cannot be reached/);
    await surface.stop();
  });
});

function blockOf(at: { channel: string; ts: string }, hypothesisId: string): string {
  const blocks = workspace().message(at)?.blocks ?? [];
  return String(blocks.find((block) => String(block['block_id']).startsWith(hypothesisId))?.['block_id']);
}

function selectIn(view: unknown): { options: { text: { text: string }; value: string }[] } {
  const { blocks } = view as { blocks: { element?: { type: string; options: { text: { text: string }; value: string }[] } }[] };
  return blocks.find((block) => block.element?.type === 'static_select')?.element ?? { options: [] };
}
