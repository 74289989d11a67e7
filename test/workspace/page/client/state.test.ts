import { describe, expect, it } from 'vitest';
import { applyMessage, createModel, type MessageChange, type Model, withChange } from '../../../../src/workspace/page/client/state.ts';
import type { PageMessage, PageState } from '../../../../src/workspace/page/wire.ts';

const state: PageState = {
  me: 'U0ANA',
  csrf: '',
  position: '',
  mayActAsOthers: true,
  app: { name: 'TracePulse', botUser: 'U0TRACE', hasHomeTab: true, connections: 1 },
  people: [],
  channels: [],
  commands: [],
  shortcuts: [],
  views: [],
  home: null,
  refusals: [],
};

function message(ts: string, more: Partial<PageMessage> = {}): PageMessage {
  return {
    channel: 'C1',
    ts,
    threadTs: null,
    isBroadcast: false,
    user: 'U0BEN',
    name: 'ben',
    isBot: false,
    isOurs: false,
    text: `said at ${ts}`,
    blocks: [],
    attachments: [],
    files: [],
    reactions: [],
    isEdited: false,
    isEphemeral: false,
    isStreaming: false,
    replies: null,
    ...more,
  };
}

function at(channel: string, ...messages: readonly PageMessage[]): Model {
  const model = createModel(state);
  model.place = { kind: 'channel', channel };
  model.history = { messages, hasEarlier: false, bookmarks: [], prompts: null, statuses: [] };
  return model;
}

const change = (
  change: MessageChange['change'],
  message: PageMessage,
  rootReplies: MessageChange['rootReplies'] = null,
): MessageChange => ({ kind: 'message', change, message, rootReplies });
const shown = (messages: readonly PageMessage[]): readonly string[] => messages.map((each) => each.text);

describe('applyMessage', () => {
  it('puts a new message where its time belongs, once', () => {
    const model = at('C1', message('1.1'), message('1.3'));
    for (const _ of [1, 2]) applyMessage(model, change('posted', message('1.2')));
    expect(shown(model.history.messages)).toEqual(['said at 1.1', 'said at 1.2', 'said at 1.3']);
  });

  it('replaces an edited message, and takes a deleted one away', () => {
    const model = at('C1', message('1.1'), message('1.2'));
    applyMessage(model, change('edited', message('1.1', { text: 'new' })));
    applyMessage(model, change('deleted', message('1.2')));
    expect(shown(model.history.messages)).toEqual(['new']);
  });

  it('does not bring an older page back because something on it was edited', () => {
    const model = at('C1', message('2.1'));
    applyMessage(model, change('edited', message('1.1')));
    expect(shown(model.history.messages)).toEqual(['said at 2.1']);
  });

  it('leaves messages of other channels out, and all of them on the Home tab', () => {
    const model = at('C2');
    applyMessage(model, change('posted', message('1.1')));
    model.place = { kind: 'home', channel: 'C1' };
    applyMessage(model, change('posted', message('1.2')));
    expect(model.history.messages).toEqual([]);
  });

  it('shows a reply in its thread alone, and counts it at the root in both places', () => {
    const model = at('C1', message('1.1'));
    model.thread = { channel: 'C1', ts: '1.1' };
    model.threadMessages = [message('1.1')];
    const replies = { count: 1, users: ['U0BEN'], lastTs: '1.2' };
    applyMessage(model, change('posted', message('1.2', { threadTs: '1.1' }), replies));
    expect(shown(model.history.messages)).toEqual(['said at 1.1']);
    expect(shown(model.threadMessages)).toEqual(['said at 1.1', 'said at 1.2']);
    expect([model.history.messages[0]?.replies, model.threadMessages[0]?.replies]).toEqual([replies, replies]);
  });

  it('shows a reply that was also sent to the channel in both', () => {
    const model = at('C1', message('1.1'));
    applyMessage(model, change('posted', message('1.2', { threadTs: '1.1', isBroadcast: true })));
    expect(shown(model.history.messages)).toEqual(['said at 1.1', 'said at 1.2']);
  });

  it('leaves the thread of another root alone', () => {
    const model = at('C1', message('1.1'));
    model.thread = { channel: 'C1', ts: '1.1' };
    applyMessage(model, change('posted', message('1.3', { threadTs: '1.2' })));
    expect(model.threadMessages).toEqual([]);
  });
});

describe('withChange', () => {
  it('adds who is new and renames who is known', () => {
    const person = { id: 'U1', name: 'zoe', realName: 'Zoe', isBot: false };
    const joined = withChange(state, { kind: 'person', person });
    expect(withChange(joined, { kind: 'person', person: { ...person, name: 'zoé' } }).people).toEqual([{ ...person, name: 'zoé' }]);
  });

  it('keeps the last two hundred refusals', () => {
    let grown = state;
    for (let at = 0; at < 250; at += 1)
      grown = withChange(grown, { kind: 'refusal', refusal: { at, method: 'm', code: 'c', reasons: [], sent: {} } });
    expect([grown.refusals.length, grown.refusals[0]?.at]).toEqual([200, 50]);
  });
});
