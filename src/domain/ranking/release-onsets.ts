/**
 * Whose release failures began with. Calls to a service that was released may fail by another release beneath it: they failed
 * before its own, or its new pods served well for a while, until the other came.
 *
 *   feed v2 ── serves well ── ranker v2, which feed calls ── calls to feed fail: ranker's doing
 *   calls to feed fail since ranker v2 ── feed v2 a minute later: ranker's doing
 *   the same, where feed v2 alone calls ranker in vain, others do not: feed's doing
 */
import type { Change } from '../change.ts';
import { type EdgeLoss, type EdgeSample, isLossy } from './edge-metrics.ts';
import type { Known } from './known.ts';

/** Moments of releases and of measurements are told by different clocks. */
export const slackMs = 5_000;
/** What goes on for longer before anything fails is not behind it. */
export const soonMs = 150_000;
/** So many measurements show that new pods serve well. */
const fewestWell = 2;

export interface ReleaseOnsets {
  readonly losses: ReadonlyMap<string, EdgeLoss>;
  readonly samples: readonly EdgeSample[];
  /** The latest release of each service. */
  readonly changes: readonly Change[];
  /** Measurements of a release's new pods; null where nothing tells new pods from old ones. */
  readonly fresh: (change: Change) => readonly EdgeSample[] | null;
  readonly known: Known;
  /** Calls that fail by their caller's doing, by caller. */
  readonly own: ReadonlyMap<string, readonly EdgeLoss[]>;
}

/** By service that fails and was released itself: the service beneath it whose release is behind that. */
export function releasesBehind({ losses, samples, changes, fresh, known, own: ofCallers }: ReleaseOnsets): Map<string, string> {
  const found = new Map<string, string>();
  for (const loss of losses.values()) {
    // Who calls another in vain by its own doing fails by that.
    if (ofCallers.has(loss.server)) continue;
    const own = changes.find(({ service }) => service === loss.server);
    const since = own === undefined ? null : firstBad(loss, samples);
    if (own === undefined || since === null) continue;
    const isBefore = since < own.startedAt - slackMs;
    // Old pods beside the new ones say when these began to fail no more than others do.
    const failingFrom = isBefore ? since : (firstBad(loss, fresh(own) ?? []) ?? since);
    const below = known.reach(loss.server);
    const released = changes.filter(
      ({ service, startedAt }) => below.has(service) && startedAt <= failingFrom && failingFrom - startedAt < soonMs,
    );
    // Where one of them fails itself, none of which all calls succeed is the reason.
    const failing = released.filter(({ service }) => losses.has(service));
    const [latest] = (failing.length > 0 ? failing : released).sort((a, b) => b.startedAt - a.startedAt);
    if (latest === undefined) continue;
    if (isBefore || (latest.startedAt > own.startedAt && servedWell(loss, samples, fresh(own), own.startedAt, latest.startedAt)))
      found.set(loss.server, latest.service);
  }
  return found;
}

/** The first measurement from which on most are bad, and no longer ago than those that are judged; null: there is none. */
export function firstBad({ server, before }: EdgeLoss, samples: readonly EdgeSample[]): number | null {
  const into = samples.filter((sample) => sample.server === server).sort((a, b) => a.at - b.at);
  let bad = 0;
  let first: number | null = null;
  for (let i = into.length - 1; i >= 0; i--) {
    if (!isLossy(into[i]!, before)) continue;
    bad++;
    if (bad / (into.length - i) >= 0.5) first = into[i]!.at;
  }
  return first;
}

/** Whether the new pods, where they can be told, else all, were asked between two moments and answered well. */
function servedWell(
  { server, before }: EdgeLoss,
  samples: readonly EdgeSample[],
  fresh: readonly EdgeSample[] | null,
  fromMs: number,
  toMs: number,
): boolean {
  const asked = (fresh ?? samples).filter((sample) => sample.server === server && sample.at > fromMs && sample.at <= toMs + slackMs);
  return asked.length >= fewestWell && asked.every((sample) => !isLossy(sample, before));
}
