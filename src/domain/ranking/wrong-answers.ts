/**
 * Several services whose visits depart from normal right after the same callee has answered, none of them beneath another: what they
 * have in common is its answer. As in `misled.ts`, where no span says that it failed and lines and missing steps alone tell.
 *
 *   rates  ─ asks fx (answers) ─ "price not usable"
 *   fares  ─ asks fx (answers) ─ goes no further          fx answers wrong
 */
import { convincing, type Departure } from './departures.ts';
import { departingVisits } from './excuses.ts';
import { lastAnswer } from './misled.ts';
import { onsetAt, type Scene } from './scene.ts';
import { quicker, strongestShift } from './shifts.ts';
import { finding, type Suspicions } from './suspicion.ts';

const fewestCallers = 2;
const fewestTraces = 3;
/** Of several callers each departs like that at least this much as often as the one that does most. */
const alike = 0.3;
/** Whoever departs as often after other callees, or after none, does not depart for this one's answer. */
const mostly = 0.6;

interface Own {
  readonly visit: number;
  readonly caller: number;
  /** Whose answer came just before its end; -1: nobody's. */
  readonly callee: number;
}

/**
 * Suspects callees that answer wrong, and excuses the visits that depart for it. Answers the units of which nobody can tell: they go no
 * further after the same answer and do no more than warn, and no other caller shows whether it is the answer or their reading of it. Nor
 * does the callee, by doing a fraction of the work that it did for such an answer: who reads it cannot have brought that about, though
 * who asks for less can.
 */
export function judgeAnswers(
  scene: Scene,
  suspicions: Suspicions,
  departures: readonly Departure[],
  excused: Uint8Array,
): ReadonlySet<number> {
  const { visits, window } = scene.recent;
  const own = ownDepartures(scene, departures, excused);
  const all = Map.groupBy(own, ({ caller }) => caller);
  for (const [callee, list] of Map.groupBy(own, (one) => one.callee)) {
    if (callee < 0) continue;
    const byCaller = Map.groupBy(list, ({ caller }) => caller);
    const most = Math.max(...[...byCaller.values()].map(({ length }) => length));
    const callers = [...byCaller].filter(
      ([caller, { length }]) => length >= Math.max(fewestTraces, alike * most) && length >= mostly * all.get(caller)!.length,
    );
    if (callers.length < fewestCallers || 2 * callers.length <= callersOf(scene, callee, onsetOf(departures, list, visits.unit))) continue;
    const misled = callers.flatMap(([, of]) => of.map(({ visit }) => visit));
    for (const visit of misled) excused[visit] = 1;
    const names = callers
      .map(([caller]) => window.strings.text(caller))
      .sort()
      .join(', ');
    accuse(scene, suspicions, departures, { callee, misled, names, after: 'has answered', isOpen: false });
  }
  const open = undecided(
    scene,
    own.filter(({ visit }) => excused[visit] !== 1),
    departures,
  );
  for (const [unit, { callee, ending }] of open) {
    const names = window.strings.text(window.spans.service[visits.entryRow[ending[0]!]!]!);
    const less = isReleased(scene, names) ? null : doneLess(scene, callee, unit);
    if (less === null) continue;
    for (const visit of ending) excused[visit] = 1;
    accuse(scene, suspicions, departures, {
      callee,
      misled: ending,
      names,
      after: `has answered, which takes it less work than it did (${less})`,
      isOpen: true,
    });
  }
  return new Set(open.keys());
}

/** What was just released may read answers otherwise than it did, or ask for less. */
const isReleased = ({ input: { changes, alertAt } }: Scene, name: string): boolean =>
  changes.some(({ service, startedAt }) => service === name && startedAt <= alertAt);

interface Accused {
  readonly callee: number;
  readonly misled: readonly number[];
  readonly names: string;
  /** What the callee did before. */
  readonly after: string;
  /** It may as well have been asked for less. */
  readonly isOpen: boolean;
}

/** Lays what departs in visits of its callers at a callee's door. */
function accuse(
  scene: Scene,
  suspicions: Suspicions,
  departures: readonly Departure[],
  { callee, misled, names, after, isOpen }: Accused,
): void {
  const { visits, window } = scene.recent;
  const units = new Set(misled.map((visit) => visits.unit[visit]!));
  const told = strongestOf(departures.filter(({ unit, strength }) => units.has(unit) && strength >= convincing));
  const strength = Math.log1p(told.reduce((sum, one) => sum + one.strength, 0));
  const onset = Math.min(...told.map((one) => one.onset));
  const service = window.strings.text(callee);
  const row = visits.entryRow[misled[0]!]!;
  suspicions.add(service, 'origin', strength, [
    finding({
      kind: 'error',
      source: 'span',
      subject: 'wrong answers',
      text: `${names} ${isOpen ? 'departs' : 'depart'} from normal in ${misled.length} requests, each right after ${service} ${after}.`,
      at: onsetAt(scene, onset),
      traceId: row >= 0 ? window.spans.traceId(row) : null,
      strength,
      onset,
      ambiguous: isOpen,
      traces: [...new Set(misled.map((visit) => visits.trace[visit]!))],
    }),
  ]);
}

/** Visits of one unit that end right after the answer of a callee. */
interface Ending {
  readonly callee: number;
  readonly ending: readonly number[];
}

/** Whose visits end right after one callee's answer, as a rule, with steps left out or a warning, and with no error. */
function undecided(scene: Scene, own: readonly Own[], departures: readonly Departure[]): Map<number, Ending> {
  const { lexicon, recent } = scene;
  const found = new Map<number, Ending>();
  for (const [unit, list] of Map.groupBy(own, ({ visit }) => recent.visits.unit[visit]!)) {
    const told = departures.filter((one) => one.unit === unit && one.strength >= convincing);
    const marks = (signals: readonly string[]): Set<string> =>
      new Set(told.filter(({ signal }) => signals.includes(signal)).map(({ item }) => lexicon.parts(item)[0] ?? ''));
    const lost = marks(['gone', 'call']);
    const isCutShort = lost.has('S') || lost.has('C') || lost.has('P');
    const byCallee = Map.groupBy(list, ({ callee }) => callee);
    byCallee.delete(-1);
    const [most] = [...byCallee].sort(([, a], [, b]) => b.length - a.length);
    const warned = marks(['error']);
    if ((isCutShort || warned.has('W')) && !warned.has('E') && most !== undefined && most[1].length >= mostly * list.length)
      found.set(unit, { callee: most[0], ending: most[1].map(({ visit }) => visit) });
  }
  return found;
}

/** A shift to half the time, as convincing as a departure has to be; a cache that warms up is less. */
const muchQuicker = 0.5;

/** How much less work of its own a callee does since for what visits of a unit ask of it, in words; null: as much as ever. */
function doneLess(scene: Scene, callee: number, unit: number): string | null {
  const { visits, tree, window, delays } = scene.recent;
  const isAsked = (row: number): boolean => tree.parent[row]! >= 0 && visits.unit[visits.ofSpan[tree.parent[row]!]!] === unit;
  for (const [series, { rows, values, times }] of delays) {
    const [kind, service, operation] = scene.lexicon.parts(series);
    if (kind !== 'D' || service !== window.strings.text(callee)) continue;
    const isKept = (_: number, i: number): boolean => isAsked(rows[i]!);
    const shift = strongestShift(scene, series, { values: values.filter(isKept), times: times.filter(isKept) }, undefined, quicker);
    if (shift !== null && shift.strength >= muchQuicker)
      return `own time of "${operation}" went from ${shift.beforeMs.toFixed(1)} to ${shift.afterMs.toFixed(1)} ms`;
  }
  return null;
}

/** The strongest of each unit: the items of one fault are copies of each other. */
function strongestOf(departures: readonly Departure[]): Departure[] {
  const found = new Map<number, Departure>();
  for (const one of departures) if (one.strength > (found.get(one.unit)?.strength ?? 0)) found.set(one.unit, one);
  return [...found.values()];
}

/** Visits of the recent minutes that depart from normal and that nothing beneath explains. */
function ownDepartures(scene: Scene, departures: readonly Departure[], excused: Uint8Array): Own[] {
  const { visits, window } = scene.recent;
  // A line that is missing, and no more, was as likely left out by who writes it.
  const telling = departures.filter(({ signal, item }) => signal !== 'gone' || !/^[EWI]$/.test(scene.lexicon.parts(item)[0] ?? ''));
  const units = new Set(telling.filter(({ strength }) => strength >= convincing).map(({ unit }) => unit));
  const departing = departingVisits(scene, departures);
  const said = firstComplaints(scene, telling);
  const found: Own[] = [];
  for (let visit = departing.indexOf(1); visit >= 0; visit = departing.indexOf(1, visit + 1)) {
    const row = visits.entryRow[visit]!;
    if (excused[visit] === 1 || row < 0 || !units.has(visits.unit[visit]!)) continue;
    const { callee, at } = lastAnswer(scene.recent, row);
    // Who complained before had another reason.
    found.push({ visit, caller: window.spans.service[row]!, callee: (said.get(visit) ?? at) >= at - sameMs ? callee : -1 });
  }
  return found;
}

/** Clocks are told from each other to about so many ms. */
const sameMs = 5;

/** By visit: when it wrote the first of the lines that departures say it should not. */
function firstComplaints({ recent }: Scene, departures: readonly Departure[]): Map<number, number> {
  const { visits, window, tree } = recent;
  const gained = new Set(departures.filter(({ signal }) => signal === 'error').map(({ unit, item }) => `${unit} ${item}`));
  const items = new Set(departures.filter(({ signal }) => signal === 'error').map(({ item }) => item));
  const found = new Map<number, number>();
  for (let i = 0; i < visits.item.length; i++) {
    const visit = visits.itemVisit[i]!;
    if (!items.has(visits.item[i]!) || !gained.has(`${visits.unit[visit]} ${visits.item[i]}`)) continue;
    const row = visits.itemRow[i]!;
    // What is dated by the second says nothing of an order within it.
    if (window.logs.timeMs[row]! % 1_000 === 0) continue;
    const at = window.logs.timeMs[row]! + (tree.offsets.get(window.logs.service[row]!) ?? 0);
    found.set(visit, Math.min(at, found.get(visit) ?? at));
  }
  return found;
}

/** The first bucket in which units of these visits depart. */
function onsetOf(departures: readonly Departure[], list: readonly Own[], unitOf: Int32Array): number {
  const units = new Set(list.map(({ visit }) => unitOf[visit]!));
  return departures.reduce((first, { unit, onset }) => (units.has(unit) ? Math.min(first, onset) : first), Number.POSITIVE_INFINITY);
}

/** How many services have asked a callee more than once or twice since a bucket. */
function callersOf({ recent: { window, tree, bucketOfTrace } }: Scene, callee: number, onset: number): number {
  const { spans } = window;
  const counts = new Map<number, number>();
  for (let row = 0; row < spans.length; row++) {
    const parent = tree.parent[row]!;
    if (spans.service[row] !== callee || parent < 0 || spans.service[parent] === callee || bucketOfTrace[spans.trace[row]!]! < onset)
      continue;
    counts.set(spans.service[parent]!, (counts.get(spans.service[parent]!) ?? 0) + 1);
  }
  return [...counts.values()].filter((count) => count >= fewestTraces).length;
}
