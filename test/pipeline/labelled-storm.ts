/**
 * A storm whose truth is known: 500 services in two halves of a company that know of each other here and there, a fault deep in
 * each half, and twenty alarms of every service that depends on it.
 */
import type { Alert } from '../../src/domain/alert.ts';
import { groupAlerts } from '../../src/domain/group-alerts.ts';
import type { Incident } from '../../src/domain/incident.ts';
import { neighboursIn, type ServiceMap } from '../../src/domain/service-map.ts';
import { seeded } from '../accuracy/random.ts';
import { anAlert, at } from '../adapters/ledgers/samples.ts';

interface LabelledStorm {
  readonly map: ServiceMap;
  readonly services: number;
  readonly alarms: readonly { readonly fault: 'a' | 'b'; readonly alert: Alert }[];
}

const halves = ['a', 'b'] as const;
const services = 250;
const alarmsEach = 20;
/** Of a service's calls, so many lead into the other half. */
const acrossShare = 0.02;

function labelledStorm(seed: string): LabelledStorm {
  const random = seeded(`storm ${seed}`);
  const edges = halves.flatMap((half) =>
    Array.from({ length: services - 1 }, (_, i) => {
      const caller = i + 1;
      // Lower numbers are deeper; each calls one or two that are deeper, mostly of its own half.
      return Array.from({ length: random.whole(1, 2) }, (_, call) => {
        const isAcross = call > 0 && random.chance(acrossShare);
        const other = half === 'a' ? 'b' : 'a';
        return { caller: `${half}-${caller}`, callee: `${isAcross ? other : half}-${Math.floor(caller * random.between(0, 0.6))}` };
      });
    }).flat(),
  );
  const names = halves.flatMap((half) => Array.from({ length: services }, (_, i) => ({ half, service: `${half}-${i}` })));
  const alarms = random.shuffled(
    names.flatMap(({ half, service }) =>
      Array.from({ length: alarmsEach }, (_, i) => ({
        fault: half,
        alert: anAlert({
          service,
          fingerprint: `${service}/${i}`,
          title: `Alarm ${i} of ${service}`,
          labels: { alertname: `Alarm ${i}`, service },
          severity: random.chance(0.3) ? ('critical' as const) : ('warning' as const),
          startsAt: at + i,
        }),
      })),
    ),
  );
  const known = { calls: 9, errors: 0, p50Ms: 1, p95Ms: 2, sources: ['span' as const], lastSeenAt: at };
  return { map: { services: [], edges: edges.map((edge) => ({ ...edge, ...known })) }, services: names.length, alarms };
}

/** Over all pairs: of those on one card, how many are of one fault; of those of one fault, how many are on one card. */
function pairwise(placed: readonly (readonly [fault: string, card: string])[]): { precision: number; recall: number } {
  const count = (keys: readonly string[]) =>
    [...Map.groupBy(keys, (key) => key).values()].reduce((sum, { length: n }) => sum + (n * (n - 1)) / 2, 0);
  const both = count(placed.map(([fault, card]) => `${fault}\n${card}`));
  return { precision: both / count(placed.map(([, card]) => card)), recall: both / count(placed.map(([fault]) => fault)) };
}

/** Incidents as alarms make them, one call after the other, under a map. */
export function grouping(map: ServiceMap) {
  const incidents = new Map<string, Incident>();
  const neighbours = neighboursIn(map);
  return {
    incidents,
    /** The incident each went to. */
    send(now: number, ...alerts: Alert[]): (string | null)[] {
      const grouped = groupAlerts(alerts, [...incidents.values()], { now, lastNumber: incidents.size, neighbours });
      for (const incident of grouped.incidents) incidents.set(incident.id, incident);
      return grouped.outcomes.map(({ incidentId }) => incidentId);
    },
  };
}

export interface StormFigures {
  readonly alarms: number;
  readonly services: number;
  readonly cards: number;
  /** Of alarms, how many made no card: 0 to 1. */
  readonly noiseReduction: number;
  readonly precision: number;
  readonly recall: number;
}

/** What becomes of a storm that comes in by two hundred. */
export function stormFigures(seed: string): StormFigures {
  const { map, services: known, alarms } = labelledStorm(seed);
  const { send, incidents } = grouping(map);
  const placed: (string | null)[] = [];
  for (let i = 0; i < alarms.length; i += 200) placed.push(...send(at + i, ...alarms.slice(i, i + 200).map(({ alert }) => alert)));
  const cards = incidents.size;
  const told = pairwise(alarms.map(({ fault }, i) => [fault, placed[i] ?? '']));
  return { alarms: alarms.length, services: known, cards, noiseReduction: 1 - cards / alarms.length, ...told };
}
