/** Test support: a recorded incident folder, learned from and ranked as production would, without store or HTTP. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { type Baseline, createBaseline, lookbackMs, overlapMs, quarantineMs } from '../../../src/domain/baseline/baseline.ts';
import type { Change } from '../../../src/domain/change.ts';
import { initialWeights, type Weights } from '../../../src/domain/feedback.ts';
import { rank, type Ranking } from '../../../src/domain/ranking/rank.ts';
import type { RankInput } from '../../../src/domain/ranking/rank-input.ts';
import type { Directory } from '../../../src/domain/service.ts';
import type { Edge, ServiceMap } from '../../../src/domain/service-map.ts';
import { atOnce } from '../../../src/domain/steps.ts';
import { type Flat, flatten, type Recording, Tables, windowOf } from './window-from-otlp.ts';

export interface RecordedCase {
  readonly id: string;
  readonly flat: Flat;
  readonly alertAt: number;
  readonly changes: readonly Change[];
  readonly directory: Directory;
}

function requests<T>(folder: string, name: string): T[] {
  const file = join(folder, `${name}.jsonl`);
  const text = existsSync(file) ? readFileSync(file) : existsSync(`${file}.gz`) ? gunzipSync(readFileSync(`${file}.gz`)) : null;
  if (!text) return [];
  return text
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T);
}

export function readCase(folder: string): RecordedCase {
  const recording: Recording = { traces: requests(folder, 'traces'), logs: requests(folder, 'logs'), metrics: requests(folder, 'metrics') };
  const alert = JSON.parse(readFileSync(join(folder, 'alert.json'), 'utf8')) as { alerts: { startsAt: string }[] };
  const list = <T>(name: string): T[] =>
    existsSync(join(folder, name)) ? (JSON.parse(readFileSync(join(folder, name), 'utf8')) as T[]) : [];
  const changes = list<{
    kind: Change['kind'];
    service: string;
    startedAt: string;
    steps?: string[];
    version?: string;
    sha?: string;
    files?: string[];
  }>('changes.json').map(({ kind, service, startedAt, steps, version, sha, files }) => ({
    kind,
    service,
    startedAt: Date.parse(startedAt),
    steps: (steps ?? []).map((at) => Date.parse(at)),
    version: version ?? null,
    sha: sha ?? null,
    url: null,
    title: null,
    files: files ?? [],
  }));
  const directory = list<{ name: string; addresses?: string[]; ports?: number[] }>('services.json').map(({ name, addresses, ports }) => ({
    name,
    addresses: addresses ?? [],
    ports: ports ?? [],
  }));
  return { id: folder.split('/').at(-1)!, flat: flatten(recording), alertAt: Date.parse(alert.alerts[0]!.startsAt), changes, directory };
}

/** Learns every whole minute that is past the quarantine at the alert. */
export function learnFrom(flat: Flat, tables: Tables, alertAt: number, baseline: Baseline = createBaseline()): Baseline {
  const first = Math.min(
    flat.spans[0]?.startMs ?? Infinity,
    flat.logs[0]?.timeMs ?? Infinity,
    ...flat.metrics.map(({ timeMs }) => timeMs[0] ?? Infinity),
  );
  const until = Math.floor((alertAt - quarantineMs) / 60_000) * 60_000;
  for (let from = Math.floor(first / 60_000) * 60_000; from < until; from += 60_000)
    atOnce(baseline.learn(windowOf(flat, tables, from, from + 60_000 + overlapMs), from, from + 60_000));
  return baseline;
}

/** The calls seen in all of a recording, as the map would remember them. */
function mapOf(flat: Flat): ServiceMap {
  const owners = new Map(flat.spans.map(({ span, service }) => [`${span.traceId}/${span.spanId}`, service]));
  const edges = new Map<string, Edge>();
  for (const { span, service } of flat.spans) {
    const caller = owners.get(`${span.traceId}/${span.parentSpanId ?? ''}`);
    if (caller === undefined || caller === service) continue;
    const edge = { caller, callee: service, calls: 1, errors: 0, p50Ms: null, p95Ms: null, sources: ['span' as const], lastSeenAt: 0 };
    edges.set(`${caller}\n${service}`, edge);
  }
  return { services: [], edges: [...edges.values()] };
}

export function inputOf({ id, flat, alertAt, changes, directory }: RecordedCase, tables: Tables, baseline: Baseline): RankInput {
  return {
    incidentId: id,
    window: windowOf(flat, tables, alertAt - lookbackMs, alertAt + 1),
    baseline,
    map: mapOf(flat),
    directory,
    changes,
    weights: initialWeights,
    alertAt,
    focus: { service: null, correlationIds: [] },
  };
}

export function rankCase(recorded: RecordedCase, weights: Weights = initialWeights): Ranking & { rankMs: number } {
  const tables = new Tables();
  const baseline = learnFrom(recorded.flat, tables, recorded.alertAt);
  const input = { ...inputOf(recorded, tables, baseline), weights };
  const start = performance.now();
  return { ...rank(input), rankMs: performance.now() - start };
}
