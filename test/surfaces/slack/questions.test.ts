/** What is said to the product in threads, mentions and direct messages, and where it stays silent. */
import { describe, expect, it } from 'vitest';
import { oneRun, run, seen, workspace } from './one-run.ts';

oneRun();

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
