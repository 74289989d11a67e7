/** An alarm as it came in (Delivery) and as TracePulse sees it (Alert), whatever tool sent it. */

/** Bytes as they arrived. Signatures are checked over `body`, never over something parsed and written again. */
export interface Delivery {
  readonly route: string;
  /** Lower-case header names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly receivedAt: number;
}

export const severities = ['critical', 'warning', 'info'] as const;
export type Severity = (typeof severities)[number];

/** All instants are milliseconds since the epoch. */
export interface Alert {
  /** Hash of the identifying labels: the same alarm firing again has the same one. */
  readonly fingerprint: string;
  /** The format that read it: `alertmanager`, `event`, `generic`, … */
  readonly format: string;
  readonly status: 'firing' | 'resolved';
  readonly title: string;
  readonly description: string | null;
  readonly severity: Severity;
  /** The service the alarm names, where it names one. */
  readonly service: string | null;
  readonly environment: string | null;
  /** Request or transaction ids that tie the alarm to log lines and spans. */
  readonly correlationIds: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAt: number;
  readonly endsAt: number | null;
  readonly links: readonly { readonly title: string; readonly url: string }[];
  /** Alerts of the same group that the sender cut off. */
  readonly truncated: number;
  /** Names this occurrence where its start does not: a hash of what the delivery said of it. */
  readonly occurrence?: string;
  /** When it ends by itself unless it is heard of again; on one that has ended: it ended so. */
  readonly expiresAt?: number;
  /** How far back a person asked to look; absent or null where nobody said. */
  readonly lookbackMinutes?: number | null;
}

/** Labels that name a service, best first. `job` comes last: for exporters it names the exporter. */
export const defaultServiceLabels = [
  'service',
  'service_name',
  'service.name',
  'app',
  'app_kubernetes_io_name',
  'app.kubernetes.io/name',
  'application',
  'destination_service_name',
  'destination_workload',
  'deployment',
  'statefulset',
  'daemonset',
  'workload',
  'container',
  'job',
] as const;

/**
 * Names one delivery of one alert. Senders deliver at least once and most have no delivery id, so the key is what the
 * delivery says: which alarm, in which state, since when (PROTOCOLS 0). An alarm that fires anew has a new start.
 */
export function receiptKey(alert: Alert): string {
  return `${alert.format}:${alert.fingerprint}:${alert.status}:${alert.occurrence ?? alert.startsAt}${alert.status === 'resolved' ? `:${alert.endsAt ?? ''}` : ''}`;
}
