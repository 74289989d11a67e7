import { describe, expect, it } from 'vitest';
import type { Status } from '../../../src/app.ts';
import { get, post, surface } from './fake-app.ts';

const status: Status = {
  openIncidents: 2,
  telemetry: {
    spans: 10,
    logs: 5,
    points: 3,
    bytes: 4_096,
    oldestAt: 1,
    newestAt: 2,
    dropped: { spans: 1, logs: 0, points: 0 },
    duplicates: 4,
  },
  services: 7,
  edges: 9,
  connections: [
    { id: 'slack', port: 'sink', state: 'on', detail: '' },
    { id: 'loki', port: 'log-source', state: 'off', detail: '' },
  ],
  startedAt: 1_000,
  deadLetters: 3,
};

describe('routes', () => {
  it('answer 404 in one shape', async () => {
    const answer = await surface({}).fetch(get('/nothing'));
    expect(answer.status).toBe(404);
    expect(await answer.json()).toEqual({ error: { code: 'not_found', message: 'there is nothing here' } });
  });

  it.each([
    { method: 'GET', path: '/webhook/event', allow: 'POST, PUT' },
    { method: 'PUT', path: '/v1/traces', allow: 'POST' },
    { method: 'POST', path: '/api/incidents', allow: 'GET' },
    { method: 'DELETE', path: '/api/map', allow: 'GET' },
    { method: 'GET', path: '/api/incidents/INC-1/feedback', allow: 'POST' },
    { method: 'POST', path: '/healthz', allow: 'GET' },
  ])('answer 405 to $method $path', async ({ method, path, allow }) => {
    const answer = await surface({}).fetch(new Request(`http://localhost${path}`, { method }));
    expect(answer.status).toBe(405);
    expect(answer.headers.get('allow')).toBe(allow);
    expect(await answer.json()).toMatchObject({ error: { code: 'method_not_allowed' } });
  });

  it('tell browsers not to guess what an answer is', async () => {
    expect((await surface({}).fetch(get('/healthz'))).headers.get('x-content-type-options')).toBe('nosniff');
  });
});

describe('health', () => {
  it('is alive without asking anybody', async () => {
    expect((await surface({}).fetch(get('/healthz'))).status).toBe(200);
  });

  it.each([
    { ready: true, code: 200 },
    { ready: false, code: 503 },
  ])('is ready: $ready with $code and the problems', async ({ ready, code }) => {
    const answer = await surface({ readiness: async () => ({ ready, problems: ['slack: down'] }) }).fetch(get('/readyz'));
    expect(answer.status).toBe(code);
    expect(await answer.json()).toEqual({ ready, problems: ['slack: down'] });
  });

  it('stays open where tokens are set', async () => {
    const http = surface({ readiness: async () => ({ ready: true, problems: [] }) }, { TRACEPULSE_API_TOKEN: 'x'.repeat(16) });
    expect((await http.fetch(get('/healthz'))).status).toBe(200);
    expect((await http.fetch(get('/readyz'))).status).toBe(200);
  });
});

describe('GET /metrics', () => {
  it('answers counters and the state in the Prometheus text format', async () => {
    const readiness = async () => ({ ready: true, problems: ['loki: away'] });
    const http = surface({ readiness, status: async () => status, counters: () => new Map([['deliveries_total{sink="slack"}', 3]]) });
    await http.fetch(post('/webhook/nagios', {}));
    const answer = await http.fetch(get('/metrics'));
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    const lines = (await answer.text()).split('\n');
    expect(lines).toEqual(
      expect.arrayContaining([
        '# TYPE tracepulse_deliveries_total counter',
        'tracepulse_deliveries_total{sink="slack"} 3',
        'tracepulse_http_answers_total{status="404"} 1',
        'tracepulse_open_incidents 2',
        'tracepulse_ready 1',
        'tracepulse_degraded 1',
        'tracepulse_dead_letters 3',
        'tracepulse_telemetry_kept{signal="spans"} 10',
        'tracepulse_telemetry_dropped_total{signal="spans"} 1',
        'tracepulse_connection_up{id="slack",port="sink"} 1',
        'tracepulse_connection_up{id="loki",port="log-source"} 0',
      ]),
    );
    const ofIt = (name: string) =>
      lines.filter((line) => line.startsWith(`tracepulse_${name}`)).map((line) => Number(line.split(' ').at(-1)));
    expect(ofIt('build_info{version="",runtime="')).toEqual([1]);
    expect(ofIt('resident_memory_bytes')[0]).toBeGreaterThan(2 ** 20);
    expect(ofIt('cpu_seconds_total')[0]).toBeGreaterThan(0);
    for (const line of lines.filter((text) => text !== '')) {
      expect(line).toMatch(/^(# HELP [a-z_]+ \S.*|# TYPE [a-z_]+ (counter|gauge)|[a-z_]+(\{([a-z_]+="[^"]*",?)+\})? [\d.]+)$/);
    }
  });
});
