/** What a sender may present: a token in every place senders have, or a signature of the bytes as they are sent. */
import { createHmac } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { post, recorder, surface } from './fake-app.ts';

const secret = 'a-secret-of-some-length';
const seed = { eventType: 'SESSION_DROP', correlationId: 'txn-456', details: { service: 'SessionManager', errorCode: 'TIMEOUT' } };

describe('a sender', () => {
  const settings = { TRACEPULSE_WEBHOOK_TOKEN: secret };
  const basic = `Basic ${Buffer.from(`prometheus:${secret}`).toString('base64')}`;

  it.each([
    { name: 'a bearer token', headers: { authorization: `Bearer ${secret}` } },
    { name: 'a bearer token in lower case', headers: { authorization: `bearer ${secret}` } },
    { name: 'a basic password', headers: { authorization: basic } },
    { name: 'an ApiKey', headers: { authorization: `ApiKey ${secret}` } },
    { name: 'an ApiKey with its id', headers: { authorization: `ApiKey ${Buffer.from(`id:${secret}`).toString('base64')}` } },
    { name: 'a Splunk token', headers: { authorization: `Splunk ${secret}` } },
    { name: 'an X-Api-Key', headers: { 'x-api-key': secret } },
  ])('is known by $name', async ({ headers }) => {
    const { receive } = recorder();
    expect((await surface({ receive }, settings).fetch(post('/webhook/event', seed, headers))).status).toBe(202);
  });

  it('is known by a token in the address', async () => {
    const { receive } = recorder();
    expect((await surface({ receive }, settings).fetch(post(`/webhook/event?token=${secret}`, seed))).status).toBe(202);
  });

  it.each([
    { name: 'nothing', path: '/webhook/event', headers: {} },
    { name: 'another token', path: '/webhook/event', headers: { authorization: 'Bearer other' } },
    {
      name: 'the user name for the password',
      path: '/webhook/event',
      headers: { authorization: `Basic ${Buffer.from(`${secret}:x`).toString('base64')}` },
    },
    { name: 'an empty token', path: '/webhook/event?token=', headers: {} },
    { name: 'a longer token', path: '/webhook/event', headers: { authorization: `Bearer ${secret}x` } },
    { name: 'a scheme alone', path: '/webhook/event', headers: { authorization: 'Bearer' } },
  ])('is not known by $name', async ({ path, headers }) => {
    const answer = await surface({}, settings).fetch(post(path, seed, headers));
    expect(answer.status).toBe(401);
    expect(await answer.json()).toMatchObject({ error: { code: 'unauthorized' } });
    expect(answer.headers.get('www-authenticate')).toContain('Bearer');
  });

  const body = JSON.stringify(seed);
  const sign = (bytes: string | Uint8Array) => createHmac('sha256', secret).update(bytes).digest('hex');

  it.each([
    { name: 'X-Tracepulse-Signature', headers: { 'x-tracepulse-signature': `sha256=${sign(body)}` }, status: 202 },
    { name: 'X-Tracepulse-Signature without a prefix', headers: { 'x-tracepulse-signature': sign(body) }, status: 202 },
    { name: 'X-Hub-Signature-256', headers: { 'x-hub-signature-256': `sha256=${sign(body)}` }, status: 202 },
    { name: 'the signature of another body', headers: { 'x-tracepulse-signature': `sha256=${sign(`${body} `)}` }, status: 401 },
    { name: 'an empty signature', headers: { 'x-tracepulse-signature': '' }, status: 401 },
    { name: 'junk', headers: { 'x-tracepulse-signature': 'sha256=zz' }, status: 401 },
  ])('that signs with $name gets $status', async ({ headers, status }) => {
    const { deliveries, receive } = recorder();
    expect((await surface({ receive }, settings).fetch(post('/webhook/event', body, headers))).status).toBe(status);
    expect(deliveries).toHaveLength(status === 202 ? 1 : 0);
  });

  it('signs the bytes as they are sent, before anything is unpacked', async () => {
    const { receive } = recorder();
    const packed = gzipSync(body);
    const headers = { 'content-encoding': 'gzip', 'x-tracepulse-signature': `sha256=${sign(packed)}` };
    expect((await surface({ receive }, settings).fetch(post('/webhook/event', packed, headers))).status).toBe(202);
    const overPlain = { ...headers, 'x-tracepulse-signature': `sha256=${sign(body)}` };
    expect((await surface({ receive }, settings).fetch(post('/webhook/event', packed, overPlain))).status).toBe(401);
  });
});
