/**
 * The same delivery twice changes nothing, however far apart: senders that name their deliveries are known by the name where
 * what they say holds no time of its own; another name is another occurrence.
 */
import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { redactDeep } from '../../../src/domain/redact.ts';
import { createHttp } from '../../../src/surfaces/http/http.ts';
import { testProduct } from '../../support/app.ts';

const minute = 60_000;
const github = 'a-secret-of-github';
let product: ReturnType<typeof testProduct>;
beforeEach(() => {
  product = testProduct();
});
afterEach(() => product.close());

async function deliver(path: string, body: unknown, headers: Readonly<Record<string, string>>) {
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const http = createHttp(product.app, { GITHUB_WEBHOOK_SECRET: github }, { log, now: product.now, redact: redactDeep });
  const text = JSON.stringify(body);
  const signature = `sha256=${createHmac('sha256', github).update(text).digest('hex')}`;
  const all = { 'content-type': 'application/json', 'x-hub-signature-256': signature, ...headers };
  const answer = await http.fetch(new Request(`http://localhost${path}`, { method: 'POST', body: text, headers: all }));
  expect(answer.status).toBe(202);
  return (await answer.json()) as { accepted: number; ids: string[] };
}

/** What can tell that something happened: how often any incident was altered, alerts of all. */
async function state() {
  const { incidents } = await product.ledger.incidents({ limit: 100 });
  return incidents.map(({ id, revision }) => `${id}@${revision}`).sort();
}

const senders = [
  {
    from: 'PagerDuty',
    path: '/webhook/pagerduty',
    named: (id: string) => ({ 'x-webhook-id': id }),
    body: {
      event: {
        id: 'E1',
        event_type: 'incident.triggered',
        data: { type: 'incident', id: 'P1', status: 'triggered', title: 'down', service: { summary: 'cart' } },
      },
    },
  },
  {
    from: 'Sentry',
    path: '/webhook/sentry',
    named: (id: string) => ({ 'request-id': id, 'sentry-hook-resource': 'issue' }),
    body: { action: 'created', data: { issue: { id: '7', title: 'boom', status: 'unresolved', project: { slug: 'cart' } } } },
  },
  {
    from: 'incident.io',
    path: '/webhook/incidentio',
    named: (id: string) => ({ 'webhook-id': id }),
    body: {
      event_type: 'public_incident.incident_created_v2',
      'public_incident.incident_created_v2': {
        id: 'I1',
        name: 'down',
        summary: null,
        reference: null,
        incident_status: { category: 'live' },
      },
    },
  },
  {
    from: 'Standard Webhooks',
    path: '/webhook/generic',
    named: (id: string) => ({ 'webhook-id': id }),
    body: { title: 'down', service: 'cart' },
  },
  {
    from: 'an idempotency key',
    path: '/webhook/generic',
    named: (id: string) => ({ 'idempotency-key': id }),
    body: { title: 'down', service: 'cart' },
  },
  {
    from: 'events with a key',
    path: '/webhook/event',
    named: (id: string) => ({ 'idempotency-key': id }),
    body: { eventType: 'DROP', correlationId: 'txn-1', details: { service: 'cart' }, priority: 'high' },
  },
  {
    from: 'CloudEvents',
    path: '/webhook/cloudevents',
    named: (id: string) => ({ 'ce-specversion': '1.0', 'ce-id': id, 'ce-source': '/cart', 'ce-type': 'com.acme.alarm' }),
    body: { title: 'down', service: 'cart' },
  },
];

describe('a delivery with a name', () => {
  it.each(senders)('of $from changes nothing the second time, and does under another name', async ({ path, named, body }) => {
    const first = await deliver(path, body, named('d-1'));
    expect(first.accepted).toBe(1);
    const after = await state();
    await product.pass(5 * minute);
    const settled = await state();
    expect(await deliver(path, body, named('d-1'))).toEqual(first);
    expect(await state()).toEqual(settled);
    expect(after).toHaveLength(1);
    await deliver(path, body, named('d-2'));
    expect(await state()).not.toEqual(settled);
  });

  it("of GitHub's is stored once", async () => {
    const body = {
      ref: 'refs/heads/main',
      repository: { full_name: 'o/r', default_branch: 'main' },
      commits: [
        {
          id: 'a'.repeat(40),
          message: 'm',
          timestamp: '2026-03-01T11:00:00Z',
          url: 'https://github.com/o/r/commit/a',
          added: [],
          removed: [],
          modified: ['a'],
        },
      ],
      after: 'a'.repeat(40),
    }; // prettier-ignore
    const headers = { 'x-github-event': 'push', 'x-github-delivery': 'g-1' };
    const { accepted } = await deliver('/webhook/github', body, headers);
    expect(accepted).toBe(1);
    expect((await deliver('/webhook/github', body, headers)).accepted).toBe(0);
    expect((await deliver('/webhook/github', body, { ...headers, 'x-github-delivery': 'g-2' })).accepted).toBe(1);
  });
});
