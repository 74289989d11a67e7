/** Where errors begin, against how many traces began their errors there in normal times. */
import type { Origin } from '../baseline/error-origins.ts';
import { likelihoodRatio } from './departures.ts';
import { buckets, onsetAt, type Scene } from './scene.ts';
import { type Finding, finding, type Suspicions } from './suspicion.ts';

export function judgeOrigins(scene: Scene, suspicions: Suspicions): void {
  const { normal, recent, lexicon } = scene;
  const past = normal.traces.sum(0);
  for (const name of recent.began.keys()) {
    let strength = 0;
    let best = 0;
    for (let onset = 0; onset < buckets; onset++) {
      const n = recent.traces.sum(0, onset);
      const hits = recent.began.sum(name, onset);
      if (n === 0 || hits === 0) continue;
      const before = past + recent.traces.sum(0, 0, onset);
      const hitsBefore = normal.began.sum(name) + recent.began.sum(name, 0, onset);
      if (hits / n <= (before > 0 ? hitsBefore / before : 0)) continue;
      const ratio = before > 0 ? likelihoodRatio(hitsBefore, before, hits, n) - 1 : Math.log1p(hits);
      if (ratio > strength) [strength, best] = [ratio, onset];
    }
    if (strength <= 0) continue;
    const value = Math.log1p(strength);
    const service = lexicon.names.text(name);
    suspicions.add(service, 'origin', value, [describe(scene, service, best, value)]);
  }
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
