/**
 * Ids that tie lines together, where they stand in the text itself: `traceId=…`, `[req-…]`, a W3C `traceparent`, Sleuth's
 * `[service,trace,span]`. Only the first part of a line is looked through: ids stand in front or in a short line.
 */

export interface Ids {
  readonly traceId: string | null;
  readonly spanId: string | null;
  readonly correlationId: string | null;
}

const noIds: Ids = { traceId: null, spanId: null, correlationId: null };

/** Enough for a header and a sentence; a line of a megabyte costs no more than this. */
const lookedAt = 4_096;

const hex = '[0-9a-fA-F]';
const labelled = new RegExp(
  `\\b(?:(?<trace>(?:dd\\.|otel)?trace[_. -]?id)|(?<span>(?:dd\\.|otel)?span[_. -]?id)|` +
    `(?<correlation>(?:x-)?(?:correlation|request|transaction)[_. -]?id|txn[_-]?id|req[_-]?id|rid))["']?[ ]{0,2}[:=][ ]{0,2}["'[]?(?<value>[\\w.:@/+-]{1,128})`,
  'gi',
);
const traceparent = new RegExp(`\\b00-(${hex}{32})-(${hex}{16})-0[0-3]\\b`);
const sleuth = new RegExp(`\\[[\\w.-]{0,80}, ?(${hex}{32}|${hex}{16}), ?(${hex}{16})(?:, ?(?:true|false))?\\]`);
/** Spring Boot 3: `[4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7]` */
const pair = new RegExp(`\\[ {0,40}(${hex}{32})-(${hex}{16})\\]`);
/** Rails' tags: `[4bf92f3577b34da6a3ce929d0e0e4736] Started GET "/"`. */
const tag = new RegExp(`\\[((?!0{32})${hex}{32})\\]`);
/** A cheap first look: most lines hold none of these. */
const mayHold = /[Ii][Dd]["']?[ ]{0,2}[:=]|\brid[:=]|00-[0-9a-fA-F]{32}|[0-9a-fA-F]\]|\[req-|, ?(?:true|false)\]/;
const openstack = /\[(req-[0-9a-f-]{36})\b/;

export function idsIn(text: string): Ids {
  const head = text.length > lookedAt ? text.slice(0, lookedAt) : text;
  if (!mayHold.test(head)) return noIds;
  let traceId: string | null = null;
  let spanId: string | null = null;
  let correlationId: string | null = null;
  for (const { groups = {} } of head.matchAll(labelled)) {
    const value = (groups['value'] ?? '').replace(/[.:,/]{1,40}$/, '');
    if (value === '' || /^(?:null|none|undefined|nil|-+|0+|true|false)$/i.test(value)) continue;
    if (groups['trace'] !== undefined) traceId ??= value;
    else if (groups['span'] !== undefined) spanId ??= value;
    else correlationId ??= value;
  }
  if (traceId === null && (head.includes('[') || head.includes('00-'))) {
    const match = traceparent.exec(head) ?? sleuth.exec(head) ?? pair.exec(head) ?? tag.exec(head);
    traceId = match?.[1] ?? null;
    spanId ??= match?.[2] ?? null;
  }
  correlationId ??= head.includes('[req-') ? (openstack.exec(head)?.[1] ?? null) : null;
  return traceId === null && spanId === null && correlationId === null ? noIds : { traceId, spanId, correlationId };
}
