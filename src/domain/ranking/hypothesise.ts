/** Suspects as hypotheses: what a person reads, each claim with the evidence it stands on. */
import type { Change } from '../change.ts';
import { type Evidence, evidenceId } from '../evidence.ts';
import { type FaultKind, type Hypothesis, hypothesisId } from '../hypothesis.ts';
import type { Combined, Suspect } from './combine.ts';
import { counterEvidence, wouldSettle } from './doubts.ts';
import { featuresOf } from './features.ts';
import { pathOf } from './path.ts';
import type { Scene } from './scene.ts';
import { type Finding, type SignalName, signalWeights } from './suspicion.ts';

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
  const suspicions = listed.map(({ suspicion }) => suspicion);
  const confidences = distinct(listed.map(({ probability }) => probability));
  const hypotheses = listed.map((suspect, i): Hypothesis => {
    const { service } = suspect.suspicion;
    const strongest = [...suspect.suspicion.findings].sort((a, b) => worth(b) - worth(a));
    const findings = asTold(strongest);
    const kind = kindOf(suspect);
    const cited = findings.slice(0, evidencePerHypothesis).map((part) => cite(service, part));
    const change = changes.get(service) ?? null;
    return {
      id: hypothesisId(scene.input.incidentId, service),
      service,
      component: strongest.find(({ component }) => component !== null)?.component ?? null,
      kind,
      confidence: confidences[i]!,
      summary: findings[0]?.text ?? `${service} is suspected.`,
      change,
      evidence: [...new Set(cited)],
      against: counterEvidence(scene, suspect).map((part) => cite(service, part)),
      wouldChangeMyMind: wouldSettle(scene, suspect, findings[0]),
      path: pathOf(scene, suspect.suspicion, cited.slice(0, 1), cite),
      features: featuresOf(scene, suspect.suspicion, suspicions),
    };
  });
  return { hypotheses, evidence: [...evidence.values()] };
}

/**
 * The best few of those that something speaks against; one that people judged stays among them, or its verdict could be
 * neither seen nor changed.
 */
function worthListing({ input }: Scene, suspects: readonly Suspect[]): readonly Suspect[] {
  const isJudged = ({ suspicion }: Suspect): boolean => (input.weights.services[suspicion.service] ?? 0) !== 0;
  const founded = suspects.filter((suspect) => suspect.suspicion.findings.length > 0 || isJudged(suspect));
  const best = founded.slice(0, most);
  const judged = founded
    .slice(most)
    .filter(isJudged)
    .slice(0, most - 1);
  return [...best.slice(0, most - judged.length), ...judged];
}

type Found = Finding & { readonly signal: SignalName };

const worth = ({ signal, strength }: Found): number => signalWeights[signal] * strength;

/** Of the strongest finding what goes wrong must weigh so much to be told before it. */
const nearly = 0.4;

/** The strongest first; but whoever reads that something is missing asks why, so what went wrong instead comes before it. */
function asTold(strongest: readonly Found[]): readonly Found[] {
  const [first] = strongest;
  if (first?.signal !== 'gone') return strongest;
  const wrong = strongest.find((found) => (found.signal === 'origin' || found.signal === 'error') && worth(found) >= nearly * worth(first));
  return wrong === undefined ? strongest : [wrong, ...strongest.filter((found) => found !== wrong)];
}

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
