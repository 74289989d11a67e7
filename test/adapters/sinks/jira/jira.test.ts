/** Issues in Jira, as Cloud and as Data Center answer. */
import { afterEach, describe, expect, it } from 'vitest';
import { jira } from '../../../../src/adapters/sinks/jira/jira.ts';
import { enabled } from '../../../../src/config.ts';
import { Failure } from '../../../../src/domain/failure.ts';
import type { Card, Receipt } from '../../../../src/domain/report.ts';
import { type JiraOptions, startJira } from '../../../stand-ins/jira.ts';
import { faultTable } from '../../../stand-ins/faults.ts';
import { card, hypothesis, states } from '../slack/cards.ts';

const token = 'atlassian-token-77';
const email = 'bot@example.com';
const patient = new AbortController().signal;

const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

const logged: unknown[] = [];
const log = { debug: () => undefined, info: (...line: unknown[]) => void logged.push(line), warn: () => undefined, error: () => undefined };
const tools = { fetch: globalThis.fetch, now: Date.now, log };

async function start(flavour: JiraOptions['flavour'], settings: Record<string, string> = {}, options: Partial<JiraOptions> = {}) {
  const identity = flavour === 'cloud' ? { email } : {};
  const server = await startJira({ flavour, token, ...identity, ...options });
  stops.push(server.stop);
  const sink = jira.create(
    jira.settings.parse({
      JIRA_URL: server.url,
      JIRA_TOKEN: token,
      JIRA_PROJECT: 'OPS',
      ...(flavour === 'cloud' ? { JIRA_EMAIL: email } : {}),
      ...settings,
    }),
    tools,
  );
  let receipt: Receipt | null = null;
  const show = async (shown: Card, mayExist = false) => {
    const sent = await sink.deliver({ kind: 'card', channel: 'OPS', card: shown, receipt }, { mayExist, signal: patient });
    receipt = { incidentId: shown.incident.id, sink: 'jira', channel: 'OPS', at: 0, ...sent };
    return receipt;
  };
  return { server, sink, show };
}

const failure = (work: Promise<unknown>) =>
  work.then(
    () => null,
    (error: unknown) => error,
  );
const wish = { project: 'OPS', type: 'Bug', priority: 'High', assignee: 'ana-1', summary: 'Fix it', description: 'It\n\n  is broken' };

describe.each(['cloud', 'server'] as const)('with Jira %s', (flavour) => {
  it('an issue says what somebody asked for, and bears the label of its incident', async () => {
    const { server, show } = await start(flavour);
    const sent = await show(card({ incident: { ticket: wish } }));
    expect(server.refusals).toEqual([]);
    expect(server.unexpected).toEqual([]);
    expect(server.issues).toMatchObject([
      {
        key: 'OPS-1',
        fields: {
          project: { key: 'OPS' },
          issuetype: { name: 'Bug' },
          priority: { name: 'High' },
          assignee: { [flavour === 'cloud' ? 'accountId' : 'name']: 'ana-1' },
          summary: 'Fix it',
          labels: ['tracepulse', 'tracepulse-INC-12'],
        },
      },
    ]);
    expect(server.issues[0]?.description).toContain('is broken');
    expect(sent).toMatchObject({ messageId: 'OPS-1', url: `${server.url}/browse/OPS-1` });
  });

  it('a type that wants more than we have is refused with the names of its fields', async () => {
    const { server, show } = await start(flavour);
    const refused = await failure(show(card({ incident: { ticket: { ...wish, type: 'Change' } } })));
    expect(refused).toMatchObject({
      code: 'rejected',
      hint: 'a Change of OPS needs Root cause, Environment, which TracePulse cannot fill in: choose another type, or have Jira give them defaults',
    });
    expect(server.issues).toEqual([]);
    const otherwise = await failure(show(card({ incident: { ticket: { ...wish, assignee: 'nobody' } } })));
    expect(otherwise).toMatchObject({ hint: 'Jira refuses what it was given for: assignee' });
  });

  it('one that nobody worded is worded from the report', async () => {
    const { server, show } = await start(flavour);
    await show(states['after-a-release']!);
    expect(server.issues[0]?.fields.summary).toBe('INC-12 Error rate above 5 % (checkout)');
    expect(server.issues[0]?.description).toContain('payment');
    expect(server.issues[0]?.fields['issuetype']).toEqual({ name: 'Task' });
  });

  it('news becomes comments, each once, and nothing else does', async () => {
    const { server, show } = await start(flavour);
    await show(states['investigating']!);
    await show(states['one-cause']!);
    await show(states['one-cause']!);
    await show(card({ context: { verdict: 'inconclusive' } }));
    await show(card({ context: { hypotheses: [hypothesis({ service: 'catalog' })] } }));
    await show(card({ incident: { state: 'resolved', resolvedAt: 1 } }));
    expect(server.issues[0]?.comments.map((text) => text.split('\n')[0])).toEqual([
      'INC-12: the most likely cause is known.',
      'INC-12: another cause is more likely now.',
      'INC-12: the incident is resolved.',
    ]);
    expect(server.refusals).toEqual([]);
  });

  it('a comment whose answer was lost is not written twice', async () => {
    const { server, show } = await start(flavour);
    await show(states['investigating']!);
    server.loseNext('answer');
    expect(await failure(show(states['one-cause']!))).toMatchObject({ isRetryable: true });
    await show(states['one-cause']!, true);
    expect(server.issues[0]?.comments).toHaveLength(1);
  });

  it('moves with its incident where that is configured, from wherever people put it', async () => {
    const { server, show } = await start(flavour, { JIRA_DONE_TRANSITION: 'done', JIRA_REOPEN_TRANSITION: '41' });
    await show(states['one-cause']!);
    expect(await show(card({ incident: { state: 'resolved' } }))).toMatchObject({ status: 'Done' });
    expect(await show(states['one-cause']!)).toMatchObject({ status: 'To Do' });
    server.issues[0]!.status = 'Done';
    expect(await show(card({ incident: { state: 'resolved' } }))).toMatchObject({ status: 'Done' });
    expect(server.refusals).toEqual([]);
  });

  it('says what can be chosen', async () => {
    const { server, sink } = await start(flavour);
    expect(await sink.tracker?.choices('OPS', patient)).toEqual({
      projects: [
        { key: 'OPS', name: 'Operations' },
        { key: 'WEB', name: 'Web' },
      ],
      types: ['Task', 'Bug', 'Story', 'Change'],
      priorities: ['Highest', 'High', 'Medium', 'Low'],
      assignees: [{ id: 'ana-1', name: 'Ana' }],
    });
    const asked = server.asked.length;
    await sink.tracker?.choices('OPS', patient);
    expect(server.asked).toHaveLength(asked);
    expect(server.unexpected).toEqual([]);
  });

  it('says who it is', async () => {
    const { sink } = await start(flavour);
    expect(await sink.probe?.(patient)).toContain(flavour === 'cloud' ? 'Jira Cloud' : 'Jira Data Center');
  });

  // A good status with junk means something else for each question; those are tested where they are read.
  it.each(faultTable.filter(([name]) => !['junk', 'another shape'].includes(name)))(
    'answers %s with a Failure that holds no secret',
    async (_name, fault, code, retryAfterMs) => {
      const { server, show } = await start(flavour);
      server.fail(fault);
      const error = await failure(show(states['one-cause']!));
      expect(error).toBeInstanceOf(Failure);
      expect(error).toMatchObject({ code, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });
      expect(`${error} ${JSON.stringify(error)} ${(error as Error).stack} ${(error as Error).cause}`).not.toMatch(
        /atlassian-token|Ym90QGV4|Bearer/,
      );
    },
  );
});

describe('one issue', () => {
  it('is found by its label where the store has lost it', async () => {
    const { server, show, sink } = await start('cloud');
    await show(states['one-cause']!);
    const shipment = { kind: 'card', channel: 'OPS', card: states['one-cause']!, receipt: null } as const;
    expect(await sink.deliver(shipment, { mayExist: false, signal: patient })).toMatchObject({ messageId: 'OPS-1', status: 'To Do' });
    expect(server.issues).toHaveLength(1);
  });

  it('is not that of an older incident of the same name', async () => {
    const { server, show } = await start('cloud');
    await show(states['one-cause']!);
    const later = card({ incident: { openedAt: Date.now() + 3_600_000 } });
    const { sink } = {
      sink: jira.create(jira.settings.parse({ JIRA_URL: server.url, JIRA_TOKEN: token, JIRA_EMAIL: email, JIRA_PROJECT: 'OPS' }), tools),
    };
    await sink.deliver({ kind: 'card', channel: 'OPS', card: later, receipt: null }, { mayExist: false, signal: patient });
    expect(server.issues).toHaveLength(2);
  });

  it('is waited for while the index does not know it', async () => {
    const { server, show } = await start('cloud');
    server.loseNext('answer');
    const error = await failure(show(states['one-cause']!));
    expect(error).toMatchObject({ code: 'unavailable', retryAfterMs: 15_000 });
    await show(states['one-cause']!, true);
    expect(server.issues).toHaveLength(1);
  });

  it('that people deleted stays deleted', async () => {
    const { server, show } = await start('cloud');
    await show(states['investigating']!);
    server.issues.splice(0);
    expect(await show(states['one-cause']!)).toMatchObject({ messageId: 'OPS-1', status: 'gone' });
    expect(server.issues).toHaveLength(0);
  });
});

describe('what Jira says', () => {
  it('by naming fields is passed on by name alone', async () => {
    const { server, show } = await start('cloud');
    const error = await failure(show(card({ incident: { ticket: { ...wish, priority: 'Blocker', assignee: null } } })));
    expect(error).toMatchObject({ code: 'rejected', hint: 'Jira refuses what it was given for: priority' });
    server.failNext({ status: 400, body: `{"errors":{"summary":"${token}","<b>${token}":"x"},"errorMessages":["${token}"]}` });
    expect(String(await failure(show(card())))).not.toContain(token);
  });

  it('with 410 where a Data Center was expected means that it is Cloud', async () => {
    const { server, show } = await start('cloud', {}, { isUnsaid: true });
    await show(states['one-cause']!);
    expect(server.issues).toHaveLength(1);
  });

  it('of a project nobody may see is a refusal', async () => {
    const { sink } = await start('cloud');
    const shipment = { kind: 'card', channel: 'NOPE', card: card(), receipt: null } as const;
    expect(await failure(sink.deliver(shipment, { mayExist: false, signal: patient }))).toMatchObject({ code: 'rejected' });
  });

  it('is junk when it is no JSON, or another shape', async () => {
    const { server, show } = await start('server');
    await show(states['investigating']!);
    for (const body of ['<html>login</html>', '{"hello":1}']) {
      server.fail({ status: 200, body });
      expect(await failure(show(states['one-cause']!))).toMatchObject({ code: 'bad_response' });
    }
  });
});

describe('settings', () => {
  it('turn it on, and are named when they are wrong', () => {
    const said = (settings: Record<string, string>) => enabled('sink', [jira], settings, tools);
    expect(said({}).states).toMatchObject([{ isOn: false, missing: ['JIRA_URL', 'JIRA_TOKEN', 'JIRA_PROJECT'] }]);
    const right = { JIRA_URL: 'https://jira.example.com/base', JIRA_TOKEN: token, JIRA_PROJECT: 'OPS' };
    expect(said(right)).toMatchObject({ problems: [], states: [{ isOn: true }] });
    expect(said({ ...right, JIRA_PROJECT: 'my project' }).problems).toEqual([
      { variable: 'JIRA_PROJECT', problem: 'must be the key of a project, as OPS' },
    ]);
  });
});
