/** What the signals found, service by service: a number each, and the findings behind it in plain words. */
import type { EvidenceKind } from '../evidence.ts';
import type { FaultKind } from '../hypothesis.ts';
import { partNamed } from '../part-name.ts';

/** The signals, with what a unit of each is worth against the others. Log-likelihood-like; see docs/ranking.md. */
export const signalWeights = {
  slow: 1,
  slowCalls: 0.5,
  quick: 0.6,
  gone: 1.1,
  error: 0.6,
  call: 0.25,
  asking: 1,
  unanswered: 1.3,
  origin: 1,
  unreachable: 1.3,
  misconfigured: 1.3,
  store: 0.5,
  cpu: 0.7,
  memory: 0.1,
  pressure: 0.5,
  release: 1.5,
  restart: 1.5,
  entry: 0.65,
  dry: 0.5,
  edge: 1,
  condition: 1,
} as const;
export type SignalName = keyof typeof signalWeights;

/** One thing found, with where it was seen. */
export interface Finding {
  readonly kind: FaultKind;
  readonly source: EvidenceKind;
  /** What the evidence is about, without what varies from one ranking to the next. */
  readonly subject: string;
  readonly text: string;
  readonly at: number;
  readonly traceId: string | null;
  readonly spanId: string | null;
  readonly component: string | null;
  /** How much of its signal's number it makes up: strongest first in the report. */
  readonly strength: number;
  /** Index of the onset it was found with, where it has one. */
  readonly onset: number | null;
  /** Traces of the window that show it. */
  readonly traces: readonly number[];
  /** It would look the same if something beneath the service, or who asks it, were the cause. */
  readonly ambiguous: boolean;
  /** The chance, at most, that a past this short would not have shown it though it is ordinary. */
  readonly ordinary: number;
}

export interface Suspicion {
  readonly service: string;
  readonly signals: Map<SignalName, number>;
  readonly findings: (Finding & { readonly signal: SignalName })[];
  /** Services without which it gets no further, as it says itself: what departs in it, they explain. */
  readonly lacks: Set<string>;
}

export class Suspicions {
  readonly #services = new Map<string, Suspicion>();

  /** Adds to a signal of a service. */
  add(service: string, signal: SignalName, value: number, findings: readonly Finding[]): void {
    if (!(value > 0) || service === '') return;
    const of = this.of(service);
    of.signals.set(signal, (of.signals.get(signal) ?? 0) + value);
    for (const finding of findings) of.findings.push({ ...finding, signal });
  }

  /** Leaves a share of a signal: what else explains it. */
  weaken(service: string, signal: SignalName, share: number): void {
    const of = this.#services.get(service);
    const value = of?.signals.get(signal);
    if (of === undefined || value === undefined) return;
    of.signals.set(signal, share * value);
    for (const [at, found] of of.findings.entries())
      if (found.signal === signal) of.findings[at] = { ...found, strength: share * found.strength };
  }

  /** Of what some signals found of a service it is not clear that it is at fault. */
  doubt(service: string, signals: readonly SignalName[]): void {
    const of = this.of(service);
    for (const [at, found] of of.findings.entries()) if (signals.includes(found.signal)) of.findings[at] = { ...found, ambiguous: true };
  }

  of(service: string): Suspicion {
    let found = this.#services.get(service);
    if (!found) {
      found = { service, signals: new Map(), findings: [], lacks: new Set() };
      this.#services.set(service, found);
    }
    return found;
  }

  value(service: string, signal: SignalName): number {
    return this.#services.get(service)?.signals.get(signal) ?? 0;
  }

  all(): Suspicion[] {
    return [...this.#services.values()];
  }
}

export const finding = (part: Partial<Finding> & Pick<Finding, 'kind' | 'source' | 'subject' | 'text' | 'at'>): Finding => ({
  traceId: null,
  spanId: null,
  strength: 1,
  onset: null,
  traces: [],
  ambiguous: false,
  ordinary: 0,
  ...part,
  component: partNamed(part.component ?? null),
});
