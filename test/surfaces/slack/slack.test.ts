/** What people type, press and open in Slack, through the whole surface, and its connection to Slack. */
import { describe, expect, it } from 'vitest';
import { Failure } from '../../../src/domain/failure.ts';
import { slackSurface } from '../../../src/surfaces/slack/slack.ts';
import { fakeApp } from './fake-app.ts';
import { blockOf, lastEphemeral, oneRun, run, seen, workspace } from './one-run.ts';
import { makeTools } from './workspace-run.ts';

oneRun();

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
