import { describe, expect, it } from 'vitest';
import { createRates } from '../../../src/surfaces/http/rates.ts';
import { fakeApp, get, post, recorder } from './fake-app.ts';
import { createHttp } from '../../../src/surfaces/http/http.ts';

const limits = { perSecond: 10, burst: 20, guessesPerMinute: 5 };
const log = { debug() {}, info() {}, warn() {}, error() {} };
const token = 'a-token-of-sufficient-length';

function product() {
  let at = 0;
  const { receive } = recorder();
  const app = fakeApp({ receive, incidents: async () => ({ incidents: [], next: null }) });
  const settings = { TRACEPULSE_WEBHOOK_TOKEN: token, TRACEPULSE_API_TOKEN: token };
  const http = createHttp(app, settings, { log, now: () => at, redact: (value) => ({ value }), rates: limits });
  const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` });
  return {
    read: async (address: string | undefined, secret = token) => http.fetch(get('/api/incidents', bearer(secret)), address),
    alert: async (address: string, secret = token) => http.fetch(post('/webhook/generic', { title: 'a' }, bearer(secret)), address),
    probe: async (address: string) => http.fetch(get('/healthz'), address),
    pass: (ms: number) => {
      at += ms;
    },
  };
}
const times = async (count: number, ask: () => Promise<Response>) => {
  const statuses: number[] = [];
  for (let i = 0; i < count; i++) statuses.push((await ask()).status);
  return statuses;
};

describe('a source that asks too much', () => {
  it('is answered 429 with the time to wait, and listened to again after it', async () => {
    const { read, pass } = product();
    expect(new Set(await times(20, () => read('203.0.113.9')))).toEqual(new Set([200]));
    const refused = await read('203.0.113.9');
    expect([refused.status, refused.headers.get('retry-after'), await refused.json()]).toEqual([
      429,
      '1',
      { error: { code: 'rate_limited', message: 'too many requests from this address; try again' } },
    ]);
    pass(1_000);
    expect(await times(11, () => read('203.0.113.9'))).toEqual([...Array(10).fill(200), 429]);
  });

  it('is never answered 429 for an alert, but asked to come back', async () => {
    const { alert } = product();
    const statuses = await times(25, () => alert('203.0.113.9'));
    expect(new Set(statuses)).toEqual(new Set([202, 503]));
    expect((await alert('203.0.113.9')).headers.get('retry-after')).toBe('1');
  });

  it('takes nothing from others, nor from this machine', async () => {
    const { read } = product();
    await times(30, () => read('203.0.113.9'));
    expect((await read('203.0.113.10')).status).toBe(200);
    for (const address of ['127.0.0.1', '::1', '::ffff:127.0.0.1', undefined])
      expect(new Set(await times(40, () => read(address)))).toEqual(new Set([200]));
  });

  it('is one source over all of its IPv6 network', async () => {
    const { read } = product();
    let i = 0;
    await times(20, () => read(`2001:db8:1:2::${(i++).toString(16)}`));
    expect((await read('2001:db8:1:2:ffff::1')).status).toBe(429);
    expect((await read('2001:db8:1:3::1')).status).toBe(200);
  });

  it('costs a bounded memory, however many addresses it has', () => {
    let at = 0;
    const rates = createRates(() => at, limits);
    for (let i = 0; i < 30_000; i++) rates.refusal(get('/api/map'), `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`);
    // The first of them is forgotten, and begins anew.
    at = 1;
    for (let i = 0; i < 20; i++) expect(rates.refusal(get('/api/map'), '10.0.0.0')).toBeNull();
  });
});

describe('a probe', () => {
  it('is always answered', async () => {
    const { read, probe } = product();
    await times(30, () => read('203.0.113.9'));
    expect(new Set(await times(40, () => probe('203.0.113.9')))).toEqual(new Set([200]));
  });
});

describe('a source that guesses', () => {
  it('is not listened to for a while, not even with the right token', async () => {
    const { read, pass } = product();
    expect(await times(5, () => read('203.0.113.9', 'guess'))).toEqual([401, 401, 401, 401, 401]);
    expect(await times(2, () => read('203.0.113.9'))).toEqual([429, 429]);
    pass(12_000);
    expect((await read('203.0.113.9')).status).toBe(200);
  });

  it('on the route of alerts keeps no sender behind the same address from being heard', async () => {
    const { alert } = product();
    expect(new Set(await times(10, () => alert('203.0.113.9', 'guess')))).toEqual(new Set([401]));
    expect((await alert('203.0.113.9')).status).toBe(202);
  });
});
