/** Departures from normal behaviour as suspicion: once what a visit's callees explain has been set aside. */
import { cannotRead } from '../baseline/failure-text.ts';
import { countVisits } from '../baseline/period.ts';
import { plainPeer } from '../service-map.ts';
import { partBehind } from './component.ts';
import { convincing, type Departure, departuresIn } from './departures.ts';
import { departingVisits } from './excuses.ts';
import { wrongValues } from './handed-on.ts';
import { hollowValue } from './hollow-values.ts';
import { visitsBlaming } from './misled.ts';
import { missedValues } from './missed-values.ts';
import { refusals } from './refusals.ts';
import { buckets, onsetAt, type Scene } from './scene.ts';
import { type Finding, finding, type Suspicions } from './suspicion.ts';

interface Considered {
  /** 1 for visits that are looked at no further. */
  readonly excused: Uint8Array;
  /** Units that may depart for what they were answered. */
  readonly undecided: ReadonlySet<number>;
}

/** `first` are the departures of all visits. */
export function judgePresence(scene: Scene, suspicions: Suspicions, first: readonly Departure[], { excused, undecided }: Considered): void {
  const { recent } = scene;
  const departures = excused.includes(1) ? departuresIn(scene, countVisits(recent.visits, recent.bucketOfTrace, buckets, excused)) : first;
  const missed = missedValues(scene, departures, () => {
    const otherwise = departingVisits(
      scene,
      first.filter((departure) => !isHollow(scene, departure)),
    );
    const takers = new Map([...wrongValues(scene, first).handedOn].filter(([visit]) => otherwise[visit] === 1));
    return { departing: departingVisits(scene, first), takers };
  });
  const byService = new Map<string, Departure[]>();
  for (const departure of departures) {
    // A value that nobody missed is an oddity of a line: a cache that is warm, a counter that starts anew.
    if (mayBeUnread(scene, departure) || (isHollow(scene, departure) && !missed.has(departure))) continue;
    const service = scene.lexicon.parts(departure.unit)[1] ?? '';
    const known = byService.get(service);
    if (known) known.push(departure);
    else byService.set(service, [departure]);
  }
  for (const [service, of] of byService) {
    of.sort((a, b) => b.strength - a.strength);
    // Whatever else is missing where something could not be read is so for it.
    const unread = new Set(of.filter((d) => d.strength >= convincing && isUnread(scene, service, d)).map(({ unit }) => unit));
    for (const signal of ['gone', 'error', 'call'] as const) {
      const list = of.filter((d) => (missed.has(d) ? 'gone' : d.signal) === signal);
      if (list[0])
        suspicions.add(
          service,
          signal,
          Math.log1p(together(list)),
          list.slice(0, 3).map((d) => ({
            ...describe(scene, service, d),
            ambiguous:
              (signal !== 'error' && isBlind(scene)) ||
              undecided.has(d.unit) ||
              unread.has(d.unit) ||
              isUnread(scene, service, d) ||
              isOpen(scene, d),
          })),
        );
    }
  }
}

/** Lines alone, without a past: what a service leaves off it may leave off for whatever it asked. */
const isBlind = ({ baseline, recent: { window } }: Scene): boolean => baseline.minutes === 0 && window.spans.length === 0;

/** A line that came up because something could not be read, by a service that others answer. */
const isUnread = ({ lexicon, known }: Scene, service: string, { signal, item }: Departure): boolean =>
  signal === 'error' && cannotRead.test(lexicon.parts(item)[1] ?? '') && known.calls(service).size > 0;

/** So many of the visits that depart do so for what somebody asked who sends no spans, or, as they say, for what one callee answered. */
const mostly = 0.5;

function isOpen(scene: Scene, d: Departure): boolean {
  const [{ unseen }, blaming] = [refusals(scene), visitsBlaming(scene)];
  if (unseen.size + blaming.size === 0) return false;
  const departing = visitsWith(scene, d, d.signal === 'error');
  return departing.filter((visit) => unseen.has(visit) || blaming.has(visit)).length > mostly * departing.length;
}

const isHollow = ({ lexicon }: Scene, { item }: Departure): boolean => lexicon.names.text(item)[0] === 'H';

/** A departure weaker than this is too often chance to add to another. */
const telling = 1;

/**
 * Strongest first. Of each entry the strongest alone counts: the items of one fault are copies of each other. Different
 * entries are different visits, so what they say adds up.
 */
function together(departures: readonly Departure[]): number {
  const units = new Set<number>();
  let sum = 0;
  for (const { unit, strength } of departures) {
    if (units.has(unit) || (units.size > 0 && strength < telling)) continue;
    units.add(unit);
    sum += strength;
  }
  return sum;
}

/** A line that is missing where not all lines could be read says nothing. */
function mayBeUnread({ input, lexicon }: Scene, { signal, item }: Departure): boolean {
  return signal === 'gone' && input.isLogComplete === false && /^[EWI]$/.test(lexicon.parts(item)[0] ?? '');
}

export const share = ([hits, n]: readonly [number, number]): string => `${Math.round(hits)} of ${Math.round(n)}`;

function describe(scene: Scene, service: string, d: Departure): Finding {
  const { lexicon } = scene;
  const [mark = '', what = '', operation = ''] = lexicon.parts(d.item);
  const entry = lexicon.parts(d.unit)[2] ?? '';
  const name =
    mark === 'C'
      ? `the call to ${what} ${operation}`
      : mark === 'S'
        ? `the step "${what}"`
        : mark === 'P'
          ? `the call to ${plainPeer(what)}`
          : `the line "${what.slice(0, 140)}"${mark === 'H' ? hollowly(scene, d) : ''}`;
  const where = `${entry === '' ? 'visits' : `visits to ${entry}`}${mark === 'H' ? ' that write it' : ''}`;
  const text =
    d.signal === 'error'
      ? `${service} writes ${name} in ${share(d.after)} ${where}, before in ${share(d.before)}.`
      : `${service} lacks ${name}: it is in ${share(d.after)} ${where}, before in ${share(d.before)}.`;
  const traces = tracesWith(scene, d, d.signal === 'error');
  return finding({
    kind: 'error',
    source: mark === 'E' || mark === 'W' || mark === 'I' || mark === 'H' ? 'log' : 'span',
    subject: `${d.signal} ${lexicon.names.text(d.unit)} ${lexicon.names.text(d.item)}`,
    text,
    at: onsetAt(scene, d.onset),
    traceId: traces.length > 0 ? traceIdOf(scene, traces[0]!) : null,
    component: partBehind(scene, d.unit, d.item),
    strength: Math.log1p(d.strength),
    onset: d.onset,
    traces,
  });
}

const longestName = 60;

/** What stands there instead in the latest such line: ` with -1 for "rate"`. */
function hollowly(scene: Scene, { unit, item }: Departure): string {
  const { visits } = scene.recent;
  const at = visits.item.findLastIndex((one, i) => one === item && visits.unit[visits.itemVisit[i]!] === unit);
  const value = at < 0 ? null : hollowValue(scene, item, visits.itemRow[at]!);
  if (value === null) return ' with 0, a negative number or nothing for a value';
  return ` with ${value.words} for ${value.name === null ? 'a value' : `"${value.name.slice(0, longestName)}"`}`;
}

/** 1 for visits that have the item. */
export function visitsHaving({ recent: { visits } }: Scene, item: number): Uint8Array {
  const has = new Uint8Array(visits.count);
  for (let i = 0; i < visits.item.length; i++) if (visits.item[i] === item) has[visits.itemVisit[i]!] = 1;
  return has;
}

/** Traces since the onset in which a visit of the unit has (or lacks) the item. */
export function tracesWith(scene: Scene, d: Departure, having: boolean): number[] {
  const { visits } = scene.recent;
  return visitsWith(scene, d, having).map((visit) => visits.trace[visit]!);
}

function visitsWith(scene: Scene, d: Departure, having: boolean): number[] {
  const { visits, bucketOfTrace } = scene.recent;
  const has = visitsHaving(scene, d.item);
  const found: number[] = [];
  for (let visit = 0; visit < visits.count; visit++)
    if (visits.unit[visit] === d.unit && bucketOfTrace[visits.trace[visit]!]! >= d.onset && (has[visit] === 1) === having)
      found.push(visit);
  return found;
}

function traceIdOf({ recent }: Scene, trace: number): string | null {
  const row = recent.tree.firstOfTrace[trace] ?? -1;
  return row >= 0 ? recent.window.spans.traceId(row) : null;
}
