/**
 * Calls that take longer than they did, where nothing but measurements of calls tells of it: by service, what its own callees do not
 * explain. Services released lately are compared pod by pod elsewhere; without this, one of them would be all that can be slow. Here they
 * are found by those who wait for them, which is before anything is known of their new pods but their first minute.
 *
 *   web ─ 1600 ms ─ orders (just released) ─ 1550 ms ─ stock ─ 1500 ms ─ db        db: nothing beneath it explains its time
 */
import { delayedBothWays } from './between-edges.ts';
import { type Edge, edgeTimes, isSlower, riseOf } from './edge-times.ts';
import type { Reading } from './metric-readings.ts';
import { losingServices } from './resources.ts';
import type { Scene } from './scene.ts';
import { slowReleaseBelow } from './slow-beneath.ts';
import { finding, type Suspicions } from './suspicion.ts';
import { toilingServices } from './toiling.ts';

/** Where less than this is left of what a service takes longer, what it calls explains it. */
const explaining = 0.5;
/** However much longer it takes. */
const most = 3;
/** What is left against a service where another explains its time better. */
const turnedShare = 0.25;

export function judgeSlowEdges(scene: Scene, suspicions: Suspicions, readings: readonly Reading[]): void {
  const { input, recent } = scene;
  // Spans tell whose time it is, and better.
  if (recent.window.spans.length > 0) return;
  const changes = input.changes.filter(({ startedAt }) => startedAt <= input.alertAt);
  const released = new Set(changes.map(({ service }) => service));
  const times = edgeTimes(readings, input.alertAt);
  const { edges } = times;
  const onTheWay = delayedBothWays(times, losingServices(scene, readings));
  const toiling = toilingServices(readings, input.alertAt);
  for (const [server, list] of Map.groupBy(edges, (edge) => edge.server)) {
    if (released.has(server)) continue;
    const slow = list.filter(isSlower);
    // What is slow for one caller of several is a matter between the two.
    if (slow.length <= list.length / 2) continue;
    const worst = slow.reduce((one, other) => (other.now / other.usual > one.now / one.usual ? other : one));
    const isWay = onTheWay.has(server);
    const beneath = isWay ? 0 : Math.max(0, ...edges.filter(({ client }) => client === server).map(riseOf));
    const rise = riseOf(worst);
    const own = 1 - beneath / rise;
    const all = Math.min(most, Math.log(worst.now / worst.usual));
    const toiler = own < explaining || isWay || toiling.has(server) ? null : toilingBelow(scene, server, toiling, edges);
    const isTurned = toiler !== null || slow.every(({ client }) => onTheWay.has(client));
    const value = (isTurned ? turnedShare : 1) * own * all;
    const longer = `Calls to ${server} take ${(worst.now / worst.usual).toPrecision(2)} times as long as before (from ${worst.client})`;
    const why = isWay ? 'and so do its own calls to all it asks' : isTurned ? 'which another explains' : explainedIn(own);
    const text = `${longer}, ${why}.`;
    const part = { kind: 'latency', source: 'metric', subject: 'slow calls', text, at: input.alertAt, strength: value } as const;
    suspicions.add(server, 'slow', value, [finding(part)]);
    if (toiler !== null) {
      const busy = `${longer}, and ${toiler}, which it asks, is at work for far more than it ever was.`;
      suspicions.add(toiler, 'slow', own * all, [finding({ ...part, text: busy, strength: own * all })]);
    }
    const by = own < explaining ? slowReleaseBelow(scene, server, { changes, readings, rise }) : null;
    if (by === null) continue;
    // Its new pods may only have been cold: of the pods of a release that is all there is to see in its first minute.
    const cold = `${text} New pods of ${by} are slower than old ones by at least as much.`;
    suspicions.add(by, 'slow', (1 - own) * all, [finding({ ...part, text: cold, strength: (1 - own) * all, ambiguous: true })]);
  }
}

const explainedIn = (own: number): string =>
  own < 0.9 ? `of which what it calls explains ${Math.round(100 * (1 - own))} %` : 'and nothing beneath it explains that';

/** Of what a service asks without anybody telling how long that takes, the only one at work for far more than ever. */
function toilingBelow({ known }: Scene, service: string, toiling: ReadonlySet<string>, edges: readonly Edge[]): string | null {
  const timed = new Set(edges.filter(({ client }) => client === service).map(({ server }) => server));
  const [first, ...others] = [...known.calls(service)].filter((callee) => toiling.has(callee) && !timed.has(callee));
  return first !== undefined && others.length === 0 ? first : null;
}
