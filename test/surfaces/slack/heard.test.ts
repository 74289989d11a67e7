import { describe, expect, it } from 'vitest';
import { heard, mentions, typedText } from '../../../src/surfaces/slack/heard.ts';

const said = { type: 'message', user: 'U1', text: 'hello', channel: 'C1', ts: '1.1' };

describe('heard', () => {
  it.each([
    ['a reply', { ...said, thread_ts: '1.0' }, { threadTs: '1.0', isDirect: false }],
    ['a direct message', { ...said, channel_type: 'im' }, { threadTs: null, isDirect: true }],
    ['a mention', { ...said, type: 'app_mention' }, { isMention: true }],
    ['a reply shared with the channel', { ...said, thread_ts: '1.0', subtype: 'thread_broadcast' }, { threadTs: '1.0' }],
    ['a file with words', { ...said, thread_ts: '1.0', subtype: 'file_share', text: undefined }, { text: '' }],
  ])('hears %s', (_, event, expected) => {
    expect(heard(event)).toMatchObject(expected);
  });

  it.each([
    ['root messages that mention nobody', said],
    ['bots', { ...said, thread_ts: '1.0', bot_id: 'B1' }],
    ['bot posts of the old kind', { ...said, thread_ts: '1.0', subtype: 'bot_message' }],
    ['edits', { type: 'message', subtype: 'message_changed', channel: 'C1', ts: '1.2', message: said }],
    ['joins', { ...said, subtype: 'channel_join' }],
    ['other events', { type: 'reaction_added', user: 'U1' }],
    ['junk', null],
  ])('does not hear %s', (_, event) => {
    expect(heard(event)).toBeNull();
  });
});

describe('mentions', () => {
  it('knows its own name only', () => {
    const utterance = heard({ ...said, text: 'ask <@U9|tracepulse> what changed' })!;
    expect(mentions(utterance, 'U9')).toBe(true);
    expect(mentions(utterance, 'U99')).toBe(false);
    expect(mentions(utterance, undefined)).toBe(false);
  });
});

describe('typedText', () => {
  it.each([
    ['<@U0TRACE>  what   changed', 'what changed'],
    ['logs of <http://shop.example|shop.example> about a &lt;b&gt; &amp; c', 'logs of shop.example about a <b> & c'],
    ['see <https://a.example/x>', 'see https://a.example/x'],
    ['in <#C1|debug> and <!subteam^S1|@oncall>', 'in debug and @oncall'],
    ['&amp;lt;', '&lt;'],
    ['', ''],
  ])('reads %j as typed', (text, typed) => {
    expect(typedText(text)).toBe(typed);
  });
});
