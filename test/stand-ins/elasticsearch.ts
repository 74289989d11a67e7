/**
 * An Elasticsearch that answers as documented (PROTOCOLS C2), or an OpenSearch: searches over documents with the clauses that
 * are asked, points in time that are snapshots, `search_after`, window limits, partial shards with status 200.
 */
import { type Asked, type Said, type StandInServer, startServer, type StoredLine } from './stand-in-server.ts';

type Json = Record<string, unknown>;
interface Document {
  readonly id: string;
  readonly source: Json;
}

export interface ElasticsearchStandIn extends StandInServer {
  readonly apiKey: string;
  readonly documents: Document[];
  put(line: StoredLine): void;
  /** Plain fields where it is off. */
  isEcs: boolean;
  kind: 'elasticsearch' | 'opensearch';
  failedShards: number;
  isTimedOut: boolean;
  readonly openPoints: () => number;
}

const maxResultWindow = 10_000;
const badQuery = (reason: string): Said => ({
  status: 400,
  body: { error: { type: 'parsing_exception', reason, root_cause: [] }, status: 400 },
});

export async function startElasticsearch(): Promise<ElasticsearchStandIn> {
  const documents: Document[] = [];
  const points = new Map<string, readonly Document[]>();
  const apiKey = 'c3RhbmRJbjpLZXlUaGF0TXVzdE5ldmVyQmVTZWVu';
  let opened = 0;
  const server = await startServer((asked) => answer(asked));
  const elastic: ElasticsearchStandIn = Object.assign(server, {
    apiKey,
    documents,
    isEcs: true,
    kind: 'elasticsearch' as 'elasticsearch' | 'opensearch',
    failedShards: 0,
    isTimedOut: false,
    openPoints: () => points.size,
    put({ at, service, text, traceId, requestId }: StoredLine) {
      const time = new Date(at).toISOString();
      const ecs = { '@timestamp': time, message: text, service: { name: service }, ...(traceId ? { trace: { id: traceId } } : {}) };
      const plain = { '@timestamp': time, msg: text, service, ...(traceId ? { trace_id: traceId } : {}) };
      const id = `d${documents.length}`;
      documents.push({ id, source: { ...(elastic.isEcs ? ecs : plain), ...(requestId ? { request_id: requestId } : {}) } });
    },
  });

  function answer({ method, url, headers, body }: Asked): Said | null {
    if (headers.authorization !== `ApiKey ${apiKey}`) return { status: 401, body: { error: { type: 'security_exception' }, status: 401 } };
    const path = `${method} ${decodeURI(url.pathname)}`;
    if (path === 'GET /')
      return {
        body: { name: 'n1', version: { number: '9.1.0', ...(elastic.kind === 'opensearch' ? { distribution: 'opensearch' } : {}) } },
      };
    if (path === 'GET /logs-*,filebeat-*,logstash-*/_count') return { body: { count: documents.length, _shards: shards() } };
    if (path === 'POST /logs-*,filebeat-*,logstash-*/_pit')
      return elastic.kind === 'opensearch' ? { status: 400, body: { error: 'no handler found for uri' } } : open(url);
    if (path === 'DELETE /_pit')
      return points.delete(String(JSON.parse(body).id)) ? { body: { succeeded: true, num_freed: 1 } } : { status: 404, body: {} };
    if (path === 'POST /_search') return search(JSON.parse(body), true);
    if (path === 'POST /logs-*,filebeat-*,logstash-*/_search') return search(JSON.parse(body), false);
    return null;
  }

  function open(url: URL): Said {
    if (url.searchParams.get('keep_alive') === null) return badQuery('[keep_alive] is required');
    const id = `pit-${++opened}`;
    points.set(id, [...documents]);
    return { body: { id, _shards: shards() } };
  }

  function search(body: Json, isAtPoint: boolean): Said {
    const { size, query, sort, pit, search_after: after, timeout, track_total_hits: total, ...others } = body;
    if (Object.keys(others).length > 0 || total !== false || timeout === undefined) return badQuery(`unknown key ${Object.keys(others)}`);
    if (Number(size) > maxResultWindow) return badQuery('Result window is too large');
    if ((pit !== undefined) !== isAtPoint) return badQuery('[indices] cannot be used with point in time');
    const point = (pit as Json | undefined)?.['id'];
    const among = point === undefined ? documents : points.get(String(point));
    if (among === undefined) return { status: 404, body: { error: { type: 'search_context_missing_exception' } } };
    const byShard = (sort as Json[]).some((each) => '_shard_doc' in each);
    if (byShard && pit === undefined) return badQuery('[_shard_doc] needs a point in time');
    let hits: { document: Document; sort: unknown[] }[];
    try {
      hits = among.flatMap((document, place) =>
        fits(query as Json, document.source) ? [{ document, sort: [timeOf(document), ...(byShard ? [place] : [])] }] : [],
      );
    } catch (error) {
      return badQuery(String(error));
    }
    hits.sort((a, b) => compare(b.sort, a.sort));
    if (Array.isArray(after)) hits = hits.filter((hit) => compare(hit.sort, after) < 0);
    const found = hits.slice(0, Number(size)).map(({ document, sort: values }) => ({
      _index: 'logs-shop',
      _id: document.id,
      _score: null,
      _source: document.source,
      sort: values,
    }));
    let pitId = {};
    if (point !== undefined) {
      // The id changes: whoever goes on with the old one has not read the answer.
      const next = `pit-${++opened}`;
      points.set(next, among);
      points.delete(String(point));
      pitId = { pit_id: next };
    }
    return { body: { took: 1, timed_out: elastic.isTimedOut, _shards: shards(), ...pitId, hits: { hits: found } } };
  }

  function shards() {
    return { total: 5, successful: 5 - elastic.failedShards, skipped: 0, failed: elastic.failedShards };
  }

  return elastic;
}

const timeOf = ({ source }: Document) => String(source['@timestamp']);

function compare(a: readonly unknown[], b: readonly unknown[]): number {
  for (const [i, value] of a.entries()) {
    const other = b[i];
    if (value === other) continue;
    return (value as string) < (other as string) ? -1 : 1;
  }
  return 0;
}

/** A clause with one key; what is not known is an error, as over there. */
function fits(clause: Json, source: Json): boolean {
  const [[kind, of]] = Object.entries(clause) as [[string, Json]];
  if (kind === 'bool') {
    const { filter = [], should = [], ...others } = of as { filter?: Json[]; should?: Json[] };
    if (Object.keys(others).some((key) => key !== 'minimum_should_match')) throw new Error('[bool] query does not support this');
    return filter.every((one) => fits(one, source)) && (should.length === 0 || should.some((one) => fits(one, source)));
  }
  if (kind === 'terms') {
    const [[field, values]] = Object.entries(of) as [[string, unknown[]]];
    return values.includes(fieldOf(source, field.replace(/\.keyword$/, '')));
  }
  if (kind === 'range') {
    const [[field, range]] = Object.entries(of) as [[string, { gte: string; lt?: string; lte?: string }]];
    const at = Date.parse(String(fieldOf(source, field)));
    const isBefore = range.lt === undefined ? at <= Date.parse(range.lte ?? '') : at < Date.parse(range.lt);
    return at >= Date.parse(range.gte) && isBefore;
  }
  if (kind === 'multi_match') {
    const { query, fields } = of as { query: string; fields: string[] };
    return fields.some((field) =>
      String(fieldOf(source, field) ?? '')
        .toLowerCase()
        .includes(query.toLowerCase()),
    );
  }
  throw new Error(`unknown query [${kind}]`);
}

function fieldOf(source: Json, dotted: string): unknown {
  if (dotted in source) return source[dotted];
  let at: unknown = source;
  for (const part of dotted.split('.')) at = typeof at === 'object' && at !== null ? (at as Json)[part] : undefined;
  return at;
}
