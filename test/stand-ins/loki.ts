/** A Loki that answers as documented (PROTOCOLS C1): labels, fields, `query_range` with its limits, tenants, errors as plain text. */
import type { Duplex } from 'node:stream';
import { acceptKey, encodeFrame, opcode } from '../../src/workspace/frames.ts';
import { type Asked, type Said, type StandInServer, startServer, type StoredLine } from './stand-in-server.ts';
import { jsonIn, LogqlError, type LogqlLine, readLogql } from './logql.ts';

interface Entry extends LogqlLine {
  readonly ns: bigint;
}

export interface LokiStandIn extends StandInServer {
  readonly token: string;
  readonly tenant: string;
  readonly entries: Entry[];
  put(line: StoredLine): void;
  /** `put` labels lines with this; null: services stand in the lines alone. */
  serviceLabel: string | null;
  /** How many follow at this moment. */
  readonly tails: () => number;
  /** Ends every live tail. */
  cutTails(): void;
  /** `drops`: tails leave lines out and say so; `silent`: they are dead and nobody knows. */
  tailing: 'well' | 'drops' | 'silent' | 'refused';
  /** Comes with each answer. */
  warnings: string[];
  maxEntries: number;
}

export async function startLoki(): Promise<LokiStandIn> {
  const entries: Entry[] = [];
  const tails = new Set<{ readonly socket: Duplex; readonly fits: (entry: Entry) => boolean }>();
  const token = 'glc_standInTokenThatMustNeverBeSeen';
  const tenant = 'team-a';
  const server = await startServer((asked) => answer(asked));
  const { stop } = server;
  const loki: LokiStandIn = Object.assign(server, {
    token,
    tenant,
    entries,
    serviceLabel: 'service_name' as string | null,
    warnings: [] as string[],
    maxEntries: 5_000,
    tailing: 'well' as LokiStandIn['tailing'],
    tails: () => tails.size,
    stop() {
      loki.cutTails();
      stop();
    },
    cutTails() {
      for (const { socket } of tails) socket.destroy();
    },
    put({ at, service, text, traceId, requestId }: StoredLine) {
      const metadata = {
        ...(traceId === undefined ? {} : { trace_id: traceId }),
        ...(requestId === undefined ? {} : { request_id: requestId }),
      };
      const labels = loki.serviceLabel === null ? { cluster: 'one' } : { cluster: 'one', [loki.serviceLabel]: service };
      const body = loki.serviceLabel === null ? JSON.stringify({ service, msg: text }) : text;
      const entry = { ns: BigInt(Math.round(at * 1_000)) * 1_000n, labels, metadata, text: body };
      entries.push(entry);
      for (const tail of tails) if (tail.fits(entry) && loki.tailing !== 'silent') tell(tail.socket, entry);
    },
  });
  server.server.on('upgrade', (request, socket) => {
    const url = new URL(request.url ?? '/', server.url);
    const isKnown = request.headers['x-scope-orgid'] === tenant && request.headers.authorization === `Bearer ${token}`;
    socket.on('error', () => {});
    if (!isKnown || url.pathname !== '/loki/api/v1/tail' || loki.tailing === 'refused') {
      socket.end('HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n');
      return;
    }
    const accept = acceptKey(String(request.headers['sec-websocket-key']));
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: ${accept}\r\n\r\n`,
    );
    const tail = { socket, fits: readLogql(url.searchParams.get('query') ?? '') };
    tails.add(tail);
    socket.on('data', (bytes: Buffer) => {
      if ((bytes[0]! & 0x0f) === opcode.close) socket.end(encodeFrame(opcode.close, Buffer.from([3, 232])));
    });
    socket.on('end', () => socket.end());
    socket.on('close', () => tails.delete(tail));
  });

  function tell(socket: Duplex, entry: Entry): void {
    const dropped = [{ labels: entry.labels, timestamp: String(entry.ns) }];
    const frame =
      loki.tailing === 'drops' ? { streams: [], dropped_entries: dropped } : { streams: streamsOf([entry], true), dropped_entries: null };
    socket.write(encodeFrame(opcode.text, Buffer.from(JSON.stringify(frame))));
  }

  function answer({ url, headers, method }: Asked): Said | null {
    if (headers['x-scope-orgid'] !== tenant) return { status: 401, body: 'no org id' };
    if (headers.authorization !== `Bearer ${token}`) return { status: 401, body: 'unauthorized' };
    if (method !== 'GET') return null;
    const path = url.pathname.replace('/loki/api/v1/', '');
    const parameters = url.searchParams;
    const within = inTime(entries, parameters);
    if (path === 'labels') return { body: { status: 'success', data: [...new Set(within.flatMap(({ labels }) => Object.keys(labels)))] } };
    const ofLabel = /^label\/(\w+)\/values$/.exec(path)?.[1];
    if (ofLabel !== undefined)
      return { body: { status: 'success', data: [...new Set(within.flatMap(({ labels }) => labels[ofLabel] ?? []))] } };
    try {
      const fits = readLogql(parameters.get('query') ?? '');
      if (path === 'detected_fields') return { body: { fields: fieldsIn(within.filter(fits)) } };
      if (path === 'query_range') return range(within.filter(fits), parameters, String(headers['x-loki-response-encoding-flags'] ?? ''));
    } catch (error) {
      if (!(error instanceof LogqlError)) throw error;
      return { status: 400, body: error.message };
    }
    return null;
  }

  function range(found: readonly Entry[], parameters: URLSearchParams, flags: string): Said {
    const limit = Number(parameters.get('limit') ?? 100);
    if (limit > loki.maxEntries)
      return {
        status: 400,
        body: `max entries limit per query exceeded, limit > max_entries_limit_per_query (${limit} > ${loki.maxEntries})`,
      };
    const isBackward = parameters.get('direction') !== 'forward';
    const order = (a: Entry, b: Entry) => (a.ns < b.ns ? -1 : a.ns > b.ns ? 1 : 0);
    const sorted = [...found].sort((a, b) => (isBackward ? order(b, a) : order(a, b))).slice(0, limit);
    const isCategorized = flags === 'categorize-labels';
    const data = {
      resultType: 'streams',
      ...(isCategorized ? { encodingFlags: ['categorize-labels'] } : {}),
      result: streamsOf(sorted, isCategorized),
    };
    return { body: { status: 'success', ...(loki.warnings.length > 0 ? { warnings: loki.warnings } : {}), data } };
  }

  return loki;
}

export function streamsOf(entries: readonly Entry[], isCategorized: boolean) {
  const streams = new Map<string, { stream: Record<string, string>; values: unknown[] }>();
  for (const { ns, labels, metadata, text } of entries) {
    const stream = isCategorized ? { ...labels } : { ...labels, ...metadata };
    const key = JSON.stringify(stream);
    const known = streams.get(key) ?? { stream, values: [] };
    streams.set(key, known);
    const third = Object.keys(metadata).length > 0 ? { structuredMetadata: metadata } : {};
    known.values.push(isCategorized ? [String(ns), text, third] : [String(ns), text]);
  }
  return [...streams.values()];
}

/** `start` is inclusive, `end` exclusive. */
function inTime(entries: readonly Entry[], parameters: URLSearchParams): Entry[] {
  const [start, end] = [BigInt(parameters.get('start') ?? '0'), BigInt(parameters.get('end') ?? '9'.repeat(19))];
  return entries.filter(({ ns }) => ns >= start && ns < end);
}

function fieldsIn(entries: readonly Entry[]) {
  const fields = new Map<string, { label: string; type: string; cardinality: number; parsers: string[] | null }>();
  for (const { text, metadata } of entries) {
    for (const label of Object.keys(metadata)) fields.set(label, { label, type: 'string', cardinality: 1, parsers: null });
    for (const label of Object.keys(jsonIn(text))) fields.set(label, { label, type: 'string', cardinality: 1, parsers: ['json'] });
  }
  return [...fields.values()];
}
