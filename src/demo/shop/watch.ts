/**
 * The shop's own watch over what its visitors experience: an error rate and a latency, as anybody would set them up. It
 * says what is wrong with the shop, not where. It compares with what was usual while the shop was well, so it judges only
 * visits that began after that.
 */
import type { Experience, VisitBook } from './load.ts';

export interface Symptom {
  readonly alertname: string;
  readonly summary: string;
}

export interface Watch {
  /** To be called every second; answers a symptom once it has lasted. */
  look(now: number): Symptom | null;
}

/** The watch looks at this much of the past. */
const watchedMs = 6_000;
/** An alarm needs this many visits to stand on. */
const leastVisits = 12;
/** Looks in a row, like `for:` in a Prometheus rule: a moment's trouble is no alarm. */
const breachesNeeded = 5;
const worstErrorShare = 0.08;
const worstSlowdown = 1.8;
/** Times of a few milliseconds double by chance. */
const leastSlowdownMs = 100;

export function createWatch(book: VisitBook, usual: Experience, sinceMs: number): Watch {
  let breaches = 0;
  return {
    look(now) {
      const seen = book.experience(Math.max(sinceMs, now - watchedMs), now);
      if (seen.visits < leastVisits) return null;
      const isFailing = seen.errorShare > Math.max(worstErrorShare, usual.errorShare * 2);
      const isSlow = seen.p90Ms > usual.p90Ms * worstSlowdown + leastSlowdownMs;
      breaches = isFailing || isSlow ? breaches + 1 : 0;
      if (breaches < breachesNeeded) return null;
      return isFailing
        ? { alertname: 'StorefrontErrors', summary: `${Math.round(seen.errorShare * 100)} % of visits fail` }
        : { alertname: 'StorefrontSlow', summary: `One visit in ten takes over ${Math.round(seen.p90Ms)} ms` };
    },
  };
}

/** Alertmanager's webhook body, version 4, as Prometheus users would have it arrive. */
export function alarmBody({ alertname, summary }: Symptom, at: number): object {
  const labels = { alertname, severity: 'critical', service: 'storefront' };
  return {
    version: '4',
    groupKey: `{}:{alertname="${alertname}"}`,
    truncatedAlerts: 0,
    status: 'firing',
    receiver: 'tracepulse',
    groupLabels: { alertname },
    commonLabels: labels,
    commonAnnotations: { summary },
    externalURL: '',
    alerts: [
      {
        status: 'firing',
        labels,
        annotations: { summary },
        startsAt: new Date(at).toISOString(),
        endsAt: '0001-01-01T00:00:00Z',
        generatorURL: '',
        fingerprint: '',
      },
    ],
  };
}
