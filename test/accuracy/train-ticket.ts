/** The normal minutes that come with the recorded Train Ticket incidents, as requests: two sessions of about 65 each. */
import { join } from 'node:path';
import { existsSync } from 'node:fs';
import { type IncidentFolder, type KeyValue, readFolder, recordingsRoot } from './folder.ts';
import type { Request } from './requests.ts';

const ms = (nanos: string) => Number(BigInt(nanos) / 1000n) / 1000;

function attribute(attributes: readonly KeyValue[], key: string): string | null {
  return attributes.find((pair) => pair.key === key)?.value.stringValue ?? null;
}

interface Raw {
  readonly id: string;
  readonly parent: string;
  readonly span: Request['spans'][number];
}

/** Requests that began more than ten minutes before the alert: the part known to be normal. */
export function normalRequests(folder: IncidentFolder): Request[] {
  const until = folder.alertAt - 10 * 60_000;
  const traces = new Map<string, Raw[]>();
  for (const { resourceSpans } of folder.traces)
    for (const { resource, scopeSpans } of resourceSpans)
      for (const { scope, spans } of scopeSpans)
        for (const span of spans) {
          const start = ms(span.startTimeUnixNano);
          const raw: Raw = {
            id: span.spanId,
            parent: span.parentSpanId ?? '',
            span: {
              parent: -1,
              service: attribute(resource.attributes, 'service.name') ?? '',
              instance: attribute(resource.attributes, 'k8s.pod.name'),
              scope: scope?.name ?? null,
              name: span.name,
              kind: span.kind ?? 0,
              status: span.status?.code ?? 0,
              message: span.status?.message ?? null,
              attributes: span.attributes ?? [],
              start,
              end: ms(span.endTimeUnixNano),
              gone: false,
            },
          };
          if (start < until) traces.set(span.traceId, [...(traces.get(span.traceId) ?? []), raw]);
        }
  const lines = linesByTrace(folder);
  return [...traces].map(([traceId, raws]) => requestOf(traceId, raws, lines.get(traceId) ?? []));
}

type Line = Omit<Request['logs'][number], 'span'> & { readonly spanId: string };

function linesByTrace(folder: IncidentFolder): Map<string, Line[]> {
  const lines = new Map<string, Line[]>();
  for (const { resourceLogs } of folder.logs)
    for (const { resource, scopeLogs } of resourceLogs)
      for (const { scope, logRecords } of scopeLogs)
        for (const log of logRecords) {
          if (log.traceId === undefined) continue;
          const line: Line = {
            service: attribute(resource.attributes, 'service.name') ?? '',
            instance: attribute(resource.attributes, 'k8s.pod.name'),
            scope: scope?.name ?? null,
            spanId: log.spanId ?? '',
            at: ms(log.timeUnixNano),
            severity: log.severityNumber ?? 0,
            text: log.body.stringValue ?? '',
            gone: false,
          };
          const known = lines.get(log.traceId);
          if (known === undefined) lines.set(log.traceId, [line]);
          else known.push(line);
        }
  return lines;
}

function requestOf(traceId: string, raws: Raw[], lines: readonly Line[]): Request {
  raws.sort((a, b) => a.span.start - b.span.start);
  const index = new Map(raws.map(({ id }, at) => [id, at]));
  const begin = raws[0]!.span.start;
  const spans = raws.map(({ span, parent }) => ({
    ...span,
    parent: index.get(parent) ?? -1,
    start: span.start - begin,
    end: span.end - begin,
  }));
  const logs = lines.map(({ spanId, ...line }) => ({ ...line, span: index.get(spanId) ?? -1, at: line.at - begin }));
  return { recordedId: traceId, spans, logs };
}

/** The two sessions, or null where the recordings are not beside the checkout. */
export function trainTicketSessions(): readonly [Request[], Request[]] | null {
  const folders = ['tt-001', 'tt-002'].map((id) => join(recordingsRoot, 'tt', id));
  if (!folders.every((folder) => existsSync(folder))) return null;
  return [normalRequests(readFolder(folders[0]!)), normalRequests(readFolder(folders[1]!))];
}
