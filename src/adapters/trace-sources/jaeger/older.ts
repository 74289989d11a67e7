/**
 * The older API's spans as OTLP: references become parent and links, tags attributes (kind and status among them), logs
 * events, a process a resource, microseconds nanoseconds. Ids lack their leading zeros there.
 */
import { z } from 'zod';
import type { OtlpRequest } from '../../../ports/sources.ts';

const Tag = z.object({ key: z.string(), type: z.string().optional(), value: z.unknown() });
type Tag = z.infer<typeof Tag>;
const some = <T extends z.ZodType>(shape: T) =>
  z
    .array(shape)
    .nullish()
    .transform((list) => list ?? []);
const Span = z.object({
  traceID: z.string(),
  spanID: z.string(),
  operationName: z.string().default(''),
  references: some(z.object({ refType: z.string().optional(), traceID: z.string(), spanID: z.string() })),
  startTime: z.number(),
  duration: z.number(),
  tags: some(Tag),
  logs: some(z.object({ timestamp: z.number(), fields: some(Tag) })),
  processID: z.string().optional(),
  process: z.object({ serviceName: z.string(), tags: some(Tag) }).optional(),
});
type Span = z.infer<typeof Span>;
const Process = z.object({ serviceName: z.string(), tags: some(Tag) });
type Process = z.infer<typeof Process>;
const Trace = z.object({ spans: some(Span), processes: z.record(z.string(), Process).default({}) });

export const Traces = z.object({ data: z.array(Trace).nullable() });

export function otlpOf({ data }: z.infer<typeof Traces>): OtlpRequest {
  const resourceSpans = (data ?? []).flatMap(({ spans, processes }) => {
    const owners = Map.groupBy(spans, ({ process, processID }) => process ?? processes[processID ?? ''] ?? unknown);
    return [...owners].map(([owner, of]) => ({ resource: resourceOf(owner), scopeSpans: scopesOf(of) }));
  });
  return { resourceSpans };
}

const unknown: Process = { serviceName: 'unknown_service', tags: [] };

function resourceOf({ serviceName, tags }: Process) {
  const others = tags.filter(({ key }) => key !== 'service.name').map(attribute);
  return { attributes: [{ key: 'service.name', value: { stringValue: serviceName } }, ...others] };
}

const tagOf = (tags: readonly Tag[], key: string): string | undefined => {
  const value = tags.find((tag) => tag.key === key)?.value;
  return value === undefined || value === null ? undefined : String(value);
};

function scopesOf(spans: readonly Span[]) {
  const scopes = Map.groupBy(spans, ({ tags }) => tagOf(tags, 'otel.scope.name') ?? tagOf(tags, 'otel.library.name') ?? '');
  return [...scopes].map(([name, of]) => ({ scope: { name }, spans: of.map(spanOf) }));
}

/** Written into attributes by those who translate OpenTelemetry for Jaeger; here they go back to where they came from. */
const ofTheSpan = new Set([
  'span.kind',
  'otel.scope.name',
  'otel.scope.version',
  'otel.library.name',
  'otel.library.version',
  'otel.status_code',
  'otel.status_description',
  'internal.span.format',
  'w3c.tracestate',
]);

const traceId = (id: string): string => id.padStart(32, '0');
const spanId = (id: string): string => id.padStart(16, '0');
const nanoseconds = (us: number): string => `${BigInt(Math.round(us)) * 1_000n}`;

function spanOf({ traceID, spanID, operationName, references, startTime, duration, tags, logs }: Span) {
  const own = references.filter((reference) => traceId(reference.traceID) === traceId(traceID));
  const parent = own.find(({ refType }) => refType === 'CHILD_OF') ?? own[0];
  const links = references
    .filter((reference) => reference !== parent)
    .map((link) => ({ traceId: traceId(link.traceID), spanId: spanId(link.spanID) }));
  return {
    traceId: traceId(traceID),
    spanId: spanId(spanID),
    ...(parent === undefined ? {} : { parentSpanId: spanId(parent.spanID) }),
    name: operationName,
    kind: `SPAN_KIND_${kindOf(tagOf(tags, 'span.kind'))}`,
    startTimeUnixNano: nanoseconds(startTime),
    endTimeUnixNano: nanoseconds(startTime + duration),
    status: statusOf(tags),
    attributes: tags.filter(({ key }) => !ofTheSpan.has(key)).map(attribute),
    events: logs.map(({ timestamp, fields }) => eventOf(timestamp, fields)),
    ...(links.length === 0 ? {} : { links }),
  };
}

const kinds = ['INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'];

function kindOf(kind: string | undefined): string {
  const name = kind?.toUpperCase() ?? 'UNSPECIFIED';
  return kinds.includes(name) ? name : 'UNSPECIFIED';
}

function statusOf(tags: readonly Tag[]) {
  const said = tagOf(tags, 'otel.status_code');
  const isFailed = said === 'ERROR' || tagOf(tags, 'error') === 'true';
  const message = tagOf(tags, 'otel.status_description');
  const code = isFailed ? 2 : said === 'OK' ? 1 : 0;
  return { code, ...(message === undefined ? {} : { message }) };
}

/** OpenTracing's words for an exception, and OpenTelemetry's. */
const exceptionWords: Readonly<Record<string, string>> = {
  'error.kind': 'exception.type',
  message: 'exception.message',
  stack: 'exception.stacktrace',
};

function eventOf(timestamp: number, fields: readonly Tag[]) {
  const said = tagOf(fields, 'event') ?? tagOf(fields, 'name') ?? 'log';
  const isError = said === 'error' || fields.some(({ key }) => key === 'error.kind');
  const attributes = fields
    .filter(({ key }) => key !== 'event')
    .map((field) => attribute(isError ? { ...field, key: exceptionWords[field.key] ?? field.key } : field));
  return { timeUnixNano: nanoseconds(timestamp), name: isError ? 'exception' : said, attributes };
}

function attribute({ key, type, value }: Tag) {
  if (type === 'bool' || typeof value === 'boolean') return { key, value: { boolValue: value === true || value === 'true' } };
  if (type === 'int64' || (typeof value === 'number' && Number.isInteger(value))) return { key, value: { intValue: String(value) } };
  if (typeof value === 'number') return { key, value: { doubleValue: value } };
  return { key, value: { stringValue: typeof value === 'string' ? value : JSON.stringify(value ?? null) } };
}
