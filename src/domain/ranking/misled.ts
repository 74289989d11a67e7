/**
 * Several services that fail by themselves right after the same callee has answered: what they have in common is its answer.
 * None of them is at fault, and nothing in the callee's own spans says that it is.
 *
 *   orders  ─ asks prices (answers) ─ fails          one of them alone might have misread it,
 *   basket  ─ asks prices (answers) ─ fails          of two none has: prices answered wrong
 *
 * Who goes on with others before it looks at the answer may still say whose it fails on: "no unit in the response of prices".
 */
import { spanKind, spanStatus } from '../telemetry.ts';
import { saidIn } from './said.ts';
import type { Scene } from './scene.ts';

/** Callee whose answer a failed span choked on, by the span's row; a number of the window's strings. */
type Misled = ReadonlyMap<number, number>;

const fewestCallers = 2;
const fewestTraces = 2;
/** Of several callers each must fail like that at least this much as often as the one that does most: by chance one or two always do. */
const alike = 0.3;
/** Whoever fails as often after other callees is not misled by this one. */
const mostly = 0.5;

interface Own {
  readonly row: number;
  readonly caller: number;
  /** Whose answer came just before, or which it says that it fails on; -1: nobody's. */
  readonly callee: number;
  /** It says so. */
  readonly isNamed: boolean;
  readonly trace: number;
}

const memo = new WeakMap<Scene, { readonly misled: Misled; readonly blaming: ReadonlySet<number> }>();

export const misled = (scene: Scene): Misled => findIn(scene).misled;

/**
 * Visits that failed by themselves and name the one callee whose answer they fail on: "price 0.00 from rates is out of range". Where one
 * caller alone says so, either may be wrong.
 */
export const visitsBlaming = (scene: Scene): ReadonlySet<number> => findIn(scene).blaming;

function findIn(scene: Scene): { readonly misled: Misled; readonly blaming: ReadonlySet<number> } {
  const known = memo.get(scene);
  if (known) return known;
  const own = ownFailures(scene);
  const blaming = new Set(own.flatMap(({ row, isNamed }) => (isNamed ? [scene.recent.visits.ofSpan[row]!] : [])));
  const failures = tracesBy(own, ({ caller }) => caller);
  const choked = own.filter(({ callee }) => callee >= 0);
  const found = new Map<number, number>();
  for (const [callee, list] of Map.groupBy(choked, (one) => one.callee)) {
    const byCaller = tracesBy(list, ({ caller }) => caller);
    const most = Math.max(...[...byCaller.values()].map(({ size }) => size));
    const callers = [...byCaller].filter(
      ([caller, { size }]) => size >= Math.max(fewestTraces, alike * most) && size >= mostly * failures.get(caller)!.size,
    );
    if (callers.length < fewestCallers) continue;
    // Once it is known to answer wrong, those that seldom ask it fail on it as well.
    const are = new Set(
      [...byCaller].flatMap(([caller, { size }]) => (size >= fewestTraces && size >= mostly * failures.get(caller)!.size ? [caller] : [])),
    );
    for (const { row, caller } of list) if (are.has(caller)) found.set(row, callee);
  }
  const all = { misled: found, blaming };
  memo.set(scene, all);
  return all;
}

function tracesBy(list: readonly Own[], key: (one: Own) => number): Map<number, Set<number>> {
  const found = new Map<number, Set<number>>();
  for (const one of list) found.set(key(one), (found.get(key(one)) ?? new Set()).add(one.trace));
  return found;
}

/** Failures of the recent minutes that began in a service itself. */
function ownFailures({ recent }: Scene): Own[] {
  const { origins, bucketOfTrace, window, visits } = recent;
  const own = origins.votes.filter(
    ({ why, row, service, trace }) => why === 'own' && bucketOfTrace[trace]! >= 0 && window.spans.service[row] === service,
  );
  const failed = new Uint8Array(visits.count);
  for (const { row } of own) if (visits.ofSpan[row]! >= 0) failed[visits.ofSpan[row]!] = 1;
  const named = namedAnswers(recent, failed);
  return own.map(({ row, service, trace }) => {
    const callee = named(row);
    return { row, caller: service, callee: callee ?? lastAnswer(recent, row).callee, isNamed: callee !== null, trace };
  });
}

/** The one callee that answered within a visit and that the failure of it names; null: none, or several. `failed`: 1 for visits that did. */
function namedAnswers(recent: Scene['recent'], failed: Uint8Array): (row: number) => number | null {
  const { visits, tree } = recent;
  const { spans, strings } = recent.window;
  const saying = saidIn(recent);
  const answered = new Map<number, Set<number>>();
  for (let row = 0; row < spans.length; row++) {
    const parent = tree.parent[row]!;
    const visit = parent < 0 ? -1 : visits.ofSpan[parent]!;
    if (visit < 0 || failed[visit] === 0) continue;
    if (spans.service[parent] === spans.service[row] || spans.status[row] === spanStatus.error) continue;
    answered.set(visit, (answered.get(visit) ?? new Set()).add(spans.service[row]!));
  }
  return (row) => {
    const said = saying(row);
    if (said.length === 0) return null;
    const named = [...(answered.get(visits.ofSpan[row]!) ?? [])].filter((callee) => said.some((text) => names(text, strings.text(callee))));
    return named.length === 1 ? named[0]! : null;
  };
}

/** Whether a name stands in a text by itself and not as a part of a longer one. */
function names(text: string, name: string): boolean {
  const isPart = (char: string | undefined): boolean => char !== undefined && /[\w-]/.test(char);
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1))
    if (!isPart(text[at - 1]) && !isPart(text[at + name.length])) return true;
  return false;
}

/** Deeper than this a service's own spans are not followed. */
const deepest = 8;
/** Who goes on for longer than this, and than this share of all its time, did not fail on the answer. */
const momentMs = 20;
const moment = 0.5;

/** The last answer within a span, where it came well and just before the span ended: whose (-1: nobody's), and when. */
export function lastAnswer({ window: { spans }, tree }: Scene['recent'], from: number): { callee: number; at: number } {
  const failedAt = tree.startMs[from]! + spans.durationMs[from]!;
  let [callee, latest] = [-1, failedAt - Math.max(momentMs, moment * spans.durationMs[from]!)];
  const endOf = (row: number): number => tree.startMs[row]! + spans.durationMs[row]!;
  const walk = (row: number, depth: number): void => {
    for (let child = tree.firstChild[row]!; child >= 0; child = tree.nextSibling[child]!) {
      if (spans.service[child] === spans.service[from]) {
        if (depth < deepest) walk(child, depth + 1);
        continue;
      }
      // No later than the caller's own span of the call ends: the other's clock may be a few ms ahead.
      const told = row !== from && spans.kind[row] === spanKind.client ? endOf(row) : Infinity;
      const endedAt = Math.min(told, endOf(child));
      if (endedAt < latest || endedAt > failedAt || spans.kind[child] === spanKind.consumer) continue;
      [callee, latest] = [spans.status[child] === spanStatus.error ? -1 : spans.service[child]!, endedAt];
    }
  };
  walk(from, 0);
  return { callee, at: latest };
}
