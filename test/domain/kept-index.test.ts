/** What is kept of incidents between two calls changes no answer: each is that of grouping that begins anew. */
import { expect, it } from 'vitest';
import type { Alert } from '../../src/domain/alert.ts';
import { createGrouping, groupAlerts } from '../../src/domain/group-alerts.ts';
import { maxAlerts } from '../../src/domain/incident-drafts.ts';
import type { Incident } from '../../src/domain/incident.ts';
import { neighboursIn } from '../../src/domain/service-map.ts';
import { seeded } from '../accuracy/random.ts';
import { anAlert, at } from '../adapters/ledgers/samples.ts';

const minute = 60_000;
const services = ['web', 'cart', 'pay', 'db', 'mail', 'x', null];
const names = ['Errors', 'Slow', 'Down'];
const edge = (caller: string, callee: string) => ({ caller, callee, calls: 1, errors: 0, p50Ms: 1, p95Ms: 1, sources: [], lastSeenAt: at });
const neighbours = neighboursIn({ services: [], edges: [edge('web', 'cart'), edge('cart', 'pay'), edge('pay', 'db')] });

function course(seed: string, steps: number) {
  const random = seeded(seed);
  const pick = <T>(list: readonly T[]): T => list[random.whole(0, list.length - 1)]!;
  const kept = createGrouping();
  /** As a store lists them: newest first, live ones before those that are over. */
  let stored: Incident[] = [];
  let now = at;
  const seen: string[] = [];

  const alert = (): Alert => {
    const service = pick(services);
    const isOver = random.chance(0.25);
    const startsAt = now - random.whole(0, 3) * minute;
    return anAlert({
      fingerprint: `f${random.whole(0, random.chance(0.2) ? 400 : 30)}`,
      format: random.chance(0.05) ? 'manual' : 'alertmanager',
      status: isOver ? 'resolved' : 'firing',
      endsAt: isOver ? startsAt + random.whole(0, 5) * minute : null,
      severity: pick(['critical', 'warning', 'info'] as const),
      service,
      environment: pick([null, null, 'prod', 'test']),
      correlationIds: random.chance(0.2) ? [`txn-${random.whole(0, 5)}`] : [],
      labels: { alertname: pick(names) },
      startsAt,
    });
  };
  /** What others do with incidents between two rounds. */
  const meddle = (incident: Incident): Incident => {
    const revision = incident.revision + 1;
    if (random.chance(0.4)) return { ...incident, state: 'resolved', resolvedAt: now, revision };
    if (random.chance(0.5)) return { ...incident, state: 'muted', mutedUntil: now + 20 * minute, revision };
    return { ...incident, places: [], revision };
  };

  for (let step = 0; step < steps; step++) {
    now += random.chance(0.1) ? random.whole(0, 40) * minute : random.whole(0, 2) * 500;
    if (random.chance(0.2)) stored = stored.map((incident) => (random.chance(0.2) ? meddle(incident) : incident));
    if (random.chance(0.02)) stored = structuredClone(stored);
    stored.sort((a, b) => b.openedAt - a.openedAt);
    const open = [...stored.filter(({ state }) => state !== 'resolved'), ...stored.filter(({ state }) => state === 'resolved').slice(0, 5)];
    const burst = random.chance(0.03) ? 200 : random.whole(1, 6);
    // Of a storm many are of one service, each its own alarm.
    const alerts = Array.from({ length: burst }, (_, i) => (burst < 200 ? alert() : { ...alert(), service: 'web', fingerprint: `b${i}` }));
    const options = { now, lastNumber: stored.length, neighbours };
    const found = kept(alerts, open, options);
    expect(found, `seed ${seed}, step ${step}`).toEqual(groupAlerts(alerts, open, options));
    seen.push(...found.outcomes.map(({ outcome }) => outcome));
    // Sometimes it is not stored, and sometimes what comes back are other objects of the same content.
    if (random.chance(0.15)) continue;
    const changed = new Map(found.incidents.map((incident) => [incident.id, random.chance(0.3) ? structuredClone(incident) : incident]));
    stored = [...stored.map((incident) => changed.get(incident.id) ?? incident)];
    for (const incident of changed.values()) if (!stored.includes(incident)) stored.unshift(incident);
  }
  return { stored, seen };
}

it.each(['a', 'b', 'c', 'd', 'e', 'f'])('answers as if it began anew, whatever happens in between (seed %s)', (seed) => {
  const { stored, seen } = course(seed, 250);
  expect(new Set(seen)).toEqual(new Set(['opened', 'joined', 'resolved', 'unchanged']));
  expect(stored.length).toBeGreaterThan(10);
});

it('is asked of incidents that are full, too', () => {
  const { stored } = course('full', 400);
  expect(Math.max(...stored.map(({ alerts }) => alerts.length))).toBe(maxAlerts);
});
