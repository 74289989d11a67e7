/**
 * The way from a cause to where people notice it: from service to caller, each hop with what shows the call. Where requests
 * that went wrong are traced the way is theirs; else it is the map's.
 */
import type { Hop } from '../hypothesis.ts';
import { pairKey } from '../baseline/counts.ts';
import type { Scene } from './scene.ts';
import { type Finding, finding, type Suspicion } from './suspicion.ts';

/** Calls between services in the requests that speak against a suspect, by (caller, callee) in the window's strings. */
type Calls = ReadonlyMap<number, { readonly count: number; readonly row: number }>;

/** `first` are the ids of evidence that the first hop stands on besides. */
export function pathOf(
  scene: Scene,
  suspicion: Suspicion,
  first: readonly string[],
  cite: (service: string, part: Finding) => string,
): Hop[] {
  const calls = callsIn(scene, suspicion);
  const path: Hop[] = [];
  const seen = new Set([suspicion.service]);
  let at = suspicion.service;
  for (;;) {
    const caller = callerOf(scene, calls, at, seen);
    if (caller === null) return path;
    path.push({ from: at, to: caller, evidence: [...(path.length === 0 ? first : []), cite(caller, callShown(scene, calls, caller, at))] });
    seen.add(caller);
    at = caller;
  }
}

function callsIn({ recent }: Scene, { findings }: Suspicion): Calls {
  const { spans } = recent.window;
  const isBad = new Uint8Array(recent.bucketOfTrace.length);
  for (const { traces } of findings) for (const trace of traces) isBad[trace] = 1;
  const calls = new Map<number, { count: number; row: number }>();
  for (let row = 0; row < spans.length; row++) {
    const parent = recent.tree.parent[row]!;
    // An adopted span's parent is a guess, and no evidence.
    if (parent < 0 || recent.tree.adopted[row] === 1 || isBad[spans.trace[row]!] !== 1) continue;
    if (spans.service[parent] === spans.service[row]) continue;
    const key = pairKey(spans.service[parent]!, spans.service[row]!);
    const known = calls.get(key);
    if (known) known.count++;
    else calls.set(key, { count: 1, row });
  }
  return calls;
}

/** Who calls it: in most of the bad requests, else most often on the map, else by any other sign; null where it is an entry. */
function callerOf({ recent, known, input }: Scene, calls: Calls, callee: string, seen: ReadonlySet<string>): string | null {
  const { strings } = recent.window;
  const traced = known
    .callers(callee)
    .map((name) => ({ name, count: calls.get(pairKey(strings.find(name), strings.find(callee)))?.count ?? 0 }));
  const mapped = input.map.edges.filter((edge) => edge.callee === callee).map(({ caller, calls: count }) => ({ name: caller, count }));
  const isMapped = input.map.edges.some((edge) => edge.caller === callee || edge.callee === callee);
  const most = (candidates: readonly { name: string; count: number }[]) =>
    candidates.filter(({ name, count }) => count > 0 && !seen.has(name)).sort((a, b) => b.count - a.count)[0]?.name;
  // What the map knows to call and not to be called is an entry, whatever else hints at a caller.
  return most(traced) ?? most(mapped) ?? (isMapped ? null : (most(traced.map(({ name }) => ({ name, count: 1 }))) ?? null));
}

function callShown({ recent, input }: Scene, calls: Calls, caller: string, callee: string): Finding {
  const { strings, spans } = recent.window;
  const subject = `calls ${callee}`;
  const traced = calls.get(pairKey(strings.find(caller), strings.find(callee)));
  if (traced !== undefined) {
    const { count, row } = traced;
    const text = `${caller} calls ${callee} in the requests that show it (${count} ${count === 1 ? 'call' : 'calls'}).`;
    const at = recent.tree.startMs[row]!;
    return finding({ kind: 'dependency', source: 'span', subject, text, at, traceId: spans.traceId(row), spanId: spans.spanId(row) });
  }
  const edge = input.map.edges.find((one) => one.caller === caller && one.callee === callee);
  const text =
    edge === undefined ? `${caller} names ${callee} as what it calls.` : `${caller} calls ${callee}: ${edge.calls} calls on the map.`;
  return finding({ kind: 'dependency', source: 'map', subject, text, at: input.alertAt });
}
