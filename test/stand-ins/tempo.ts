/** A Tempo (PROTOCOLS C4) that keeps OTLP spans: Go's JSON with base64 ids, short ids in searches, the first that match, both APIs. */
import { type Answering, type Question, startAnswering } from './answering.ts';

export interface KeptSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly service: string;
  readonly name: string;
  readonly startMs: number;
  readonly durationMs: number;
  readonly isFailed?: boolean;
}

export interface TempoStandIn extends Answering {
  keep(...spans: KeptSpan[]): void;
  /** From before API v2. */
  grow(old: 'old'): void;
}

const base64 = (id: string) => Buffer.from(id, 'hex').toString('base64');

export async function startTempo(): Promise<TempoStandIn> {
  const spans: KeptSpan[] = [];
  let isOld = false;
  const traces = () => Map.groupBy(spans, ({ traceId }) => traceId);
  const search = ({ parameters }: Question) => {
    const query = parameters.get('q') ?? '';
    const name = /resource\.service\.name = ("(?:[^"\\]|\\.)*")/.exec(query)?.[1];
    const service = name === undefined ? null : (JSON.parse(name) as string);
    const [from, to] = [Number(parameters.get('start')) * 1_000, Number(parameters.get('end')) * 1_000];
    const found = [...traces()].filter(([, of]) =>
      of.some(
        (span) =>
          (service === null || span.service === service) &&
          (!query.includes('status = error') || span.isFailed === true) &&
          span.startMs >= from &&
          span.startMs <= to,
      ),
    );
    return {
      traces: found.slice(0, Number(parameters.get('limit') ?? 20)).map(([traceId, of]) => ({
        traceID: traceId.replace(/^0+/, ''),
        rootServiceName: of[0]!.service,
        rootTraceName: of[0]!.name,
        startTimeUnixNano: `${of[0]!.startMs}000000`,
        durationMs: of[0]!.durationMs,
      })),
      metrics: { totalBlocks: 1 },
    };
  };
  const resources = (of: readonly KeptSpan[]) =>
    of.map((span) => ({
      resource: { attributes: [{ key: 'service.name', value: { stringValue: span.service } }] },
      scopeSpans: [
        {
          scope: {},
          spans: [
            {
              traceId: base64(span.traceId),
              spanId: base64(span.spanId),
              ...(span.parentSpanId === undefined ? {} : { parentSpanId: base64(span.parentSpanId) }),
              name: span.name,
              kind: 'SPAN_KIND_SERVER',
              startTimeUnixNano: `${span.startMs}000000`,
              endTimeUnixNano: `${span.startMs + span.durationMs}000000`,
              status: span.isFailed === true ? { code: 'STATUS_CODE_ERROR', message: 'refused' } : {},
            },
          ],
        },
      ],
    }));
  const server = await startAnswering((asked) => {
    if (asked.path === '/api/search') return { body: search(asked) };
    const [, version, id] = /^\/api\/(v2\/)?traces\/([0-9a-f]+)$/.exec(asked.path) ?? [];
    const of = id === undefined ? undefined : traces().get(id);
    if (of === undefined || (isOld && version !== undefined)) return null;
    if (version === undefined) return { body: { batches: resources(of) } };
    return { body: { trace: { resourceSpans: resources(of) }, metrics: {}, status: 'COMPLETE' } };
  });
  return { ...server, keep: (...more) => void spans.push(...more), grow: () => (isOld = true) };
}
