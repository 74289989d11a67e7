/** Suspects as hypotheses: what a person reads, each claim with the evidence it stands on. */
import type { Change } from '../change.ts';
import { type Evidence, evidenceId } from '../evidence.ts';
import { type FaultKind, type Hop, type Hypothesis, hypothesisId } from '../hypothesis.ts';
import type { Combined, Suspect } from './combine.ts';
import { counterEvidence, wouldSettle } from './doubts.ts';
import type { Scene } from './scene.ts';
import { type Finding, finding, type SignalName, signalWeights } from './suspicion.ts';

const most = 5;
const evidencePerHypothesis = 6;

export function hypothesise(
  scene: Scene,
  { suspects }: Combined,
  changes: ReadonlyMap<string, Change>,
): { hypotheses: Hypothesis[]; evidence: Evidence[] } {
  const evidence = new Map<string, Evidence>();
  const cite = (service: string, part: Finding): string => {
    const id = evidenceId(part.source, service, part.subject);
    if (!evidence.has(id))
      evidence.set(id, {
        id,
        kind: part.source,
        service,
        at: Math.round(part.at),
        text: part.text,
        traceId: part.traceId,
        spanId: part.spanId,
        url: null,
      });
    return id;
  };
  const listed = worthListing(scene, suspects);
  const confidences = distinct(listed.map(({ probability }) => probability));
  const hypotheses = listed.map((suspect, i): Hypothesis => {
    const { service, signals } = suspect.suspicion;
    const findings = [...suspect.suspicion.findings].sort((a, b) => worth(b) - worth(a));
    const kind = kindOf(suspect);
    const cited = findings.slice(0, evidencePerHypothesis).map((part) => cite(service, part));
    const change = changes.get(service) ?? null;
    return {
      id: hypothesisId(scene.input.incidentId, service),
      service,
      component: findings.find(({ component }) => component !== null)?.component ?? null,
      kind,
      confidence: confidences[i]!,
      summary: findings[0]?.text ?? `${service} is suspected.`,
      change,
      evidence: [...new Set(cited)],
      against: counterEvidence(scene, suspect).map((part) => cite(service, part)),
      wouldChangeMyMind: wouldSettle(scene, suspect, findings[0]),
      path: pathOf(scene, service, cited, cite),
      features: Object.fromEntries([...signals].map(([signal, value]) => [signal, Math.round(value * 1000) / 1000])),
    };
  });
  return { hypotheses, evidence: [...evidence.values()] };
}

/** The best few; one that people judged stays among them, or its verdict could be neither seen nor changed. */
function worthListing({ input }: Scene, suspects: readonly Suspect[]): readonly Suspect[] {
  const best = suspects.slice(0, most);
  const judged = suspects
    .slice(most)
    .filter(({ suspicion }) => (input.weights.services[suspicion.service] ?? 0) !== 0)
    .slice(0, most - 1);
  return [...best.slice(0, most - judged.length), ...judged];
}

const worth = ({ signal, strength }: { signal: SignalName; strength: number }): number => signalWeights[signal] * strength;

/** The kind of the signal that weighs most. */
function kindOf({ suspicion }: Suspect): FaultKind {
  let kind: FaultKind = 'error';
  let top = -1;
  for (const part of suspicion.findings) {
    const weight = signalWeights[part.signal] * (suspicion.signals.get(part.signal) ?? 0);
    if (weight > top) [kind, top] = [part.kind, weight];
  }
  return kind;
}

/** From the cause to a service nobody else calls: where people notice. Every hop names what shows the call. */
function pathOf(
  { known, input }: Scene,
  cause: string,
  evidence: readonly string[],
  cite: (service: string, part: Finding) => string,
): Hop[] {
  const path: Hop[] = [];
  const seen = new Set([cause]);
  let at = cause;
  for (;;) {
    const caller = known.callers(at).find((name) => !seen.has(name));
    if (caller === undefined) return path;
    const call = finding({ kind: 'dependency', source: 'map', subject: `calls ${at}`, text: `${caller} calls ${at}.`, at: input.alertAt });
    path.push({ from: at, to: caller, evidence: [...(path.length === 0 ? evidence.slice(0, 1) : []), cite(caller, call)] });
    seen.add(caller);
    at = caller;
  }
}

/** No two alike: a tie at the top would name nobody. */
function distinct(values: readonly number[]): number[] {
  const found: number[] = [];
  for (const value of values) {
    let rounded = Math.round(value * 1000) / 1000;
    const above = found.at(-1);
    if (above !== undefined && rounded >= above) rounded = Math.max(0, Math.round((above - 0.001) * 1000) / 1000);
    found.push(rounded);
  }
  return found;
}
