/** Modals: triggers of three seconds, stacks of three, hashes, what is typed and what is said about it. */
import { beforeEach, describe, expect, it } from 'vitest';
import { type ManualClock, manualClock } from '../../src/workspace/clock.ts';
import type { JsonObject } from '../../src/workspace/json.ts';
import { createWorkspace, type Workspace } from '../../src/workspace/workspace.ts';
import { call } from './call.ts';
import { plug, type Plugged } from './plug.ts';

const plain = (text: string) => ({ type: 'plain_text', text });
const input = (blockId: string, element: JsonObject, more: JsonObject = {}) => ({
  type: 'input',
  block_id: blockId,
  label: plain('L'),
  element,
  ...more,
});
const modal = (over: JsonObject = {}) => ({
  type: 'modal',
  callback_id: 'm',
  title: plain('T'),
  submit: plain('Send'),
  blocks: [{ type: 'divider' }],
  ...over,
});

let clock: ManualClock;
let workspace: Workspace;
let socket: Plugged;

beforeEach(() => {
  clock = manualClock(1_795_000_000_000);
  workspace = createWorkspace({ clock });
  socket = plug(workspace);
});

async function trigger(): Promise<string> {
  await workspace.shortcut('ana', 'new_investigation');
  return String(socket.payloads().at(-1)?.['trigger_id']);
}
const openModal = async (view: JsonObject) => call(workspace, 'views.open', { trigger_id: await trigger(), view });
const idOf = (answer: Record<string, unknown>) => String((answer['view'] as JsonObject)['id']);

describe('opening', () => {
  it('spends a trigger once, within three seconds', async () => {
    const first = await trigger();
    clock.advance(2_999);
    expect(await call(workspace, 'views.open', { trigger_id: first, view: modal() })).toMatchObject({
      ok: true,
      view: { callback_id: 'm', state: { values: {} } },
    });
    expect(await call(workspace, 'views.open', { trigger_id: first, view: modal() })).toMatchObject({ error: 'trigger_exchanged' });
    const second = await trigger();
    clock.advance(3_000);
    expect(await call(workspace, 'views.open', { trigger_id: second, view: modal() })).toMatchObject({ error: 'expired_trigger_id' });
    expect(await call(workspace, 'views.open', { trigger_id: 'made.up', view: modal() })).toMatchObject({ error: 'invalid_trigger_id' });
    expect(workspace.views('ana')).toHaveLength(1);
  });

  it('refuses a view that Slack would refuse, with the pointer', async () => {
    expect(await openModal(modal({ title: plain('t'.repeat(25)) }))).toMatchObject({
      error: 'invalid_arguments',
      response_metadata: { messages: ['[ERROR] must be less than 25 characters [json-pointer:/view/title/text]'] },
    });
  });

  it('refuses an external_id that is in use', async () => {
    await openModal(modal({ external_id: 'one' }));
    expect(await openModal(modal({ external_id: 'one' }))).toMatchObject({ error: 'duplicate_external_id' });
  });

  it('changes a view by id or external_id, and only under the right hash', async () => {
    const opened = await openModal(modal({ external_id: 'one' }));
    const hash = (opened['view'] as JsonObject)['hash'];
    expect(await call(workspace, 'views.update', { external_id: 'one', hash, view: modal({ title: plain('Two') }) })).toMatchObject({
      ok: true,
      view: { title: { text: 'Two' } },
    });
    expect(await call(workspace, 'views.update', { view_id: idOf(opened), hash, view: modal() })).toMatchObject({ error: 'hash_conflict' });
    expect(await call(workspace, 'views.update', { view_id: 'V0', view: modal() })).toMatchObject({ error: 'not_found' });
  });

  it('stacks three at most, pushed by a trigger from the modal', async () => {
    const buttons = [{ type: 'actions', elements: [{ type: 'button', text: plain('More'), action_id: 'more' }] }];
    await openModal(modal({ blocks: buttons }));
    const push = async () => {
      await workspace.clickInModal('ana', { actionId: 'more' });
      return call(workspace, 'views.push', { trigger_id: socket.payloads().at(-1)?.['trigger_id'], view: modal({ blocks: buttons }) });
    };
    expect([(await push()).ok, (await push()).ok]).toEqual([true, true]);
    expect(await push()).toMatchObject({ error: 'push_limit_reached' });
    expect(await call(workspace, 'views.push', { trigger_id: await trigger(), view: modal() })).toMatchObject({ error: 'not_found' });
    expect(workspace.views('ana').map((view) => view.previousId)).toEqual([
      null,
      workspace.views('ana')[0]?.id,
      workspace.views('ana')[1]?.id,
    ]);
  });

  it('publishes a Home tab, kept per person', async () => {
    const home = { type: 'home', blocks: [{ type: 'divider' }] };
    expect(await call(workspace, 'views.publish', { user_id: 'U0ANA', view: home })).toMatchObject({ ok: true });
    expect(workspace.home('ben')).toBeUndefined();
    expect(await call(workspace, 'views.publish', { user_id: 'U0ANA', view: modal() })).toMatchObject({ error: 'invalid_arguments' });
    expect(await call(workspace, 'views.publish', { user_id: 'U0NOBODY', view: home })).toMatchObject({ error: 'invalid_arguments' });
  });
});

describe('submitting', () => {
  const fields = [
    input('service', {
      type: 'static_select',
      action_id: 'choice',
      options: ['checkout', 'payment'].map((value) => ({ text: plain(value), value })),
    }),
    input('minutes', {
      type: 'number_input',
      action_id: 'n',
      is_decimal_allowed: false,
      min_value: '1',
      max_value: '60',
      initial_value: '15',
    }),
    input('note', { type: 'plain_text_input', action_id: 'text', max_length: 10 }, { optional: true }),
    input('who', { type: 'multi_users_select', action_id: 'users' }, { optional: true }),
  ];

  it('asks for what is required before anything is sent', async () => {
    await openModal(modal({ blocks: fields }));
    const before = socket.payloads().length;
    const errors = { service: expect.stringContaining('required'), minutes: 'Must be at most 60.', note: 'Must be at most 10 characters.' };
    expect(await workspace.submit('ana', { n: '90', text: 'x'.repeat(11) })).toEqual({ ok: false, error: 'invalid', errors });
    expect(workspace.views('ana')[0]?.errors).toEqual(errors);
    expect(socket.payloads()).toHaveLength(before);
    await expect(workspace.submit('ana', { choice: 'cart' })).rejects.toThrow('no_such_option');
  });

  it("sends values in Slack's words, initial ones included, and closes", async () => {
    await openModal(modal({ blocks: fields, private_metadata: 'inc-1' }));
    expect(await workspace.submit('ana', { choice: 'payment', users: ['U0BEN'] })).toEqual({ ok: true, result: 'closed' });
    expect(socket.payloads().at(-1)).toMatchObject({
      type: 'view_submission',
      user: { id: 'U0ANA' },
      view: {
        private_metadata: 'inc-1',
        state: {
          values: {
            service: { choice: { type: 'static_select', selected_option: { value: 'payment', text: plain('payment') } } },
            minutes: { n: { type: 'number_input', value: '15' } },
            note: { text: { type: 'plain_text_input', value: null } },
            who: { users: { type: 'multi_users_select', selected_users: ['U0BEN'] } },
          },
        },
      },
    });
    expect(workspace.views('ana')).toEqual([]);
  });

  it.each([
    ['update', { response_action: 'update', view: modal({ title: plain('Next') }) }, { ok: true, result: 'updated' }, 1],
    ['push', { response_action: 'push', view: modal() }, { ok: true, result: 'pushed' }, 2],
    ['clear', { response_action: 'clear' }, { ok: true, result: 'cleared' }, 0],
  ])('follows %s', async (_name, answer, result, depth) => {
    await openModal(modal());
    socket.answer = () => answer;
    expect(await workspace.submit('ana')).toEqual(result);
    expect(workspace.views('ana')).toHaveLength(depth);
  });

  it.each([
    ['errors for a block that is no input', { response_action: 'errors', errors: { nowhere: 'x' } }, 'invalid_errors'],
    ['an unknown action', { response_action: 'explode' }, 'invalid_response_action'],
    ['an update without view', { response_action: 'update' }, 'invalid_arguments'],
    ['an update to a wrong view', { response_action: 'update', view: modal({ title: plain('t'.repeat(30)) }) }, 'invalid_arguments'],
  ])('keeps the modal and logs %s', async (_name, answer, code) => {
    await openModal(modal());
    socket.answer = () => answer;
    expect(await workspace.submit('ana')).toEqual({ ok: false, error: 'bad_answer' });
    expect(workspace.views('ana')).toHaveLength(1);
    expect(workspace.refusals().at(-1)).toMatchObject({ method: 'ack', code });
  });

  it('tells the person when nobody answers in three seconds', async () => {
    await openModal(modal());
    socket.isSilent = true;
    const submission = workspace.submit('ana');
    clock.advance(3_000);
    expect(await submission).toEqual({ ok: false, error: 'timeout' });
    expect(workspace.views('ana')).toHaveLength(1);
  });

  it('keeps what was entered while the app changes the view', async () => {
    await openModal(modal({ blocks: fields }));
    const select = {
      type: 'section',
      block_id: 'kind',
      text: plain('k'),
      accessory: { type: 'static_select', action_id: 'k', options: [{ text: plain('a'), value: 'a' }] },
    };
    await call(workspace, 'views.update', { view_id: workspace.views('ana')[0]?.id, view: modal({ blocks: [...fields, select] }) });
    await workspace.clickInModal('ana', { actionId: 'k', value: 'a', inputs: { text: 'typed' } });
    expect(socket.payloads().at(-1)).toMatchObject({
      type: 'block_actions',
      container: { type: 'view' },
      actions: [{ action_id: 'k', selected_option: { value: 'a' } }],
    });
    await call(workspace, 'views.update', { view_id: workspace.views('ana')[0]?.id, view: modal({ blocks: fields }) });
    await workspace.submit('ana', { choice: 'payment' });
    expect(socket.payloads().at(-1)).toMatchObject({ view: { state: { values: { note: { text: { value: 'typed' } } } } } });
  });

  it('says view_closed only where that was asked for', async () => {
    await openModal(modal());
    const before = socket.payloads().length;
    await workspace.dismiss('ana');
    expect(socket.payloads()).toHaveLength(before);
    await openModal(modal({ notify_on_close: true }));
    await workspace.dismiss('ana');
    expect(socket.payloads().at(-1)).toMatchObject({ type: 'view_closed', is_cleared: false });
  });

  it('asks the app for the options of an external menu', async () => {
    await openModal(modal({ blocks: [input('s', { type: 'external_select', action_id: 'service', min_query_length: 2 })] }));
    socket.answer = () => ({ options: [{ text: plain('payment'), value: 'payment' }] });
    expect(await workspace.suggest('ana', 'modal', 'service', 'p')).toEqual([]);
    expect(await workspace.suggest('ana', 'modal', 'service', 'pay')).toMatchObject([{ value: 'payment' }]);
    expect(socket.payloads().at(-1)).toMatchObject({ type: 'block_suggestion', action_id: 'service', block_id: 's', value: 'pay' });
  });
});
