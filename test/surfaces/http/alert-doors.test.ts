/** What is particular about single doors: signatures, being an Alertmanager, CloudEvents, PUT. */

import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Delivery } from '../../../src/domain/alert.ts';
import { Failure } from '../../../src/domain/failure.ts';
import { now, post, recorder, surface } from './fake-app.ts';

const secret = 'a-secret-of-some-length';

describe('a format that signs', () => {
  const verifying = () => {
    const { deliveries, receive } = recorder();
    const verified: Delivery[] = [];
    const verifier = (format: string) =>
      format !== 'grafana'
        ? null
        : (delivery: Delivery) => {
            verified.push(delivery);
            if (delivery.headers['x-signed'] !== 'well')
              throw new Failure('unauthorized', 'grafana', 'check', { hint: 'a signature is needed' });
          };
    return { deliveries, verified, http: surface({ receive, verifier }, { TRACEPULSE_WEBHOOK_TOKEN: secret }) };
  };

  it('decides alone, over the bytes as they arrived', async () => {
    const { deliveries, verified, http } = verifying();
    const packed = gzipSync('{"alerts":[]}');
    const answer = await http.fetch(post('/webhook/grafana', packed, { 'x-signed': 'well', 'content-encoding': 'gzip' }));
    expect(answer.status).toBe(202);
    expect(Buffer.from(verified[0]?.body ?? []).equals(packed)).toBe(true);
    expect(verified[0]).toMatchObject({ route: '/webhook/grafana', receivedAt: now });
    expect(new TextDecoder().decode(deliveries[0]?.delivery.body)).toBe('{"alerts":[]}');
  });

  it('refuses what is not signed, the general token or not, and stores nothing', async () => {
    const { deliveries, http } = verifying();
    const answer = await http.fetch(post('/webhook/grafana', { alerts: [] }, { authorization: `Bearer ${secret}` }));
    expect(answer.status).toBe(401);
    expect(await answer.json()).toEqual({ error: { code: 'unauthorized', message: 'a signature is needed' } });
    expect(deliveries).toEqual([]);
  });

  it('leaves the others to the general token', async () => {
    const { http } = verifying();
    expect((await http.fetch(post('/webhook/generic', { title: 'a' }, { 'x-signed': 'well' }))).status).toBe(401);
    expect((await http.fetch(post('/webhook/generic', { title: 'a' }, { authorization: `Bearer ${secret}` }))).status).toBe(202);
  });

  it('does not take a Failure from behind it for the fault of the sender', async () => {
    const receive = async () => {
      throw new Failure('unauthorized', 'elsewhere', 'ask');
    };
    expect((await surface({ receive }).fetch(post('/webhook/grafana', {}))).status).toBe(500);
  });
});

describe('being an Alertmanager', () => {
  const alerts = [{ labels: { alertname: 'Up' } }];

  it('takes a list and answers with nothing', async () => {
    const { deliveries, receive } = recorder();
    const answer = await surface({ receive }).fetch(post('/api/v2/alerts', alerts));
    expect([answer.status, await answer.text()]).toEqual([200, '']);
    expect(deliveries[0]).toMatchObject({ format: 'prometheus', delivery: { route: '/api/v2/alerts' } });
  });

  it.each([
    { code: 'rejected', status: 400, said: '[0].labels: missing' },
    { code: 'unavailable', status: 503, said: 'cannot be taken right now; try again' },
  ] as const)('says $code as a JSON string', async ({ code, status, said }) => {
    const receive = async () => {
      throw new Failure(code, 'prometheus', 'read the body', { hint: 'missing', path: '[0].labels' });
    };
    const answer = await surface({ receive }).fetch(post('/api/v2/alerts', alerts));
    expect([answer.status, await answer.json()]).toEqual([status, said]);
  });

  it('asks for the token', async () => {
    const http = surface(recorder(), { TRACEPULSE_WEBHOOK_TOKEN: secret });
    expect((await http.fetch(post('/api/v2/alerts', alerts))).status).toBe(401);
    const basic = Buffer.from(`prometheus:${secret}`).toString('base64');
    expect((await http.fetch(post('/api/v2/alerts', alerts, { authorization: `Basic ${basic}` }))).status).toBe(200);
  });
});

describe('CloudEvents', () => {
  it('in headers may carry data of any type', async () => {
    const { deliveries, receive } = recorder();
    const http = surface({ receive });
    const headers = { 'content-type': 'text/xml', 'ce-specversion': '1.0', 'ce-id': '1', 'ce-source': 's', 'ce-type': 't' };
    expect((await http.fetch(post('/webhook/cloudevents', '<a/>', headers))).status).toBe(202);
    expect(deliveries[0]?.delivery.headers).toMatchObject({ 'ce-id': '1', 'content-type': 'text/xml' });
    expect((await http.fetch(post('/webhook/generic', '<a/>', headers))).status).toBe(415);
    expect((await http.fetch(post('/webhook/cloudevents', '<a/>', { 'content-type': 'text/xml' }))).status).toBe(415);
  });

  it.each(['application/cloudevents+json', 'application/cloudevents-batch+json; charset=UTF-8'])('come as %s', async (type) => {
    expect((await surface(recorder()).fetch(post('/webhook/cloudevents', {}, { 'content-type': type }))).status).toBe(202);
  });

  const ask = (headers: Record<string, string>, token?: string) =>
    surface({}, token === undefined ? {} : { TRACEPULSE_WEBHOOK_TOKEN: token }).fetch(
      new Request('http://localhost/webhook/cloudevents', { method: 'OPTIONS', headers }),
    );

  it('are allowed to whoever asks as the specification says', async () => {
    const answer = await ask({ 'webhook-request-origin': 'events.example.com', 'webhook-request-rate': '120' });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('webhook-allowed-origin')).toBe('events.example.com');
    expect(answer.headers.get('webhook-allowed-rate')).toBe('*');
    expect((await ask({})).status).toBe(400);
  });

  it('are allowed to nobody without the token', async () => {
    const origin = { 'webhook-request-origin': 'events.example.com' };
    expect((await ask(origin, secret)).status).toBe(401);
    expect((await ask({ ...origin, authorization: `Bearer ${secret}` }, secret)).status).toBe(200);
  });
});

describe('PUT', () => {
  it('is taken like POST', async () => {
    const request = new Request(post('/webhook/grafana', { alerts: [] }), { method: 'PUT' });
    expect((await surface(recorder()).fetch(request)).status).toBe(202);
  });
});
