/**
 * Where errors begin, against how many traces began their errors there in normal times: among all traces, and among visits
 * to the operation they show up in, because few of all requests may be all that ever come there.
 */
import type { Origin } from '../baseline/error-origins.ts';
import { likelihoodRatio } from './departures.ts';
import { buckets, onsetAt, type Scene } from './scene.ts';
import { type Finding, finding, type Suspicions } from './suspicion.ts';

/** Traces, or visits to one operation: before the recent minutes, and by bucket in these; `failed` are those that point at the service. */
interface Asked {
  past: number;
  readonly lately: number[];
  readonly failed: number[];
}

export function judgeOrigins(scene: Scene, suspicions: Suspicions): void {
  const { normal, recent, lexicon } = scene;
  const operations = operationsOf(scene);
  const traces = byBucket((bucket) => recent.traces.sum(0, bucket, bucket + 1));
  for (const name of recent.began.keys()) {
    const failed = byBucket((bucket) => recent.began.sum(name, bucket, bucket + 1));
    const rises = [riseOf(scene, name, { past: normal.traces.sum(0), lately: traces, failed }, chance)];
    for (const asked of operations.get(name) ?? []) if (asked.past >= fewest) rises.push(riseOf(scene, name, asked, chanceOfOne));
    const { strength, onset } = rises.reduce((best, one) => (one.strength > best.strength ? one : best));
    if (strength <= 0) continue;
    const value = Math.log1p(strength);
    const service = lexicon.names.text(name);
    suspicions.add(service, 'origin', value, [describe(scene, service, onset, value)]);
  }
}

/** What chance alone brings, given the number of onsets tried, and of operations. */
const chance = 1;
const chanceOfOne = 1.5;
/** An operation visited less often in normal times has no normal. */
const fewest = 3;

const byBucket = (amount: (bucket: number) => number): number[] => Array.from({ length: buckets }, (_, bucket) => amount(bucket));
const sumOf = (list: readonly number[], from = 0): number => list.reduce((sum, one, bucket) => (bucket < from ? sum : sum + one), 0);

function riseOf(
  { normal, recent }: Scene,
  name: number,
  { past, lately, failed }: Asked,
  byChance: number,
): { strength: number; onset: number } {
  const best = { strength: 0, onset: 0 };
  const all = past + sumOf(lately);
  for (let onset = 0; onset < buckets; onset++) {
    const n = sumOf(lately, onset);
    const hits = sumOf(failed, onset);
    if (n === 0 || hits === 0) continue;
    const before = all - n;
    // In which operation errors began is not learned: all that the service had stand against this one.
    const hitsBefore = normal.began.sum(name) + recent.began.sum(name, 0, onset);
    if (hits / n <= (before > 0 ? hitsBefore / before : 0)) continue;
    const strength = before > 0 ? likelihoodRatio(hitsBefore, before, hits, n) - byChance : Math.log1p(hits);
    if (strength > best.strength) Object.assign(best, { strength, onset });
  }
  return best;
}

/**
 * By service that failures point at: the operations in whose visits they show up. Refusals are left out, since who is
 * refused is a matter of who comes.
 */
function operationsOf({ normal, recent, lexicon }: Scene): Map<number, Iterable<Asked>> {
  const { visits, bucketOfTrace, origins, window } = recent;
  const found = new Map<number, Map<number, Asked>>();
  const units = new Map<number, Asked[]>();
  for (const { row, service, trace, weight, why } of origins.votes) {
    const [bucket, visit] = [bucketOfTrace[trace]!, visits.ofSpan[row]!];
    if (why === 'refused' || bucket < 0 || visit < 0) continue;
    const unit = visits.unit[visit]!;
    const name = lexicon.id(window.strings.text(service));
    const ofService = found.get(name) ?? new Map<number, Asked>();
    found.set(name, ofService);
    let asked = ofService.get(unit);
    if (asked === undefined) {
      asked = { past: 0, lately: byBucket(() => 0), failed: byBucket(() => 0) };
      ofService.set(unit, asked);
      units.set(unit, [...(units.get(unit) ?? []), asked]);
    }
    asked.failed[bucket]! += weight;
  }
  if (units.size === 0) return new Map();
  for (const path of normal.visited.keys())
    for (const asked of units.get(lexicon.unitOf(path)) ?? []) asked.past += normal.visited.sum(path);
  for (let visit = 0; visit < visits.count; visit++) {
    const bucket = bucketOfTrace[visits.trace[visit]!]!;
    if (bucket >= 0) for (const asked of units.get(visits.unit[visit]!) ?? []) asked.lately[bucket]!++;
  }
  return new Map([...found].map(([name, ofService]) => [name, ofService.values()]));
}

const sentences: Record<Origin['why'], (service: string, who: string) => string> = {
  own: (service) => `fail in ${service} itself, nothing beneath them failed`,
  unanswered: (service, who) => `get no answer from ${service}${who === service ? '' : ` (seen from ${who})`}`,
  late: (service, who) => `were given up by ${who} before ${service} answered`,
  refused: (service) => `were refused for what ${service} sent (not allowed, or not valid)`,
  store: (service) => `fail where ${service} talks to something that sends no telemetry`,
};

function describe(scene: Scene, service: string, onset: number, value: number): Finding {
  const { recent } = scene;
  const { strings, spans } = recent.window;
  const votes = recent.origins.votes.filter((vote) => strings.text(vote.service) === service && recent.bucketOfTrace[vote.trace]! >= onset);
  const counts = new Map<Origin['why'], number>();
  for (const { why, weight } of votes) counts.set(why, (counts.get(why) ?? 0) + weight);
  const why = [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? 'own';
  const sample = votes.filter((vote) => vote.why === why).sort((a, b) => b.weight - a.weight)[0];
  const row = sample?.row ?? -1;
  const who = row >= 0 ? strings.text(spans.service[row]!) : service;
  const total = Math.round(recent.began.sum(scene.lexicon.id(service), onset));
  const all = recent.traces.sum(1, onset);
  const problem = row >= 0 && spans.problem[row]! >= 0 ? `: ${strings.text(spans.problem[row]!).slice(0, 160)}` : '';
  return finding({
    kind: why === 'unanswered' ? 'unavailable' : why === 'late' ? 'latency' : why === 'refused' ? 'configuration' : 'error',
    source: 'span',
    subject: `origin ${why}`,
    text: `${Math.max(1, total)} of ${all} failed requests ${sentences[why](service, who)}${problem}.`,
    at: row >= 0 ? recent.tree.startMs[row]! : onsetAt(scene, onset),
    traceId: row >= 0 ? spans.traceId(row) : null,
    spanId: row >= 0 ? spans.spanId(row) : null,
    component: row >= 0 && who === service && spans.component[row]! >= 0 ? strings.text(spans.component[row]!) : null,
    strength: value,
    onset,
    // It may itself wait for somebody: only a look beneath could tell.
    ambiguous: (why === 'unanswered' || why === 'late') && scene.known.calls(service).size > 0,
    traces: [...new Set(votes.map((vote) => vote.trace))],
  });
}
