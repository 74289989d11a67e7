/**
 * Failures of a service that is asked for two things in one request, where it fails in those requests alone in which they come the other
 * way round. Whoever asks, or sends the messages, has the order in its hands.
 *
 *   orders ─ "created", "paid" ─ books: well             orders ─ "paid", "created" ─ books: "no such order"        orders
 */
import type { Scene } from './scene.ts';

/** Visits that failed by themselves on what came too early, with who asked for it (a number of the window's strings). */
type Disordered = ReadonlyMap<number, number>;

const fewestFailed = 3;
const fewestWell = 5;
/** Of the failed ones nearly all are the one way round, of the others nearly all the other way. */
const nearlyAll = 0.9;

/** Of two things asked for in one request: visits for the first of them, by how they ended and whether it came first. */
interface Order {
  readonly asking: number;
  readonly failedFirst: number[];
  failed: number;
  well: number;
  wellFirst: number;
}

const memo = new WeakMap<Scene, Disordered>();

export function disordered(scene: Scene): Disordered {
  const known = memo.get(scene);
  if (known) return known;
  const { origins, visits, window, bucketOfTrace } = scene.recent;
  const failing = new Set<number>();
  for (const { why, row, service, trace } of origins.votes)
    if (why === 'own' && bucketOfTrace[trace]! >= 0 && visits.ofSpan[row]! >= 0 && window.spans.service[row] === service)
      failing.add(visits.ofSpan[row]!);
  const found = new Map<number, number>();
  if (failing.size >= fewestFailed)
    for (const { asking, failedFirst, failed, well, wellFirst } of ordersIn(scene, failing)) {
      if (failedFirst.length < fewestFailed || failedFirst.length < nearlyAll * failed) continue;
      if (well < fewestWell || wellFirst > (1 - nearlyAll) * well || wellFirst >= fewestFailed) continue;
      for (const visit of failedFirst) found.set(visit, asking);
    }
  memo.set(scene, found);
  return found;
}

/** What one service was asked for within one visit of another, by operation: the visit, and when it was first asked for. */
type Asked = Map<number, { readonly visit: number; readonly at: number }>;

function ordersIn(scene: Scene, failing: ReadonlySet<number>): Iterable<Order> {
  const { visits } = scene.recent;
  const failingUnits = new Set([...failing].map((visit) => visits.unit[visit]!));
  const orders = new Map<string, Order>();
  for (const { asking, asked } of askedIn(scene, failingUnits).values())
    for (const [unit, { visit, at }] of asked) {
      if (!failingUnits.has(unit)) continue;
      for (const [other, { at: otherAt }] of asked) {
        if (other === unit || otherAt === at) continue;
        const key = `${asking} ${unit} ${other}`;
        const order = orders.get(key) ?? { asking, failedFirst: [], failed: 0, well: 0, wellFirst: 0 };
        orders.set(key, order);
        if (failing.has(visit)) order.failed++;
        else order.well++;
        if (at > otherAt) continue;
        if (failing.has(visit)) order.failedFirst.push(visit);
        else order.wellFirst++;
      }
    }
  return orders.values();
}

/** By visit that asks and service that is asked, as far as that is one of a unit that fails. */
function askedIn(scene: Scene, failingUnits: ReadonlySet<number>): Map<string, { readonly asking: number; readonly asked: Asked }> {
  const { visits, tree, window } = scene.recent;
  const { spans } = window;
  const services = new Set<number>();
  for (let visit = 0; visit < visits.count; visit++) if (failingUnits.has(visits.unit[visit]!)) services.add(visits.service[visit]!);
  const found = new Map<string, { asking: number; asked: Asked }>();
  for (let visit = 0; visit < visits.count; visit++) {
    const row = visits.entryRow[visit]!;
    const parent = row < 0 ? -1 : tree.parent[row]!;
    if (parent < 0 || visits.ofSpan[parent]! < 0 || !services.has(visits.service[visit]!)) continue;
    if (spans.service[parent] === spans.service[row]) continue;
    const key = `${visits.ofSpan[parent]} ${visits.service[visit]}`;
    const of = found.get(key) ?? { asking: spans.service[parent]!, asked: new Map() };
    found.set(key, of);
    const [unit, at] = [visits.unit[visit]!, tree.startMs[parent]!];
    if (at < (of.asked.get(unit)?.at ?? Infinity)) of.asked.set(unit, { visit, at });
  }
  return found;
}
