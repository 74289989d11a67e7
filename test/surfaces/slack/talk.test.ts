/** Answers that take a while: streamed step by step, and every way in which Slack ends or refuses a stream. */
import { afterEach, describe, expect, it } from 'vitest';
import type { Step } from '../../../src/app.ts';
import { manualClock } from '../../../src/workspace/clock.ts';
import { eventually } from '../../workspace/bolt.ts';
import { type Run, startRun } from './workspace-run.ts';

const runs: Run[] = [];
afterEach(async () => {
  for (const run of runs.splice(0)) await run.stop();
});

async function talking() {
  const clock = manualClock(Date.now());
  const run = await startRun({ services: ['payment'], clock });
  runs.push(run);
  const { workspace } = run.server;
  const seen = <Value>(ask: () => Value | undefined) => eventually(run.server, ask);
  const at = await run.postCard();
  const ours = (root = at) => workspace.replies(root).filter((message) => message.botId !== null);
  const finished = (ts: string) => seen(() => (run.finished.some((id) => id.endsWith(ts)) ? true : undefined));
  return { run, workspace, clock, seen, at, ours, finished };
}

const step = (id: string, state: Step['state'] = 'asking', outcome: string | null = null): Step => ({
  id,
  title: `Logs of ${id}`,
  state,
  outcome,
});
type Plan = { type: 'plan'; title: string; tasks: { title: string; status: string }[] };
const planOf = (message: { readonly blocks: readonly unknown[] } | undefined) =>
  message?.blocks.find((block): block is Plan => (block as Plan).type === 'plan');
const typesOf = (message: { readonly blocks: readonly unknown[] } | undefined) => message?.blocks.map((block) => (block as Plan).type);
const textOf = (message: unknown) => JSON.stringify(message);

describe('an answer that takes a while', () => {
  it('is streamed: what is asked first, then what came of it, the answer, its sources and whether it helped', async () => {
    const { run, workspace, seen, at, ours, finished } = await talking();
    const between: (string | undefined)[] = [];
    run.steps.push(
      () => void between.push(workspace.status({ channel: at.channel, ts: at.ts })?.status),
      step('payment'),
      async () => void between.push((await seen(() => planOf(ours()[0])))?.tasks[0]?.status),
      step('payment', 'answered', 'The last 2 log lines of payment:'),
      step('cart <!channel>', 'failed', 'it could not be read'),
    );
    const said = workspace.reply('ana', at, 'logs of payment');
    await finished(said.ts);
    expect(between).toEqual(['is looking it up …', 'in_progress']);
    const [answer, ...more] = ours();
    expect(more).toEqual([]);
    expect(answer?.stream).toMatchObject({ state: 'stopped', endedBy: 'app', display: 'plan' });
    expect(typesOf(answer)).toEqual(['plan', 'markdown', 'section', 'context', 'context_actions']);
    expect(planOf(answer)?.tasks.map(({ title, status }) => [title, status])).toEqual([
      ['Logs of payment', 'complete'],
      ['Logs of cart ‹!channel›', 'error'],
    ]);
    expect(answer?.text).toBe('Changes that I know of:');
    expect(textOf(answer)).toContain('_Read from: e1, github_');
    expect(textOf(answer)).toContain('release payment v2 &lt;b&gt;');
    expect(run.said).toEqual([]);
    expect(workspace.status({ channel: at.channel, ts: at.ts })?.status ?? '').toBe('');
  });

  it('goes on in a new message before Slack ends the stream', async () => {
    const { run, workspace, clock, seen, at, ours, finished } = await talking();
    const pass = (ms: number) => {
      run.pass(ms);
      clock.advance(ms);
    };
    run.steps.push(
      step('payment'),
      async () => {
        await seen(() => ours()[0]);
        pass(239_000);
      },
      step('payment', 'answered'),
      async () => {
        await seen(() => (planOf(ours()[0])?.tasks[0]?.status === 'complete' ? true : undefined));
        pass(2_000);
      },
      step('cart'),
      async () => {
        await seen(() => ours()[1]);
        pass(239_000);
      },
      step('cart', 'answered'),
    );
    await finished(workspace.reply('ana', at, 'logs of payment').ts);
    const [before, after, ...more] = ours();
    expect(more).toEqual([]);
    expect(before?.stream).toMatchObject({ state: 'stopped', endedBy: 'app' });
    expect(before?.text).toBe('It goes on below.');
    expect(planOf(after)?.tasks.map(({ title, status }) => [title, status])).toEqual([['Logs of cart', 'complete']]);
    expect(after?.text).toBe('Changes that I know of:');
    expect(run.said).toEqual([]);
  });

  it('is written into the same message where Slack has ended the stream', async () => {
    const { run, workspace, clock, seen, at, ours, finished } = await talking();
    run.steps.push(
      step('payment'),
      () => seen(() => ours()[0]),
      // By its own five minutes; ours have not passed.
      () => clock.advance(301_000),
    );
    await finished(workspace.reply('ana', at, 'logs of payment').ts);
    const [answer, ...more] = ours();
    expect(more).toEqual([]);
    expect(answer?.stream).toMatchObject({ state: 'stopped', endedBy: 'time' });
    expect(typesOf(answer)).toEqual(['section', 'context_actions']);
    expect(answer?.text).toContain('_Read from: e1, github_');
    expect(run.said).toEqual([]);
  });

  it.each([
    ['cannot be started', 'chat.startStream', 1],
    ['can neither be ended nor edited', 'chat.stopStream', 2],
  ])('is said in one piece where the stream %s', async (_, method, ours_) => {
    const { run, workspace, seen, at, ours, finished } = await talking();
    workspace.faults.inject(method, { kind: 'refuse', error: 'internal_error' });
    if (method === 'chat.stopStream') workspace.faults.inject('chat.update', { kind: 'refuse', error: 'internal_error' });
    run.steps.push(step('payment'), ...(ours_ === 1 ? [] : [() => seen(() => ours()[0])]), step('payment', 'answered'));
    const said = workspace.reply('ana', at, 'logs of payment');
    await finished(said.ts);
    expect(ours()).toHaveLength(ours_);
    expect(run.said.map(({ id, threadId }) => [id, threadId])).toEqual([[`answer:${at.channel}:${said.ts}`, at.ts]]);
    expect(typesOf(ours().at(-1))).toEqual(['section', 'context_actions']);
  });

  it('is edited in where only the end was lost', async () => {
    const { run, workspace, seen, at, ours, finished } = await talking();
    workspace.faults.inject('chat.stopStream', { kind: 'lost_answer' }, 9);
    run.steps.push(step('payment'), () => seen(() => ours()[0]));
    await finished(workspace.reply('ana', at, 'logs of payment').ts);
    expect(ours()).toHaveLength(1);
    expect(ours()[0]?.text).toContain('Changes that I know of:');
    expect(run.said).toEqual([]);
  });

  it('is not pressed upon a person who stopped it', async () => {
    const { run, workspace, seen, at, ours, finished } = await talking();
    run.steps.push(
      step('payment'),
      async () => workspace.stopStream('ana', { channel: at.channel, ts: (await seen(() => ours()[0])).ts }),
      step('payment', 'answered'),
    );
    await finished(workspace.reply('ana', at, 'logs of payment').ts);
    expect(ours()).toHaveLength(1);
    expect(textOf(ours()[0])).not.toContain('Changes that I know of');
    expect(run.said).toEqual([]);
  });

  it('is streamed in a direct message and after a mention alike', async () => {
    const { run, workspace, ours, finished } = await talking();
    const says = [
      () => workspace.sayDirectly('chris', 'logs of payment'),
      () => workspace.say({ user: 'ben', channel: 'debug', text: '<@U0TRACE> logs of payment' }),
    ];
    for (const say of says) {
      run.steps.push(step('payment'));
      const said = say();
      await finished(said.ts);
      expect(ours(said)).toMatchObject([{ text: 'Changes that I know of:', threadTs: said.ts }]);
    }
  });

  it('is not said again when a crash makes the question run again', async () => {
    const { run, workspace, at, ours, finished } = await talking();
    run.steps.push(step('payment'));
    const said = workspace.reply('ana', at, 'logs of payment');
    await finished(said.ts);
    await run.replay(run.accepted.find(({ id }) => id.endsWith(said.ts))!);
    expect(ours()).toHaveLength(1);
    expect(run.said).toEqual([]);
    expect(run.asked).toHaveLength(1);
  });

  it('says that it came to nothing, and is answered when it is tried again', async () => {
    const { run, workspace, seen, at, ours } = await talking();
    run.steps.push(step('payment'), () => Promise.reject(new Error('the disk is full')));
    const said = workspace.reply('ana', at, 'logs of payment');
    await seen(() => (ours()[0]?.text.includes('could not be finished') ? true : undefined));
    await run.replay(run.accepted.find(({ id }) => id.endsWith(said.ts))!);
    expect(ours().at(-1)?.text).toContain('Changes that I know of');
    expect(run.said).toHaveLength(1);
  });
});

describe('whether an answer helped', () => {
  it('is kept with who said it, said back to them alone, and changed by the other button', async () => {
    const { run, workspace, seen, at, ours, finished } = await talking();
    const said = workspace.reply('ana', at, 'what changed');
    await finished(said.ts);
    const answer = { channel: at.channel, ts: ours()[0]!.ts };
    const answerId = `answer:${at.channel}:${said.ts}`;
    for (const [value, hasHelped, words] of [
      [`+${answerId}`, true, 'this answer helped'],
      [`-${answerId}`, false, 'did not help'],
    ] as const) {
      expect(await workspace.click('ben', answer, { actionId: 'answer_rated', value })).toMatchObject({ ok: true });
      await seen(() => workspace.ephemerals('debug', 'ben').find(({ text }) => text.includes(words)));
      expect(run.rated.at(-1)).toMatchObject({ answerId, hasHelped, incidentId: 'INC-12', person: 'slack:U0BEN', at: expect.any(Number) });
    }
    expect(workspace.ephemerals('debug', 'ben').at(-1)?.threadTs).toBe(at.ts);
    expect(ours()).toHaveLength(1);
  });

  it('is one act however often the press runs', async () => {
    const { run, workspace, seen, at, ours, finished } = await talking();
    await finished(workspace.reply('ana', at, 'what changed').ts);
    const [message] = ours();
    const value = `+answer:${at.channel}:${workspace.replies(at).find(({ user }) => user === 'U0ANA')?.ts}`;
    await workspace.click('ben', { channel: at.channel, ts: message!.ts }, { actionId: 'answer_rated', value });
    await seen(() => run.rated[0]);
    await run.replay(run.accepted.findLast(({ id }) => id.includes('answer_rated'))!);
    expect(run.rated[1]).toEqual(run.rated[0]);
  });
});

describe('opening the direct message', () => {
  it('offers what can be asked, what is open first', async () => {
    const { workspace, seen } = await talking();
    workspace.openHome('ana', 'messages');
    const prompts = await seen(() => workspace.prompts(workspace.directMessage('ana').id));
    expect(prompts.prompts.map(({ message }) => message)).toEqual([
      'What is broken now?',
      'Errors in payment',
      'What changed in the last hour?',
      'What can I ask?',
    ]);
  });
});
