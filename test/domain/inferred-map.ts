/** Spans in few words, the map that is inferred from them, and its edges as short texts. */
import { MapInference } from '../../src/domain/map-inference.ts';
import { idWords, parentIdAt, SpanBatch, spanIdAt } from '../../src/domain/span-batch.ts';
import { peerKind, spanKind, spanStatus } from '../../src/domain/telemetry.ts';

const { consumer } = spanKind;
export const start = 1_700_000_000_000;

export interface Words {
  readonly of: string;
  readonly trace?: number;
  readonly id: number;
  readonly parent?: number;
  readonly kind?: number;
  readonly peer?: string;
  readonly isFailed?: boolean;
  readonly at?: number;
  readonly lasts?: number;
  readonly link?: { readonly trace: number; readonly id: number };
  readonly version?: string;
  readonly isReceiving?: boolean;
}

function kindOf(peer: string): number {
  if (peer.startsWith('db:')) return peerKind.database;
  if (peer.startsWith('queue:')) return peerKind.queue;
  return peer.startsWith('ext:') ? peerKind.host : peerKind.service;
}

export function batchOf(spans: readonly Words[]): SpanBatch {
  const batch = new SpanBatch();
  for (const { of, trace = 1, id, parent = 0, kind = 0, peer, isFailed, at = 0, lasts = 10, link, version, isReceiving } of spans) {
    const columns = batch.room();
    const row = batch.length++;
    columns.ids.set([trace, 0, 0, 1], row * idWords);
    columns.ids.set([0, id], row * idWords + spanIdAt);
    columns.ids.set([0, parent], row * idWords + parentIdAt);
    columns.startMs[row] = start + at;
    columns.durationMs[row] = lasts;
    columns.resource[row] = batch.resources.push({ service: of, instance: null, version: version ?? null }) - 1;
    columns.kind[row] = kind;
    columns.status[row] = isFailed ? spanStatus.error : spanStatus.unset;
    columns.peer[row] = peer === undefined ? -1 : batch.texts.id(peer);
    columns.peerKind[row] = peer === undefined ? peerKind.none : kindOf(peer);
    columns.isReceiving[row] = isReceiving || kind === consumer ? 1 : 0;
    columns.isKnown[row] = 0;
    if (link !== undefined) batch.links.set(row, Int32Array.from([link.trace, 0, 0, 1, 0, link.id]));
  }
  return batch;
}

/** Takes each list at once, a second after the one before. */
export function inferred(...lists: (readonly Words[])[]): MapInference {
  const map = new MapInference();
  lists.forEach((spans, i) => {
    map.spans(batchOf(spans), start + i * 1_000);
  });
  return map;
}

export const edges = (map: MapInference, directory: Parameters<MapInference['map']>[0] = []) =>
  map.map(directory).edges.map(({ caller, callee, calls, errors }) => `${caller}>${callee} ${calls}/${errors}`);
