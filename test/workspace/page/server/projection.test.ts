import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { changeFor, stateFor } from '../../../../src/workspace/page/server/projection.ts';
import type { PageChange } from '../../../../src/workspace/page/wire.ts';
import { createWorkspace, type Workspace } from '../../../../src/workspace/workspace.ts';

let workspace: Workspace;
/** What ana and ben are told, kind by kind. */
let told: Record<'U0ANA' | 'U0BEN', PageChange[]>;

beforeEach(() => {
  workspace = createWorkspace();
  workspace.createChannel('ben', 'secret', { isPrivate: true });
  told = { U0ANA: [], U0BEN: [] };
  workspace.subscribe((change) => {
    for (const me of ['U0ANA', 'U0BEN'] as const) {
      const seen = changeFor(workspace, change, me);
      if (seen !== null) told[me].push(seen);
    }
  });
});
afterEach(() => workspace.close());

const texts = (changes: readonly PageChange[]): readonly string[] =>
  changes.flatMap((change) => (change.kind === 'message' ? [change.message.text] : []));

async function call(method: string, body: object): Promise<{ readonly ok: boolean; readonly error?: string }> {
  const response = await workspace.handle(
    new Request(`http://workspace.invalid/api/${method}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${workspace.tokens.bot}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }),
  );
  return (await response.json()) as { readonly ok: boolean; readonly error?: string };
}

describe('changeFor', () => {
  it('tells everybody what is said in public', () => {
    workspace.say({ user: 'ben', channel: 'debug', text: 'hello' });
    expect([texts(told.U0ANA), texts(told.U0BEN)]).toEqual([['hello'], ['hello']]);
  });

  it('tells only members what is said in private, and the two what they say to each other', () => {
    workspace.say({ user: 'ben', channel: 'secret', text: 'psst' });
    workspace.sayDirectly('ben', 'between us');
    expect(texts(told.U0ANA)).toEqual([]);
    expect(texts(told.U0BEN)).toEqual(['psst', 'between us']);
    expect(told.U0ANA.filter((change) => change.kind === 'channel')).toEqual([]);
  });

  it('tells an ephemeral message to the one it is for', async () => {
    expect(await call('chat.postEphemeral', { channel: 'C0DEBUG', user: 'U0BEN', text: 'only ben' })).toMatchObject({ ok: true });
    expect([texts(told.U0ANA), texts(told.U0BEN)]).toEqual([[], ['only ben']]);
    expect(told.U0BEN.at(-1)).toMatchObject({ kind: 'message', message: { isEphemeral: true } });
  });

  it('tells a Home tab to the one it belongs to', async () => {
    await call('views.publish', { user_id: 'U0BEN', view: { type: 'home', blocks: [{ type: 'divider' }] } });
    expect([told.U0ANA, told.U0BEN].map((changes) => changes.filter((change) => change.kind === 'home').length)).toEqual([0, 1]);
  });

  it('tells with a reply how many the thread has now', () => {
    const root = workspace.say({ user: 'ana', channel: 'debug', text: 'root' });
    workspace.reply('ben', { channel: 'debug', ts: root.ts }, 'one');
    workspace.reply('ana', { channel: 'debug', ts: root.ts }, 'two');
    expect(told.U0BEN.at(-1)).toMatchObject({ kind: 'message', rootReplies: { count: 2, users: ['U0BEN', 'U0ANA'] } });
  });

  it('tells everybody of a refusal, but what was sent only to those who could have read it', async () => {
    const secret = workspace.channelNamed('secret').id;
    expect(await call('chat.postMessage', { channel: secret, text: 'for ben', blocks: [{ type: 'section' }] })).toMatchObject({
      ok: false,
    });
    const seen = [told.U0ANA, told.U0BEN].map((changes) =>
      changes.flatMap((change) => (change.kind === 'refusal' ? [change.refusal] : [])),
    );
    expect(seen.map(([refusal]) => refusal?.method)).toEqual(['chat.postMessage', 'chat.postMessage']);
    expect(JSON.stringify(seen[0])).not.toContain('for ben');
    expect(JSON.stringify(seen[1])).toContain('for ben');
    const state = (me: string) => JSON.stringify(stateFor(workspace, me, { csrf: '', position: '', mayActAsOthers: true }).refusals);
    expect([state('U0ANA').includes('for ben'), state('U0BEN').includes('for ben')]).toEqual([false, true]);
  });

  it("names another bot as it called itself, and says which messages are the app's own", async () => {
    workspace.sayAsBot('debug', { name: 'Alertmanager', text: 'firing' });
    await call('chat.postMessage', { channel: 'C0DEBUG', text: 'mine' });
    const messages = told.U0ANA.flatMap((change) => (change.kind === 'message' ? [change.message] : []));
    expect(messages.map(({ name, isBot, isOurs }) => ({ name, isBot, isOurs }))).toEqual([
      { name: 'Alertmanager', isBot: true, isOurs: false },
      { name: 'tracepulse', isBot: true, isOurs: true },
    ]);
  });
});
