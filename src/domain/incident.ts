import type { Alert, Severity } from './alert.ts';
import type { TicketWish } from './ticket-wish.ts';

/** Where a card stands, or is to stand. */
export interface CardPlace {
  readonly sink: string;
  readonly channel: string;
}

/** Alerts that belong together, from the first to the resolution of the last. */
export interface Incident {
  /** `INC-12`: counted, so that people can say it. */
  readonly id: string;
  readonly title: string;
  readonly state: 'open' | 'resolved' | 'muted';
  readonly severity: Severity;
  /** The service the alerts name, where they name one. */
  readonly service: string | null;
  readonly correlationIds: readonly string[];
  /** Alerts by fingerprint, latest state of each, bounded; `alertCount` counts all deliveries. */
  readonly alerts: readonly Alert[];
  readonly alertCount: number;
  /** When the investigation's telemetry ends: the start of the first alert. */
  readonly alertAt: number;
  readonly openedAt: number;
  readonly lastAlertAt: number;
  readonly updatedAt: number;
  readonly resolvedAt: number | null;
  readonly mutedUntil: number | null;
  /** Where its cards go. Only ever grows: a card that stands is kept in step, whatever routes say by now. */
  readonly places?: readonly CardPlace[];
  /** The issue that somebody asked for. */
  readonly ticket?: TicketWish;
  /** Grows with every stored change; a commit of an older one is refused. */
  readonly revision: number;
}

/** The furthest back that somebody asked to look; null where nobody did, and the usual stretch is looked at. */
export function askedLookbackMs({ alerts }: Incident): number | null {
  const asked = alerts.map(({ lookbackMinutes }) => lookbackMinutes ?? 0);
  const most = Math.max(0, ...asked);
  return most === 0 ? null : most * 60_000;
}
