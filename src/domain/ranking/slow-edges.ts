/**
 * Calls that take longer than they did, where nothing but measurements of calls tells of it: by service, what its own callees do not
 * explain. Services released lately are compared pod by pod elsewhere; without this, one of them would be all that can be slow. Here they
 * are found by those who wait for them, which is before anything is known of their new pods but their first minute.
 *
 *   web ─ 1600 ms ─ orders (just released) ─ 1550 ms ─ stock ─ 1500 ms ─ db        db: nothing beneath it explains its time
 */
import { median } from '../baseline/clock.ts';
import type { Reading } from './metric-readings.ts';
import { recentMs } from './edge-metrics.ts';
import type { Scene } from './scene.ts';
import { slowReleaseBelow } from './slow-beneath.ts';
import { finding, type Suspicions } from './suspicion.ts';

/** So many measurements of an edge before, and since, tell what is usual and what lasts. */
const fewestBefore = 6;
const fewestSince = 3;
/** Less than twice as long comes with the hour. */
const clearly = 2;
/** Where less than this is left of what a service takes longer, what it calls explains it. */
const explaining = 0.5;
/** However much longer it takes. */
const most = 3;

interface Edge {
  readonly client: string;
  readonly usual: number;
  readonly now: number;
}

export function judgeSlowEdges(scene: Scene, suspicions: Suspicions, readings: readonly Reading[]): void {
  const { input, recent } = scene;
  // Spans tell whose time it is, and better.
  if (recent.window.spans.length > 0) return;
  const changes = input.changes.filter(({ startedAt }) => startedAt <= input.alertAt);
  const released = new Set(changes.map(({ service }) => service));
  const edges = edgesOf(readings, input.alertAt);
  const rises = (keep: (edge: Edge, server: string) => boolean): number[] =>
    [...edges].flatMap(([server, list]) => list.filter((edge) => keep(edge, server)).map(({ now, usual }) => now - usual));
  for (const [server, list] of edges) {
    if (released.has(server)) continue;
    const slow = list.filter(({ now, usual }) => now >= clearly * usual);
    // What is slow for one caller of several is a matter between the two.
    if (slow.length <= list.length / 2) continue;
    const worst = slow.reduce((one, other) => (other.now / other.usual > one.now / one.usual ? other : one));
    const beneath = Math.max(0, ...rises(({ client }) => client === server));
    const rise = worst.now - worst.usual;
    const own = 1 - beneath / rise;
    const all = Math.min(most, Math.log(worst.now / worst.usual));
    const value = own * all;
    const explained =
      own < 0.9 ? `of which what it calls explains ${Math.round(100 * (1 - own))} %` : 'and nothing beneath it explains that';
    const text = `Calls to ${server} take ${(worst.now / worst.usual).toPrecision(2)} times as long as before (from ${worst.client}), ${explained}.`;
    const part = { kind: 'latency', source: 'metric', subject: 'slow calls', text, at: input.alertAt, strength: value } as const;
    suspicions.add(server, 'slow', value, [finding(part)]);
    const by = own < explaining ? slowReleaseBelow(scene, server, { changes, readings, rise }) : null;
    if (by === null) continue;
    // Its new pods may only have been cold: of the pods of a release that is all there is to see in its first minute.
    const why = `${text} New pods of ${by} are slower than old ones by at least as much.`;
    suspicions.add(by, 'slow', (1 - own) * all, [finding({ ...part, text: why, strength: (1 - own) * all, ambiguous: true })]);
  }
}

/** By service that is called: the usual time of each caller's calls, and that of the last minutes. */
function edgesOf(readings: readonly Reading[], alertAt: number): Map<string, Edge[]> {
  const found = new Map<string, Edge[]>();
  const timed = readings.filter(({ measured, client, server }) => measured === 'latency' && client !== '' && client !== server);
  for (const list of Map.groupBy(timed, ({ client, server, base }) => `${client}\n${server}\n${base}`).values()) {
    const values = list.flatMap(({ at, values }) => values.map((value, i) => ({ at: at[i]!, value })));
    const known = values.filter(({ at }) => at <= alertAt);
    const since = known.filter(({ at }) => at > alertAt - recentMs).map(({ value }) => value);
    const before = known.filter(({ at }) => at <= alertAt - recentMs).map(({ value }) => value);
    if (before.length < fewestBefore || since.length < fewestSince) continue;
    const { client, server } = list[0]!;
    found.set(server, [...(found.get(server) ?? []), { client, usual: median(before), now: median(since) }]);
  }
  return found;
}
