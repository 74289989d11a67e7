/**
 * Who cannot read what it was sent, or answered, while the other side has just started anew or was released, and it has not itself: the
 * two no longer agree on how it is written, and the one that changed is the other one.
 *
 *   intake (started a minute ago) ─ message ─ claims: "cannot deserialize"        intake writes another way than it did
 *   claims ─ asks prices (started a minute ago) ─ fails: "unexpected wire type"   prices answers another way than it did
 *   claims ─ asks prices ─ fails: "unexpected end of input"                       prices, or what lies before it, sends half an answer
 *
 * Of an answer that ends too early whoever gave it needs not have changed: seldom does a way of reading bring that about.
 */
import { cannotRead, cutShort } from '../baseline/failure-text.ts';
import { lastAnswer } from './misled.ts';
import { startedWithin } from './restarts.ts';
import type { Scene } from './scene.ts';

export interface OtherSide {
  /** Who wrote what could not be read; a number of the window's strings. */
  readonly service: number;
  /** It answered; else it asked, or sent the message. */
  readonly isCallee: boolean;
  /** What it wrote ended too early. */
  readonly isCut: boolean;
}

/** Visits that failed by themselves on what they could not read. */
type Unreadable = ReadonlyMap<number, OtherSide>;

const fewest = 3;
/** Whoever fails as often for other reasons has a reason of its own. */
const mostly = 0.5;
/** A new version is met as soon as it serves, or when the first of such requests comes. */
const soonMs = 5 * 60_000;
const slackMs = 5_000;

const memo = new WeakMap<Scene, Unreadable>();

export function unreadable(scene: Scene): Unreadable {
  const known = memo.get(scene);
  if (known) return known;
  const { origins, bucketOfTrace, window, visits, tree } = scene.recent;
  const found = new Map<number, OtherSide>();
  const own = origins.votes.filter(
    ({ why, row, service, trace }) => why === 'own' && bucketOfTrace[trace]! >= 0 && window.spans.service[row] === service,
  );
  const saying = own.length < fewest ? new Map<number, boolean>() : sayingSo(scene);
  const unread = own.flatMap((vote) => {
    const isCut = saying.get(visits.ofSpan[vote.row]!);
    const other = isCut === undefined ? null : otherSide(scene, vote.row);
    return other === null ? [] : [{ ...vote, other: { ...other, isCut: isCut === true } }];
  });
  for (const list of Map.groupBy(unread, ({ service, other }) => `${service} ${other.service} ${other.isCallee}`).values()) {
    const [{ service, other: first }] = list as [(typeof unread)[number]];
    // Who asks may have been hung up on by whoever asked it: only an answer is its writer's alone.
    const isCut = first.isCallee && list.filter(({ other }) => other.isCut).length > mostly * list.length;
    const other = { ...first, isCut };
    if (list.length < fewest || list.length < mostly * own.filter((one) => one.service === service).length) continue;
    const since = Math.min(...list.map(({ row }) => tree.startMs[row]!));
    const hasChanged = (one: number): boolean => changedWithin(scene, one, since - soonMs, since + slackMs);
    if (!(other.isCut || hasChanged(other.service)) || hasChanged(service)) continue;
    for (const { row } of list) found.set(visits.ofSpan[row]!, other);
  }
  memo.set(scene, found);
  return found;
}

/** ERROR in OTLP's numbers. */
const error = 17;
/** A message stands at the front of its line. */
const headLength = 400;

/** Visits that say it, and whether what they could not read ended too early. */
function sayingSo({ recent: { visits, window, origins } }: Scene): Map<number, boolean> {
  const { logs, spans, strings } = window;
  const found = new Map<number, boolean>();
  const note = (visit: number, text: string): void => {
    const isCut = cutShort.test(text);
    if (isCut || cannotRead.test(text)) found.set(visit, isCut || found.get(visit) === true);
  };
  for (let row = 0; row < logs.length; row++)
    if (visits.ofLog[row]! >= 0 && logs.severity[row]! >= error) note(visits.ofLog[row]!, logs.text(row).slice(0, headLength));
  for (const { row } of origins.votes) if (spans.problem[row]! >= 0) note(visits.ofSpan[row]!, strings.text(spans.problem[row]!));
  return found;
}

/** Whose answer came last, else who asked. */
function otherSide({ recent }: Scene, row: number): Omit<OtherSide, 'isCut'> | null {
  const { callee } = lastAnswer(recent, row);
  if (callee >= 0) return { service: callee, isCallee: true };
  const above = recent.tree.parent[recent.tree.entry[row]!]!;
  return above < 0 ? null : { service: recent.window.spans.service[above]!, isCallee: false };
}

/** Whether a service was started anew or released then. */
export function changedWithin(scene: Scene, service: number, from: number, to: number): boolean {
  const name = scene.recent.window.strings.text(service);
  const isReleased = scene.input.changes.some((change) => change.service === name && change.startedAt >= from && change.startedAt <= to);
  return isReleased || startedWithin(scene, service, from, to);
}
