/** Recorded normal traffic as requests: the known-good minutes beside the Train Ticket incidents, the first seconds of recordings of the demo shop. */
import { join } from 'node:path';
import { existsSync } from 'node:fs';
import { type IncidentFolder, type KeyValue, readFolder, recordingsRoot } from './folder.ts';
import type { Request } from './requests.ts';

const ms = (nanos: string) => Number(BigInt(nanos) / 1000n) / 1000;

function attribute(attributes: readonly KeyValue[], key: string): string | null {
  return attributes.find((pair) => pair.key === key)?.value.stringValue ?? null;
}

function instanceOf(attributes: readonly KeyValue[]): string | null {
  return attribute(attributes, 'k8s.pod.name') ?? attribute(attributes, 'service.instance.id');
}

interface Raw {
  readonly id: string;
  readonly parent: string;
  readonly span: Request['spans'][number];
}

/** The requests of a recording that began before a moment. */
function requestsBefore(folder: IncidentFolder, until: number): Request[] {
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
              instance: instanceOf(resource.attributes),
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
            instance: instanceOf(resource.attributes),
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

/** Two sessions of about 65 requests each, or null where the recordings are not beside the checkout. */
export function trainTicketSessions(): readonly [Request[], Request[]] | null {
  const folders = ['tt-001', 'tt-002'].map((id) => join(recordingsRoot, 'tt', id));
  if (!folders.every((folder) => existsSync(folder))) return null;
  const normal = (folder: string) => {
    const read = readFolder(folder);
    // What lies more than ten minutes before the alert is known to be normal.
    return requestsBefore(read, read.alertAt - 10 * 60_000);
  };
  return [normal(folders[0]!), normal(folders[1]!)];
}

/** Recordings of the demo shop begin with at least this long in which nothing is wrong. */
const shopWellMs = 15_000;

/** The well seconds of four recordings of the demo shop, two for each session. */
export function demoShopSessions(): readonly [Request[], Request[]] {
  const well = (name: string) => {
    const folder = readFolder(join(import.meta.dirname, '../scenarios', name));
    const starts = folder.traces.flatMap(({ resourceSpans }) =>
      resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans.map((span) => ms(span.startTimeUnixNano)))),
    );
    const first = starts.reduce((least, at) => Math.min(least, at), Number.POSITIVE_INFINITY);
    return requestsBefore(folder, first + shopWellMs);
  };
  return [
    [...well('harbour'), ...well('lantern')],
    [...well('meadow'), ...well('quarry')],
  ];
}
