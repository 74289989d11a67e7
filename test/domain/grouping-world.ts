/** Alerts in few words, and a world with a clock in which they are grouped batch by batch. */
import { expect } from 'vitest';
import type { Alert } from '../../src/domain/alert.ts';
import { receiptKey } from '../../src/domain/alert.ts';
import { groupAlerts, type GroupingOptions } from '../../src/domain/group-alerts.ts';
import type { Incident } from '../../src/domain/incident.ts';

export const minute = 60_000;
export const noon = Date.UTC(2026, 10, 25, 12);

export function firing(service: string | null, with_: Partial<Alert> = {}): Alert {
  const name = with_.labels?.['alertname'] ?? 'HighErrorRate';
  return {
    fingerprint: `${name}/${service}`,
    format: 'alertmanager',
    status: 'firing',
    title: `${name} of ${service ?? 'somebody'}`,
    description: null,
    severity: 'warning',
    service,
    environment: null,
    correlationIds: [],
    labels: { alertname: name },
    annotations: {},
    startsAt: noon,
    endsAt: null,
    links: [],
    truncated: 0,
    ...with_,
  };
}

export function resolved(service: string | null, with_: Partial<Alert> = {}): Alert {
  return firing(service, { status: 'resolved', endsAt: noon + minute, ...with_ });
}

export const named = (name: string) => ({ labels: { alertname: name } });

/** A world with a clock: each call is one batch, and what came out is what the next one finds open. */
export function world(options: GroupingOptions = {}, keepsResolved = false) {
  const incidents = new Map<string, Incident>();
  return {
    send(at: number, ...alerts: Alert[]): string[] {
      const open = [...incidents.values()].filter((incident) => keepsResolved || incident.state !== 'resolved');
      const lastNumber = Math.max(0, ...[...incidents.keys()].map((id) => Number(id.slice(4))));
      const before = JSON.stringify(open);
      const grouping = groupAlerts(alerts, open, { ...options, now: at, lastNumber });
      expect(JSON.stringify(open)).toBe(before);
      for (const incident of grouping.incidents) {
        expect(incident.revision).toBe((incidents.get(incident.id)?.revision ?? 0) + 1);
        incidents.set(incident.id, incident);
      }
      expect(grouping.outcomes.map((outcome) => outcome.receiptKey)).toEqual(alerts.map(receiptKey));
      return grouping.outcomes.map(({ outcome, incidentId }) => `${outcome} ${incidentId}`);
    },
    change: (id: string, with_: Partial<Incident>) => incidents.set(id, { ...incidents.get(id)!, ...with_ }),
    the: (id: string) => incidents.get(id)!,
    all: () => [...incidents.values()],
  };
}
