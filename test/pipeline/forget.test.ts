/** One incident is taken out of the real product and out of a workspace as strict as Slack; the other stays as it is. */
import { LogLevel, WebClient } from '@slack/web-api';
import { describe, expect, it } from 'vitest';
import manifest from '../../manifest.json' with { type: 'json' };
import { slack } from '../../src/adapters/sinks/slack/slack.ts';
import { readPlace } from '../../src/domain/slack-names.ts';
import type { LogSource } from '../../src/ports/sources.ts';
import { manualClock } from '../../src/workspace/clock.ts';
import { createWorkspace } from '../../src/workspace/workspace.ts';
import { alertBody, delivery, rememberingSink, start, testProduct } from '../support/app.ts';

const log = { debug() {}, info() {}, warn() {}, error() {} };

async function twoIncidents() {
  const clock = manualClock(start);
  const workspace = createWorkspace({ manifest, clock, channels: [{ name: 'debug', hasApp: true }] });
  const fetch = ((url: string, init: RequestInit) => workspace.handle(new Request(url, init))) as typeof globalThis.fetch;
  const settings = slack.settings.parse({ SLACK_BOT_TOKEN: workspace.tokens.bot, SLACK_API_URL: 'http://workspace.invalid/api/' });
  const sink = slack.create(settings, { fetch, now: clock.now, log });
  const letters = rememberingSink(['ana@example.com']);
  const product = testProduct({
    sinks: new Map([
      ['slack', sink],
      ['email', letters.sink],
    ]),
  });
  for (const service of ['cart', 'payment'])
    await product.app.receive('alertmanager', delivery('/webhook/alertmanager', alertBody({ service, alertname: `Errors of ${service}` })));
  await product.pass(5_000);
  const detail = async (id: string) => {
    const found = await product.app.incident(id);
    if (found === null) throw new Error(`${id} is not there`);
    return found;
  };
  const client = new WebClient(workspace.tokens.bot, {
    slackApiUrl: 'http://workspace.invalid/api/',
    fetch,
    retryConfig: { retries: 0 },
    logLevel: LogLevel.ERROR,
  });
  return { workspace, product, client, detail };
}

const person = 'api:ana';

describe('forgetting an incident', () => {
  it('takes its card, answers and pictures out of Slack, leaves what people wrote, and says what cannot be taken back', async () => {
    const { workspace, product, client, detail } = await twoIncidents();
    const { receipts } = await detail('INC-1');
    const place = receipts.find((receipt) => receipt.sink === 'slack')?.messageId ?? '';
    const { ts = '' } = readPlace(place) ?? {};
    await product.app.say({
      id: 'answer:1',
      sink: 'slack',
      channel: '#debug',
      threadId: place,
      text: 'An answer of ours',
      incidentId: 'INC-1',
    });
    await product.pass(3_000);
    const { upload_url: url = '', file_id: file = '' } = await client.files.getUploadURLExternal({ filename: 'map.png', length: 3 });
    await workspace.handle(new Request(url, { method: 'POST', body: 'png' }));
    await client.files.completeUploadExternal({
      files: [{ id: file, title: 'Who calls whom of cart' }],
      channel_id: place.split('/')[0] ?? '',
      thread_ts: ts,
    });
    workspace.say({ user: 'ana', channel: 'debug', threadTs: ts, text: 'It was me' });

    expect(await product.app.forget({ incidentId: 'INC-1', person })).toEqual({ withdrawn: ['slack #debug'], left: ['email m1'] });
    await product.pass(5_000);

    const texts = workspace.messages('debug').map(({ text }) => text ?? '');
    expect(texts.filter((text) => /cart|An answer of ours/.test(text))).toEqual([]);
    expect(texts.some((text) => text.includes('payment'))).toBe(true);
    await expect(client.files.delete({ file })).rejects.toThrow('file_not_found');
    expect(texts).toContain('It was me');
    expect(await product.app.incident('INC-1')).toBeNull();
    expect(await product.app.context('INC-1')).toBeNull();
    expect((await product.app.incidents({ limit: 9 })).incidents.map(({ card: { incident } }) => incident.id)).toEqual(['INC-2']);
    await product.close();
  });

  it('is kept in the audit, with who asked for it', async () => {
    const { product } = await twoIncidents();
    await product.app.note({ incidentId: 'INC-1', text: 'restarted the cart of Ana', person });
    await product.app.forget({ incidentId: 'INC-1', person });
    expect((await product.app.acts(0, 9)).map(({ kind, incidentId, person: by }) => ({ kind, incidentId, by }))).toEqual([
      { kind: 'forget', incidentId: 'INC-1', by: person },
    ]);
    await product.close();
  });

  it('opens nothing anew when its sender repeats itself, and gives its number to no other', async () => {
    const { product } = await twoIncidents();
    await product.app.forget({ incidentId: 'INC-2', person });
    const again = alertBody({ service: 'payment', alertname: 'Errors of payment' });
    await product.app.receive('alertmanager', delivery('/webhook/alertmanager', again));
    expect((await product.app.incidents({ limit: 9 })).incidents).toHaveLength(1);
    const { ids } = await product.app.receive(
      'alertmanager',
      delivery('/webhook/alertmanager', alertBody({ service: 'search', alertname: 'New' })),
    );
    expect(ids).toEqual(['INC-3']);
    await product.close();
  });

  it('takes back the card that was on its way meanwhile', async () => {
    const { sink, shipped } = rememberingSink();
    const withdrawn: string[] = [];
    const product = testProduct({
      sinks: new Map([
        [
          'slack',
          {
            ...sink,
            async deliver(...asked) {
              const sent = await sink.deliver(...asked);
              if (shipped.length === 1) await product.app.forget({ incidentId: 'INC-1', person });
              return sent;
            },
            withdraw: async (messageId) => void withdrawn.push(messageId),
          },
        ],
      ]),
    });
    await product.app.receive('alertmanager', delivery('/webhook/alertmanager', alertBody({ service: 'cart' })));
    await product.pass(5_000);
    expect(withdrawn).toEqual(['m1']);
    expect(await product.ledger.receipts('INC-1')).toEqual([]);
    await product.close();
  });

  it('leaves no report where it was being ranked', async () => {
    const search = async () => {
      await product.app.forget({ incidentId: 'INC-1', person });
      return { lines: [], truncated: false };
    };
    const product = testProduct({ logSources: new Map([['loki', { search } as unknown as LogSource]]) });
    await product.app.receive('alertmanager', delivery('/webhook/alertmanager', alertBody({ service: 'cart' })));
    await product.pass(5_000);
    expect(await product.ledger.incident('INC-1')).toBeNull();
    expect(await product.ledger.report('INC-1')).toBeNull();
    expect(product.logged.filter(({ level }) => level === 'error')).toEqual([]);
    await product.close();
  });

  it('of one that is not there is refused', async () => {
    const { product } = await twoIncidents();
    await expect(product.app.forget({ incidentId: 'INC-9', person })).rejects.toMatchObject({ code: 'rejected' });
    await product.close();
  });
});
