/**
 * Splunk's alert webhook (PROTOCOLS A7): a fixed body with the first row of the search's result. It cannot sign, cannot
 * say that an alarm is over, and is tried once; its token stands in the URL.
 */
import { z } from 'zod';
import { alertFormat } from '../../ports.ts';
import { readBody } from './body.ts';
import {
  boundedLabels,
  correlationIdsIn,
  cutTitle,
  environmentIn,
  epochMs,
  FormatSettings,
  hashOf,
  hashText,
  linksFrom,
  MaybeText,
  serviceIn,
  serviceLabelsFrom,
  severityOf,
} from './fields.ts';

const Cell = z.union([z.string(), z.number(), z.boolean(), z.array(z.string())], 'expected text or a list of texts').nullable();

const Webhook = z.object({
  result: z.record(z.string(), Cell).nullish(),
  sid: z.string().trim().min(1),
  results_link: z.string().nullish(),
  search_name: MaybeText,
  owner: MaybeText,
  app: MaybeText,
});

export const splunk = alertFormat({
  id: 'splunk',
  settings: FormatSettings,
  create({ TRACEPULSE_SERVICE_LABELS }) {
    const serviceLabels = serviceLabelsFrom(TRACEPULSE_SERVICE_LABELS);
    return {
      parse(delivery) {
        const { result, sid, results_link, search_name, owner, app } = readBody('splunk', delivery, Webhook);
        const labels = boundedLabels(
          Object.entries(result ?? {}).flatMap(([key, cell]): [string, string][] =>
            cell === null || key === '_raw' ? [] : [[key, Array.isArray(cell) ? cell.join(', ') : String(cell)]],
          ),
        );
        const service = serviceIn(labels, serviceLabels);
        const raw = result?.['_raw'];
        return [
          {
            // What a run counted differs from run to run; which search over what does not.
            fingerprint: hashOf({
              search: search_name ?? `${owner ?? ''} ${sid.replace(/_at_\d.*/, '')}`,
              app: app ?? '',
              service: service ?? '',
              host: labels['host'] ?? '',
            }),
            format: 'splunk',
            status: 'firing',
            title: cutTitle(search_name ?? '') || 'Splunk search without a name',
            description: typeof raw === 'string' ? raw.slice(0, 4_096) : null,
            severity: severityOf(labels['severity'] ?? labels['urgency'] ?? labels['level']) ?? 'warning',
            service,
            environment: environmentIn(labels),
            correlationIds: correlationIdsIn(labels),
            labels,
            annotations: boundedLabels(Object.entries({ owner, app }).flatMap(([key, value]) => (value === null ? [] : [[key, value]]))),
            startsAt: startIn(sid, labels['_time'], delivery.receivedAt),
            // Every run has a search id of its own; with a trigger per row, rows of one run share it.
            occurrence: hashText(JSON.stringify([sid, result])),
            endsAt: null,
            links: linksFrom([['Results', results_link]]),
            truncated: 0,
          },
        ];
      },
    };
  },
});

const dayMs = 86_400_000;

/** `scheduler__admin__search__RMD5…_at_1764065400_132` was due at 1764065400; else the row's time, else now. */
function startIn(sid: string, time: string | undefined, receivedAt: number): number {
  const candidates = [/_at_(\d{10})(?:_|$)/.exec(sid)?.[1], time].map((text) => epochMs(Number(text)) ?? Date.parse(text ?? ''));
  return candidates.find((at) => at <= receivedAt && at > receivedAt - dayMs) ?? receivedAt;
}
