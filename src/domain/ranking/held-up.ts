/**
 * Who cannot be reached because it could not reach another: it waits for a database before it takes calls, or gives up and
 * starts again. What is said of it is then to be said of that other.
 *
 *   edge ─ refused ─ accounts ─ refused ─ ledger        accounts is held up by ledger
 */
import type { Scene } from './scene.ts';
import { forGood } from './shut-in.ts';
import { sayingConnected } from './told-places.ts';

/** What belongs to the failure itself is said within so long of it. */
export const stillMs = 3000;

/** What a service says of another that it could not reach, and who says it. */
interface Said {
  readonly service: string;
  readonly signal: string;
  /** 1 where it fails to the end. */
  readonly healing: number;
  readonly group: { readonly reporter: number; readonly lines: readonly { readonly at: number }[] };
}

/**
 * Of the complaints those by services that are complained of themselves, for good like them; have said nothing since but what they had said
 * before; and complain of one that has come no further either, and that nobody else got through to since. One that starts up, waits
 * for a moment for another that starts up too and goes on is not held up, though it is quiet because nobody calls it.
 */
export function heldUp<One extends Said>(scene: Scene, complaints: readonly One[]): One[] {
  const lasting = complaints.filter(({ signal, healing }) => signal === 'unreachable' && healing >= forGood);
  const { strings } = scene.recent.window;
  const down = new Set(lasting.map(({ service }) => strings.find(service)));
  return lasting.filter(({ service, group: { reporter, lines } }) => {
    const still = lines.at(-1)!.at + stillMs;
    const areStuck = [reporter, strings.find(service)].every((one) => hasComeNoFurther(scene, one, still));
    return down.has(reporter) && areStuck && othersWhoReach(scene, service, reporter, lines[0]!.at) === 0;
  });
}

/**
 * Whether a service has said nothing since but what it had said before: its last start is not past where it failed, and that
 * it is quiet now, before the next one, does not mean that the failure has healed.
 */
export function hasComeNoFurther({ recent: { window, tree } }: Scene, reporter: number, since: number): boolean {
  const { logs } = window;
  const offset = tree.offsets.get(reporter) ?? 0;
  const before = new Set<number>();
  const after = new Set<number>();
  for (let row = 0; row < logs.length; row++)
    if (logs.service[row] === reporter) (logs.timeMs[row]! + offset <= since ? before : after).add(logs.template[row]!);
  return [...after].every((template) => before.has(template));
}

/** Calls that others had answered, of each. */
const fewestAnswers = 3;

/** How many others have had answers of a service since, failed to reach it before and have got further, or have said since that they are connected to it. */
export function othersWhoReach(scene: Scene, service: string, reporter: number, since: number): number {
  const { known, recent } = scene;
  const { spans, strings } = recent.window;
  const target = strings.find(service);
  const answers = new Map<number, number>();
  for (let row = 0; row < spans.length; row++) {
    const parent = recent.tree.parent[row]!;
    if (spans.service[row] !== target || parent < 0 || spans.service[parent] === target || recent.tree.startMs[row]! < since) continue;
    answers.set(spans.service[parent]!, (answers.get(spans.service[parent]!) ?? 0) + 1);
  }
  const reaching = new Set([...answers].filter(([, n]) => n >= fewestAnswers).map(([caller]) => caller));
  const before = recent.failing.filter(({ host, port }) => host !== '' && known.resolve(host, port)?.service === service);
  for (const [other, lines] of Map.groupBy(before, (line) => line.reporter)) {
    const last = Math.max(...lines.map(({ at }) => at));
    if (last < since && !hasComeNoFurther(scene, other, last)) reaching.add(other);
  }
  const failing = new Set(before.filter(({ at }) => at >= since).map((line) => line.reporter));
  for (const other of sayingConnected(scene, service, since)) if (!failing.has(other)) reaching.add(other);
  reaching.delete(reporter);
  reaching.delete(target);
  return reaching.size;
}
