/** Streamed answers end after five minutes whatever is appended, by their author, or by the person who reads. */
import { beforeEach, describe, expect, it } from 'vitest';
import { type ManualClock, manualClock } from '../../src/workspace/clock.ts';
import { createWorkspace, type Workspace } from '../../src/workspace/workspace.ts';
import { call } from './call.ts';

let clock: ManualClock;
let workspace: Workspace;
let thread: string;

beforeEach(() => {
  clock = manualClock(1_795_000_000_000);
  workspace = createWorkspace({ clock });
  thread = workspace.say({ user: 'ana', channel: 'debug', text: 'why?' }).ts;
});

const recipient = { recipient_team_id: 'T0WORK', recipient_user_id: 'U0ANA' };
const start = (more: Record<string, unknown> = {}) =>
  call(workspace, 'chat.startStream', { channel: 'C0DEBUG', thread_ts: thread, ...recipient, ...more });
const append = (ts: unknown, more: Record<string, unknown>) => call(workspace, 'chat.appendStream', { channel: 'C0DEBUG', ts, ...more });
const task = (over: Record<string, unknown> = {}) => ({ type: 'task_update', id: 't', title: 'Look', status: 'pending', ...over });
const reply = () => workspace.replies({ channel: 'debug', ts: thread })[0];

describe('a stream', () => {
  it('dies five minutes after its start, however recent the last append', async () => {
    const { ts } = await start({ markdown_text: 'a' });
    clock.advance(299_999);
    expect(await append(ts, { markdown_text: 'b' })).toMatchObject({ ok: true });
    clock.advance(1);
    expect(await append(ts, { markdown_text: 'c' })).toMatchObject({ error: 'message_not_in_streaming_state' });
    expect(await call(workspace, 'chat.stopStream', { channel: 'C0DEBUG', ts })).toMatchObject({ error: 'message_not_in_streaming_state' });
    expect(reply()).toMatchObject({ text: 'ab', stream: { state: 'stopped', endedBy: 'time' } });
    expect(await call(workspace, 'chat.update', { channel: 'C0DEBUG', ts, text: 'after all' })).toMatchObject({ ok: true });
  });

  it('is stopped by the reader', async () => {
    const { ts } = await start();
    workspace.stopStream('ana', { channel: 'debug', ts: String(ts) });
    expect(await append(ts, { markdown_text: 'x' })).toMatchObject({ error: 'stopped_by_user' });
  });

  it('cannot be edited while it runs', async () => {
    const { ts } = await start();
    expect(await call(workspace, 'chat.update', { channel: 'C0DEBUG', ts, text: 'x' })).toMatchObject({
      error: 'streaming_state_conflict',
    });
  });

  it('replaces title and status of a task and adds to its details', async () => {
    const { ts } = await start({ chunks: [task({ details: 'one ' })] });
    await append(ts, { chunks: [task({ title: 'Looked', status: 'complete', details: 'two', output: 'found' })] });
    const text = (words: string) => ({
      type: 'rich_text',
      elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text: words }] }],
    });
    expect(reply()?.blocks).toMatchObject([
      { type: 'task_card', task_id: 't', title: 'Looked', status: 'complete', details: text('one two'), output: text('found') },
    ]);
  });

  it('gathers tasks in a plan in plan mode, and leaves them where they came otherwise', async () => {
    const chunks = [{ type: 'markdown_text', text: 'a' }, task(), { type: 'markdown_text', text: 'b' }];
    await start({ chunks, task_display_mode: 'timeline' });
    expect(reply()?.blocks.map((block) => block['type'])).toEqual(['markdown', 'task_card', 'markdown']);
    const planned = await start({ chunks: [{ type: 'plan_update', title: 'Plan' }, ...chunks], task_display_mode: 'plan' });
    const blocks = workspace.message({ channel: 'debug', ts: String(planned['ts']) })?.blocks;
    expect(blocks).toMatchObject([
      { type: 'plan', title: 'Plan', tasks: [{ task_id: 't' }] },
      { type: 'markdown', text: 'a' },
      { type: 'markdown', text: 'b' },
    ]);
  });

  it.each([
    ['without a thread', { thread_ts: '' }, 'invalid_arguments'],
    ['without a recipient in a channel', { recipient_user_id: '' }, 'missing_recipient_user_id'],
    ['for another team', { recipient_team_id: 'T1' }, 'missing_recipient_team_id'],
    ['with an unknown chunk', { chunks: [{ type: 'shout' }] }, 'invalid_arguments'],
    ['with a task status nobody knows', { chunks: [task({ status: 'done' })] }, 'invalid_arguments'],
    ['with a task title of 257', { chunks: [task({ title: 't'.repeat(257) })] }, 'invalid_arguments'],
    ['with 12,001 characters', { markdown_text: 'x'.repeat(12_001) }, 'msg_too_long'],
    ['with a display nobody knows', { task_display_mode: 'wide' }, 'invalid_arguments'],
  ])('is refused %s', async (_name, args, error) => {
    expect(await start(args)).toMatchObject({ ok: false, error });
    expect(reply()).toBeUndefined();
  });
});

describe('assistant status and prompts', () => {
  it('shows a status until it is answered, cleared, or two minutes old', async () => {
    const at = { channel: 'debug', ts: thread };
    const set = (status: string, more = {}) =>
      call(workspace, 'assistant.threads.setStatus', { channel_id: 'C0DEBUG', thread_ts: thread, status, ...more });
    await set('is reading logs', { loading_messages: ['one', 'two'] });
    expect(workspace.status(at)).toMatchObject({ status: 'is reading logs', loadingMessages: ['one', 'two'] });
    clock.advance(120_000);
    expect(workspace.status(at)).toBeUndefined();
    await set('again');
    await call(workspace, 'chat.postMessage', { channel: 'C0DEBUG', thread_ts: thread, text: 'done' });
    expect(workspace.status(at)).toBeUndefined();
    expect(await set('x', { loading_messages: Array(11).fill('m') })).toMatchObject({ error: 'invalid_arguments' });
  });

  it('offers at most four prompts, in the direct message', async () => {
    const im = workspace.directMessage('ana').id;
    const prompts = Array(4).fill({ title: 't', message: 'm' });
    const set = (channel: string, list: unknown) =>
      call(workspace, 'assistant.threads.setSuggestedPrompts', { channel_id: channel, prompts: list });
    expect(await set(im, prompts)).toMatchObject({ ok: true });
    expect(workspace.prompts(im)?.prompts).toHaveLength(4);
    expect(await set(im, [...prompts, ...prompts])).toMatchObject({ error: 'invalid_arguments' });
    expect(await set('C0DEBUG', prompts)).toMatchObject({ ok: false });
  });
});
