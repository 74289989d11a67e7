/**
 * ElastAlert2's `post` and `post2` alerters (PROTOCOLS A6): the matched document of Elasticsearch, one match a request. The
 * rule's name is there only if the rule says it as a static value; an end is never told.
 */
import { z } from 'zod';
import { alertFormat } from '../../ports.ts';
import { readBody } from './body.ts';
import {
  boundedLabels,
  correlationIdsIn,
  cutTitle,
  environmentIn,
  FormatSettings,
  hashOf,
  hashText,
  MaybeText,
  serviceIn,
  serviceLabelsFrom,
  severityOf,
  startOf,
  When,
} from './fields.ts';
import { flatten } from './flatten.ts';

const Match = z
  .looseObject({
    rule_name: MaybeText,
    rule: z.unknown().optional(),
    severity: MaybeText,
    '@timestamp': When.nullish(),
    num_hits: z.number().nullish(),
    num_matches: z.number().nullish(),
  })
  .refine((match) => Object.values(match).some((value) => value !== undefined && value !== null), 'missing, expected a matched document');

/** ECS names the service and where it runs so. */
const documentLabels = ['kubernetes.deployment.name', 'kubernetes.labels.app', 'kubernetes.container.name', 'container.name'];

export const elastalert = alertFormat({
  id: 'elastalert',
  settings: FormatSettings,
  create({ TRACEPULSE_SERVICE_LABELS }) {
    const serviceLabels = [...serviceLabelsFrom(TRACEPULSE_SERVICE_LABELS), ...documentLabels];
    return {
      parse(delivery) {
        const { '@timestamp': at, ...match } = readBody('elastalert', delivery, Match);
        const names = ['rule_name', 'alert_name', 'name'].map((key) => match[key]);
        const rule = [match.rule, ...names].find((name): name is string => typeof name === 'string' && name.trim() !== '') ?? null;
        const document = boundedLabels(flatten(match));
        const service = serviceIn(document, serviceLabels);
        const environment = environmentIn(document) ?? document['service.environment'] ?? null;
        const message = document['message'] ?? document['log.message'] ?? document['error.message'] ?? null;
        const id = typeof match['_id'] === 'string' ? match['_id'] : null;
        return [
          {
            fingerprint: hashOf({
              rule: rule ?? '',
              service: service ?? '',
              environment: environment ?? '',
              host: document['host.name'] ?? '',
            }),
            format: 'elastalert',
            status: 'firing',
            title: cutTitle(rule ?? message ?? '') || 'ElastAlert match',
            description: message,
            severity: match.severity === null ? 'warning' : (severityOf(match.severity) ?? 'warning'),
            service,
            environment,
            correlationIds: correlationIdsIn(document),
            labels: boundedLabels(
              Object.entries({ rule, service, environment, host: document['host.name'] }).flatMap(([key, value]) =>
                value ? [[key, value]] : [],
              ),
            ),
            annotations: document,
            startsAt: startOf(at ?? null, delivery.receivedAt, match).startsAt,
            // A match that is sent again after a failure is the same document.
            occurrence: hashText(JSON.stringify([match['_index'] ?? null, id ?? match, at ?? null])),
            endsAt: null,
            links: [],
            truncated: 0,
          },
        ];
      },
    };
  },
});
