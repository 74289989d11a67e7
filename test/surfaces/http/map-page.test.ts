/** The map through the API, whole and in pages: each edge once, and every service. */
import { describe, expect, it } from 'vitest';
import { get, now, surface } from './fake-app.ts';

describe('GET /api/map', () => {
  it('answers services and edges with times people can read', async () => {
    const map = {
      services: [{ name: 'cart', kind: 'service' as const, firstSeenAt: now, lastSeenAt: now, versions: ['v1'], instances: [] }],
      edges: [{ caller: 'a', callee: 'cart', calls: 2, errors: 1, p50Ms: 1, p95Ms: 2, sources: ['span' as const], lastSeenAt: now }],
    };
    const body = await (await surface({ map: async () => map }).fetch(get('/api/map'))).json();
    expect(body).toMatchObject({
      services: [{ name: 'cart', firstSeenAt: '2026-11-25T10:00:00.000Z' }],
      edges: [{ caller: 'a', callee: 'cart', calls: 2, lastSeenAt: '2026-11-25T10:00:00.000Z' }],
    });
  });
});

describe('GET /api/map in pages', () => {
  const edge = (caller: string, callee: string) => ({
    caller,
    callee,
    calls: 1,
    errors: 0,
    p50Ms: null,
    p95Ms: null,
    sources: ['span' as const],
    lastSeenAt: now,
  });
  const service = (name: string) => ({ name, kind: 'service' as const, firstSeenAt: now, lastSeenAt: now, versions: [], instances: [] });
  const names = ['a', 'b', 'c', 'd', 'lonely'];
  const map = { services: names.map(service), edges: [edge('c', 'd'), edge('a', 'b'), edge('b', 'c'), edge('a', 'c'), edge('b', 'd')] };
  const http = surface({ map: async () => map });

  it.each([1, 2, 3, 5, 50])('gives each edge once, %i at a time, and every service', async (limit) => {
    const edges: string[] = [];
    const services = new Set<string>();
    let after = '';
    for (let pages = 0; pages < 10; pages++) {
      const answer = (await (await http.fetch(get(`/api/map?limit=${limit}${after}`))).json()) as {
        services: { name: string }[];
        edges: { caller: string; callee: string }[];
        next?: string;
      };
      expect(answer.edges.length).toBeLessThanOrEqual(limit);
      edges.push(...answer.edges.map(({ caller, callee }) => `${caller}${callee}`));
      for (const { name } of answer.services) services.add(name);
      for (const { caller, callee } of answer.edges)
        expect(answer.services.map(({ name }) => name)).toEqual(expect.arrayContaining([caller, callee]));
      if (answer.next === undefined) break;
      after = `&after=${encodeURIComponent(answer.next)}`;
    }
    expect(edges).toEqual(['ab', 'ac', 'bc', 'bd', 'cd']);
    expect([...services].sort()).toEqual(names);
  });

  it.each(['limit=0', 'limit=many', 'after=x', `after=${Buffer.from('[1,2]').toString('base64url')}`])('refuses %s', async (query) => {
    expect((await http.fetch(get(`/api/map?${query}`))).status).toBe(400);
  });
});
