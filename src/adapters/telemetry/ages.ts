/** When the things of a body happened, and which of them lie too far back to be kept. */
import type { Decoded } from '../../domain/records.ts';
import type { Ingested } from '../../ports.ts';

/** What a sender is told. */
export function ingested(decoded: Decoded): Ingested {
  const times = timesOf(decoded);
  return {
    accepted: decoded.spans.length + decoded.logs.length + decoded.points.length,
    rejected: decoded.rejected,
    problem: decoded.problem,
    oldestAt: times?.oldestAt ?? null,
    newestAt: times?.newestAt ?? null,
  };
}

function timesOf({ spans, logs, points }: Decoded): { oldestAt: number; newestAt: number } | null {
  let oldestAt = Number.POSITIVE_INFINITY;
  let newestAt = Number.NEGATIVE_INFINITY;
  const take = (at: number) => {
    if (at < oldestAt) oldestAt = at;
    if (at > newestAt) newestAt = at;
  };
  for (let row = 0; row < spans.length; row++) take(spans.columns.startMs[row]!);
  for (const { timeMs } of logs) take(timeMs);
  for (const { timeMs } of points) take(timeMs);
  return Number.isFinite(oldestAt) ? { oldestAt, newestAt } : null;
}

/**
 * Rejects what is older: it would expire at once, and is mostly no age but a wrong unit (ms or s where ns belong read as
 * 1970). Spans are taken out of the batch itself.
 */
export function withoutOlder(decoded: Decoded, oldestMs: number): Decoded {
  const times = timesOf(decoded);
  if (times === null || times.oldestAt >= oldestMs) return decoded;
  const logs = decoded.logs.filter(({ timeMs }) => timeMs >= oldestMs);
  const points = decoded.points.filter(({ timeMs }) => timeMs >= oldestMs);
  const gone = decoded.spans.dropBefore(oldestMs) + decoded.logs.length - logs.length + decoded.points.length - points.length;
  const tooOld = `${gone} entries are older than what is kept; times are nanoseconds since 1970`;
  return {
    spans: decoded.spans,
    logs,
    points,
    rejected: decoded.rejected + gone,
    problem: decoded.problem === null ? tooOld : `${decoded.problem}; ${tooOld}`,
  };
}
