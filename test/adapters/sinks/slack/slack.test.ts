import { describe, expect, it } from 'vitest';
import { slack } from '../../../../src/adapters/sinks/slack/slack.ts';
import { Failure } from '../../../../src/domain/failure.ts';
import type { Receipt } from '../../../../src/domain/report.ts';
import type { Shipment } from '../../../../src/ports.ts';
import { at, states } from './cards.ts';
import { type Answer, fakeSlack, refused } from './fake-slack.ts';

const posted = { ok: true, channel: 'C024BE91L', ts: '1795600921.000100' };
const linked = { ok: true, permalink: 'https://acme.slack.com/archives/C024BE91L/p1795600921000100' };
const receipt: Receipt = {
  incidentId: 'INC-12',
  sink: 'slack',
  channel: '#debug',
  messageId: 'C024BE91L/1795600921.000100',
  url: 'https://acme.slack.com/x',
  at,
};
const cardShipment = (known: Receipt | null = null): Shipment => ({
  kind: 'card',
  channel: '#debug',
  card: states['one-cause']!,
  receipt: known,
});
const textShipment: Shipment = {
  kind: 'text',
  channel: 'C024BE91L',
  text: 'Nothing changed.',
  threadId: '1795600921.000100',
  id: 'answer:C024BE91L:1',
};

function deliver(
  answers: Readonly<Record<string, readonly Answer[]>>,
  shipment: Shipment,
  mayExist = false,
  signal = new AbortController().signal,
) {
  const fake = fakeSlack(answers);
  const settings = slack.settings.parse({ SLACK_BOT_TOKEN: 'xoxb-secret-1', SLACK_API_URL: 'http://127.0.0.1:1/api/' });
  return { ...fake, outcome: slack.create(settings, fake.tools).deliver(shipment, { mayExist, signal }) };
}

describe('slack sink', () => {
  it('posts a card once, with its incident in the metadata and no unfurling', async () => {
    const { outcome, calls, unused } = deliver({ 'chat.postMessage': [posted], 'chat.getPermalink': [linked] }, cardShipment());
    expect(await outcome).toEqual({ messageId: 'C024BE91L/1795600921.000100', url: linked.permalink });
    expect(calls.map((call) => call.method)).toEqual(['chat.postMessage', 'chat.getPermalink']);
    const { fields } = calls[0]!;
    expect(fields).toMatchObject({ channel: '#debug', unfurl_links: 'false', unfurl_media: 'false' });
    expect(JSON.parse(fields['metadata']!)).toEqual({ event_type: 'tracepulse_incident', event_payload: { incident_id: 'INC-12' } });
    expect(unused()).toEqual([]);
  });

  it('edits in place where a receipt says it stands', async () => {
    const { outcome, calls } = deliver(
      { 'chat.update': [{ ok: true, channel: 'C024BE91L', ts: '1795600921.000100' }] },
      cardShipment(receipt),
    );
    expect(await outcome).toEqual({ messageId: receipt.messageId, url: receipt.url });
    expect(calls[0]?.fields).toMatchObject({ channel: 'C024BE91L', ts: '1795600921.000100' });
  });

  it.each(['message_not_found', 'edit_window_closed', 'cant_update_message'])(
    'posts anew when an edit is answered with %s',
    async (word) => {
      const { outcome } = deliver(
        { 'chat.update': [refused(word)], 'chat.postMessage': [{ ...posted, ts: '2.2' }], 'chat.getPermalink': [linked] },
        cardShipment(receipt),
      );
      expect((await outcome).messageId).toBe('C024BE91L/2.2');
    },
  );

  it('looks for its own earlier card before it posts again, and edits that', async () => {
    const mine = { ts: '1795600921.000100', metadata: { event_type: 'tracepulse_incident', event_payload: { incident_id: 'INC-12' } } };
    const other = { ts: '9.9', metadata: { event_type: 'tracepulse_incident', event_payload: { incident_id: 'INC-11' } } };
    const { outcome, calls, unused } = deliver(
      {
        'conversations.list': [
          { ok: true, channels: [{ id: 'C0OTHER', name: 'general' }], response_metadata: { next_cursor: 'n2' } },
          { ok: true, channels: [{ id: 'C024BE91L', name: 'debug' }] },
        ],
        'conversations.history': [
          { ok: true, messages: [other], response_metadata: { next_cursor: 'h2' } },
          { ok: true, messages: [{ ts: '8.8' }, mine] },
        ],
        'chat.update': [{ ok: true }],
      },
      cardShipment(),
      true,
    );
    expect((await outcome).messageId).toBe('C024BE91L/1795600921.000100');
    expect(calls.find((call) => call.method === 'conversations.history')?.fields).toMatchObject({
      channel: 'C024BE91L',
      include_all_metadata: 'true',
    });
    expect(unused()).toEqual([]);
  });

  it('posts when no earlier card is found', async () => {
    const { outcome, calls } = deliver(
      {
        'conversations.list': [{ ok: true, channels: [{ id: 'C024BE91L', name: 'debug' }] }],
        'conversations.history': [{ ok: true, messages: [] }],
        'chat.postMessage': [posted],
        'chat.getPermalink': [linked],
      },
      cardShipment(),
      true,
    );
    await outcome;
    expect(calls.at(-2)?.method).toBe('chat.postMessage');
  });

  it('sends a plainer card, then only its sentence, when Slack refuses the blocks', async () => {
    const { outcome, calls } = deliver(
      { 'chat.postMessage': [refused('invalid_blocks'), refused('msg_blocks_too_long'), posted], 'chat.getPermalink': [linked] },
      cardShipment(),
    );
    await outcome;
    const forms = calls.filter((call) => call.method === 'chat.postMessage').map((call) => call.fields);
    expect(JSON.parse(forms[0]!['blocks']!).length).toBeGreaterThan(2);
    expect(JSON.parse(forms[1]!['blocks']!)[0].text.type).toBe('plain_text');
    expect(forms[2]).not.toHaveProperty('blocks');
    expect(forms.every((form) => form['text'] !== '' && form['metadata'] !== undefined)).toBe(true);
  });

  it('answers in the thread and marks the answer with its id', async () => {
    const { outcome, calls } = deliver({ 'chat.postMessage': [posted] }, textShipment);
    expect(await outcome).toEqual({ messageId: 'C024BE91L/1795600921.000100', url: null });
    expect(calls[0]?.fields).toMatchObject({ thread_ts: '1795600921.000100', text: 'Nothing changed.' });
    expect(JSON.parse(calls[0]?.fields['metadata'] ?? '')).toEqual({
      event_type: 'tracepulse_text',
      event_payload: { id: 'answer:C024BE91L:1' },
    });
  });

  it('does not answer twice when the first answer may have arrived', async () => {
    const mine = { ts: '3.3', metadata: { event_type: 'tracepulse_text', event_payload: { id: 'answer:C024BE91L:1' } } };
    const { outcome, calls } = deliver(
      { 'conversations.replies': [{ ok: true, messages: [{ ts: '1795600921.000100' }, mine] }] },
      textShipment,
      true,
    );
    expect((await outcome).messageId).toBe('C024BE91L/3.3');
    expect(calls).toHaveLength(1);
  });

  it('keeps the message when only its link cannot be had', async () => {
    const { outcome } = deliver({ 'chat.postMessage': [posted], 'chat.getPermalink': [refused('internal_error')] }, cardShipment());
    expect(await outcome).toEqual({ messageId: 'C024BE91L/1795600921.000100', url: null });
  });

  it.each<{ name: string; answer: Answer; code: string; retryAfterMs?: number; hint?: RegExp }>([
    {
      name: 'a 429 with a time',
      answer: new Response('', { status: 429, headers: { 'retry-after': '7' } }),
      code: 'rate_limited',
      retryAfterMs: 7_000,
    },
    { name: 'a 429 without a time', answer: new Response('', { status: 429 }), code: 'rate_limited', retryAfterMs: 30_000 },
    { name: 'a 503', answer: new Response('<html>', { status: 503 }), code: 'unavailable' },
    { name: 'a 403', answer: new Response('no', { status: 403 }), code: 'unauthorized' },
    { name: 'no connection', answer: new TypeError('fetch failed'), code: 'unavailable', hint: /SLACK_API_URL/ },
    { name: 'a timeout', answer: new DOMException('late', 'TimeoutError'), code: 'timeout' },
    { name: 'a page instead of JSON', answer: new Response('<html>login</html>'), code: 'bad_response' },
    { name: 'invalid_auth', answer: refused('invalid_auth'), code: 'unauthorized', hint: /SLACK_BOT_TOKEN/ },
    { name: 'a missing scope', answer: refused('missing_scope', { needed: 'chat:write' }), code: 'unauthorized', hint: /chat:write/ },
    { name: 'not_in_channel', answer: refused('not_in_channel'), code: 'rejected', retryAfterMs: 30_000, hint: /\/invite/ },
    { name: 'channel_not_found', answer: refused('channel_not_found'), code: 'rejected', retryAfterMs: 30_000, hint: /SLACK_CHANNEL/ },
    { name: 'is_archived', answer: refused('is_archived'), code: 'rejected', retryAfterMs: 30_000, hint: /unarchive/ },
    { name: 'fatal_error', answer: refused('fatal_error'), code: 'unavailable' },
    { name: 'an unknown word', answer: refused('some_new_word'), code: 'rejected', hint: /some_new_word/ },
  ])('says $code for $name, and no secret with it', async ({ answer, code, retryAfterMs, hint }) => {
    const { outcome } = deliver({ 'chat.postMessage': [answer] }, cardShipment());
    const failure = await outcome.then(
      () => null,
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(Failure);
    expect(failure).toMatchObject({ code, system: 'slack', ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });
    if (hint) expect((failure as Failure).message).toMatch(hint);
    expect((failure as Failure).message).not.toMatch(/xoxb|secret|html/);
  });

  it('waits for people where the channel is gone in which it looks for a message whose answer was lost', async () => {
    const nothing = { ok: true, channels: [] };
    const archived = { ok: true, channels: [{ id: 'C024BE91L', name: 'debug' }] };
    const gone = deliver({ 'conversations.list': [nothing, nothing] }, cardShipment(), true);
    await expect(gone.outcome).rejects.toMatchObject({ code: 'rejected', retryAfterMs: 30_000, hint: expect.stringContaining('/invite') });
    const { outcome, calls } = deliver(
      {
        'conversations.list': [nothing, archived],
        'conversations.history': [{ ok: true, messages: [] }],
        'chat.postMessage': [refused('is_archived')],
      },
      cardShipment(),
      true,
    );
    await expect(outcome).rejects.toMatchObject({ code: 'rejected', retryAfterMs: 30_000, hint: expect.stringContaining('unarchive') });
    expect(calls.slice(0, 2).map(({ fields }) => fields['exclude_archived'])).toEqual(['true', 'false']);
  });

  it.each([
    { name: 'finds an archived channel on the last of many pages', last: [{ id: 'C024BE91L', name: 'debug' }], word: 'is_archived' },
    { name: 'says that there is no such channel after the last of many pages', last: [], word: 'channel_not_found' },
  ])('$name, going on where Slack let it read no more', async ({ last, word }) => {
    const cursors = ['', 'n2', 'n3', 'n4', 'n5'];
    const pages = (end: readonly object[]) =>
      cursors.map((_, i) => ({
        ok: true,
        channels: i === 4 ? end : [{ id: `C0OTHER${i}`, name: `other-${i}` }],
        response_metadata: { next_cursor: cursors[i + 1] ?? '' },
      }));
    const { tools, calls } = fakeSlack({
      'conversations.list': [...pages([]), ...pages(last)],
      'conversations.history': [{ ok: true, messages: [] }],
      'chat.postMessage': [refused('is_archived')],
    });
    let now = Date.parse('2026-11-25T10:05:00Z');
    const sink = slack.create(slack.settings.parse({ SLACK_BOT_TOKEN: 'xoxb-1' }), { ...tools, now: () => now });
    const attempt = () =>
      sink.deliver(cardShipment(), { mayExist: true, signal: new AbortController().signal }).catch((error: Failure) => error);
    let outcome = await attempt();
    for (let more = 0; more < 10 && outcome instanceof Failure && outcome.code === 'rate_limited'; more++) {
      now += outcome.retryAfterMs ?? 0;
      outcome = await attempt();
    }
    expect(outcome).toMatchObject({ code: 'rejected', retryAfterMs: 30_000, hint: expect.stringContaining(word) });
    const asked = calls
      .filter(({ method }) => method === 'conversations.list')
      .map(({ fields }) => [fields['exclude_archived'], fields['cursor'] ?? '']);
    expect(asked).toEqual(['true', 'false'].flatMap((active) => cursors.map((cursor) => [active, cursor])));
  });

  it('begins to look for a channel anew when Slack no longer knows where it was', async () => {
    const debug = { id: 'C024BE91L', name: 'debug' };
    const more = (next_cursor: string) => ({ ok: true, channels: [], response_metadata: { next_cursor } });
    const { tools, calls } = fakeSlack({
      'conversations.list': [more('n2'), refused('invalid_cursor'), { ok: true, channels: [debug] }],
      'conversations.history': [{ ok: true, messages: [] }],
      'chat.postMessage': [posted],
      'chat.getPermalink': [linked],
    });
    const sink = slack.create(slack.settings.parse({ SLACK_BOT_TOKEN: 'xoxb-1' }), tools);
    const attempt = () => sink.deliver(cardShipment(), { mayExist: true, signal: new AbortController().signal });
    await expect(attempt()).rejects.toMatchObject({ code: 'unavailable' });
    await attempt();
    expect(calls.slice(0, 3).map(({ fields }) => fields['cursor'])).toEqual([undefined, 'n2', undefined]);
  });

  it('stops with the deadline of the delivery and says so', async () => {
    const deadline = new AbortController();
    const { outcome, calls } = deliver(
      {
        'chat.postMessage': [
          () => new Promise<Response>((_, reject) => deadline.signal.addEventListener('abort', () => reject(deadline.signal.reason))),
        ],
      },
      cardShipment(),
      false,
      deadline.signal,
    );
    await Promise.resolve();
    deadline.abort(new DOMException('late', 'TimeoutError'));
    await expect(outcome).rejects.toMatchObject({ code: 'timeout' });
    expect(calls).toHaveLength(1);
  });

  it('asks for nothing but its own settings', () => {
    expect(slack.settings.parse({ SLACK_BOT_TOKEN: 'xoxb-1' })).toEqual({
      SLACK_BOT_TOKEN: 'xoxb-1',
      SLACK_CHANNEL: '#debug',
      SLACK_API_URL: 'https://slack.com/api/',
    });
  });
});
