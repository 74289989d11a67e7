/** A made or recorded incident as the product's own reader of folders hands it on. */
import { knownBodies, openRecording, type Recording } from '../../src/cli/recording.ts';
import type { IncidentFolder } from './folder.ts';

/** The folder as `replay` reads it; what lies on disk is cut at the alert there. */
export function recordingOf(folder: IncidentFolder): Recording {
  if (folder.path !== null) return openRecording(folder.path);
  const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
  const labels = { alertname: 'UserJourneyDegraded', severity: 'critical' };
  return {
    name: folder.name,
    alertAt: folder.alertAt,
    alertBody: bytes({
      version: '4',
      status: 'firing',
      receiver: 'tracepulse',
      groupKey: '{}:{alertname="UserJourneyDegraded"}',
      truncatedAlerts: 0,
      groupLabels: { alertname: labels.alertname },
      commonLabels: labels,
      commonAnnotations: {},
      externalURL: '',
      alerts: [
        {
          status: 'firing',
          labels,
          annotations: {},
          startsAt: new Date(folder.alertAt).toISOString(),
          endsAt: '0001-01-01T00:00:00Z',
          generatorURL: '',
        },
      ],
    }),
    changes: folder.changes.map(({ kind, service, startedAt, steps, version }) => ({
      kind,
      service,
      startedAt: Date.parse(startedAt),
      steps: (steps ?? []).map((at) => Date.parse(at)),
      version: version ?? null,
      sha: null,
      url: null,
      title: null,
      files: [],
    })),
    directory: folder.services.map(({ name, addresses, ports }) => ({ name, addresses: addresses ?? [], ports: ports ?? [] })),
    bodies: (signal) => knownBodies((of) => folder[of].map(bytes), signal, folder.alertAt),
  };
}
