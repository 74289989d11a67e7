/**
 * Stores and brokers that cannot do their work by the words they have for it. Their clients quote these words, so one client is
 * enough, whatever it was released with and however well others fare that only read:
 *
 *   orders ── "READONLY You can't write against a read only replica" ── db:baskets       baskets, not orders
 *
 * Many a store sends no spans and names itself in none, but writes lines. Who writes such words and has no requests of its own is
 * the store that says them; whoever quotes them while no call of his says whose they are has them from it, where there is one only.
 */
import { isStoresOwn, quotesUnfitStore, tellsOfUnfitStore } from '../baseline/store-text.ts';
import { peerKind, spanStatus } from '../telemetry.ts';
import { lately, onsetAt, type Scene } from './scene.ts';
import { finding, type Suspicions } from './suspicion.ts';

/** What one service says of itself. */
interface Account {
  readonly service: number;
  readonly lines: number;
  /** Its first such line. */
  readonly row: number;
  /** When it said so last. */
  readonly lastAt: number;
}

interface Unfit {
  readonly accounts: readonly Account[];
  /** Failed calls that quote a store, by row. */
  readonly calls: ReadonlySet<number>;
  /** Visits with a line that quotes one. */
  readonly visits: ReadonlySet<number>;
  /** Enough of these to the end. */
  readonly isQuoted: boolean;
}

/** OTLP's number of a warning; 0 is a line without a grade, as those of many stores are. */
const warning = 13;
/** The grade that a line without one gives itself, as scripts do that start a container. */
const harmless = /^[^\n]{0,80}(?<!error )\b(?:info|notice|debug): /i;
/** Fewer quotes than this, up to the end, are what a store says as it starts; so are fewer lines of its own, before the end alone. */
const fewest = 3;
const endShare = 0.4;
const memo = new WeakMap<Scene, Unfit>();

/** Who says it of itself, and who quotes it, within the recent minutes. */
export function unfitStores(scene: Scene): Unfit {
  const known = memo.get(scene) ?? unfitIn(scene);
  memo.set(scene, known);
  return known;
}

function unfitIn(scene: Scene): Unfit {
  const { window, visits, bucketOfTrace } = scene.recent;
  const { spans, logs, strings } = window;
  const calls = new Set<number>();
  const isTelling = new Map<number, boolean>();
  for (let row = 0; row < spans.length; row++) {
    const problem = spans.problem[row]!;
    if (spans.status[row] !== spanStatus.error || problem < 0 || bucketOfTrace[spans.trace[row]!]! < 0) continue;
    const tells = isTelling.get(problem) ?? tellsOfUnfitStore(strings.text(problem));
    isTelling.set(problem, tells);
    if (tells) calls.add(row);
  }
  // Asked for only where somebody says such words: it takes a look at every span.
  let requests: ReadonlySet<number> | null = null;
  const found = new Set<number>();
  const accounts = new Map<number, Account>();
  const quotes = new Map<number, number[]>();
  for (let row = 0; row < logs.length; row++) {
    const grade = logs.severity[row]!;
    const at = logs.timeMs[row]!;
    if (
      (grade === 0 && harmless.test(logs.text(row))) ||
      (grade > 0 && grade < warning) ||
      at < scene.firstAt ||
      at > scene.input.alertAt ||
      !tellsOfUnfitStore(logs.text(row))
    )
      continue;
    const visit = visits.ofLog[row]!;
    if (visit >= 0) found.add(visit);
    const service = logs.service[row]!;
    requests ??= servingIn(scene);
    if (requests.has(service) && !isStoresOwn(logs.text(row))) continue;
    if (quotesUnfitStore(logs.text(row))) quotes.set(service, [...(quotes.get(service) ?? []), at]);
    const account = accounts.get(service);
    accounts.set(service, { service, lines: (account?.lines ?? 0) + 1, row: account?.row ?? row, lastAt: at });
  }
  const quoting = new Set([...[...calls].map((row) => visits.ofSpan[row]!), ...found]);
  const late = [...quoting].filter((visit) => visit >= 0 && bucketOfTrace[visits.trace[visit]!]! >= lately);
  const endAt = scene.lastAt - endShare * (scene.lastAt - scene.firstAt);
  const lasting = [...accounts.values()].filter(({ lines, lastAt }) => lines >= fewest || lastAt >= endAt);
  // Who says nothing but what a store answers has it from the one that says it in words of its own.
  const own = lasting.filter(({ service, lines }) => (quotes.get(service)?.length ?? 0) < lines);
  const quoted =
    own.length === 0 ? [] : [...quotes].flatMap(([service, times]) => (own.some((one) => one.service === service) ? [] : times));
  const lateQuotes = late.length + quoted.filter((at) => at >= endAt).length;
  return { accounts: own.length === 0 ? lasting : own, calls, visits: found, isQuoted: lateQuotes >= fewest };
}

/** Services that serve requests: those with spans, or with lines that belong to one. */
function servingIn({ recent: { window, visits } }: Scene): Set<number> {
  const serving = new Set<number>(window.spans.service);
  for (let row = 0; row < window.logs.length; row++) if (visits.ofLog[row]! >= 0) serving.add(window.logs.service[row]!);
  return serving;
}

/** The one store that says so of itself while others quote it, by name; null where none or several do. */
function onlyUnfit(scene: Scene): string | null {
  const { accounts, isQuoted } = unfitStores(scene);
  return accounts.length === 1 && isQuoted ? scene.recent.window.strings.text(accounts[0]!.service) : null;
}

/** Whether a service says of itself that it cannot do its work. */
export const saysUnfit = (scene: Scene, service: string): boolean =>
  unfitStores(scene).accounts.some((account) => scene.recent.window.strings.text(account.service) === service);

/** What it says of itself counts for less than "nothing is wrong" has as long as nobody else is seen to suffer it, and for more then. */
const alone = 1;
const quoted = 3;

export function judgeUnfitStores(scene: Scene, suspicions: Suspicions): void {
  const { accounts } = unfitStores(scene);
  const only = onlyUnfit(scene);
  const { window } = scene.recent;
  for (const { service, lines, row } of accounts) {
    const name = window.strings.text(service);
    const isSuffered = name === only || suspicions.value(name, 'unreachable') > 0;
    const value = isSuffered ? quoted : alone;
    const text = `${name} says that it cannot do its work (${lines} lines): ${window.logs.text(row).trim().slice(0, 160)}.`;
    const at = Math.max(window.logs.timeMs[row]!, onsetAt(scene, 0));
    suspicions.add(name, 'condition', value, [finding({ kind: 'saturation', source: 'log', subject: 'unfit', text, at, strength: value })]);
  }
}

/**
 * Queues by the broker that cannot take what is put into them, where it says so itself: spans give the queue's name and not the
 * broker's. By the peer that spans name, by number in the window's strings.
 */
export function unfitBrokers(scene: Scene): Map<number, { name: string; clients: Set<number> }> {
  const found = new Map<number, { name: string; clients: Set<number> }>();
  const name = onlyUnfit(scene);
  if (name === null) return found;
  const { spans } = scene.recent.window;
  for (const row of unfitStores(scene).calls) {
    if (spans.peerKind[row] !== peerKind.queue || spans.peer[row]! < 0) continue;
    const broker = found.get(spans.peer[row]!) ?? { name, clients: new Set<number>() };
    broker.clients.add(spans.service[row]!);
    found.set(spans.peer[row]!, broker);
  }
  return found;
}

/** Visits that quote the one store that says so itself. Its clients are known from then on to call it. */
export function visitsOfUnfit(scene: Scene): ReadonlySet<number> {
  const name = onlyUnfit(scene);
  if (name === null) return new Set();
  const { visits, window } = scene.recent;
  const { visits: quoting } = unfitStores(scene);
  for (const visit of quoting) scene.known.addEdge(window.strings.text(visits.service[visit]!), name);
  return quoting;
}
