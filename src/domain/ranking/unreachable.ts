/**
 * Names in failure text: who could not be reached, as those who tried say it. What counts is what still fails at the end
 * per line the reporter still writes; failures at start-up that healed are noise. A name nobody knows, or a port that
 * does not belong to its host, speaks against the configuration of the one that used it.
 */
import type { Failing, Period } from '../baseline/period.ts';
import { isResolverSilent, type Manner } from '../baseline/failure-text.ts';
import { isCutOff } from './cut-off.ts';
import type { Starts } from './restarts.ts';
import { type Activity, activityOf, healingOf, lastlyFrom, stillFailing } from './still-failing.ts';
import { askedPlaces, type Blame, placeToBlame } from './failed-place.ts';
import type { Scene } from './scene.ts';
import { type Complaint, forGood, shutIn } from './shut-in.ts';
import { hasComeNoFurther, heldUp, othersWhoReach, stillMs } from './held-up.ts';
import type { Suspicions } from './suspicion.ts';
import { sayingConnected } from './told-places.ts';
import { saysUnfit } from './unfit-stores.ts';
import { isOwnStore } from './own-store.ts';
import { describeFailures, describeShutIn, type Group } from './unreachable-words.ts';

/** So many who say that they are connected are not all mistaken. */
const agreeing = 2;

/** Answers who is shut in, by number in the window's strings. */
export function judgeUnreachable(scene: Scene, suspicions: Suspicions, { late, again }: Starts): ReadonlySet<number> {
  const told = stillStarting(scene, complaintsOf(scene, late), again);
  for (const service of late) if (hasComeLateOnly(service, told)) suspicions.weaken(service, 'restart', lateOnly);
  const isWell = (service: string): boolean => {
    const since = Math.min(...told.filter((one) => one.service === service).map(({ group }) => group.lines[0]!.at));
    // Stores say little; who has connected since knows that they are there.
    const isAtWork =
      isAlive(scene.recent, scene.recent.window.strings.find(service), since) || sayingConnected(scene, service, since).size >= agreeing;
    return !late.has(service) && isAtWork;
  };
  const reachedBy = (service: string, reporter: number, since: number): number => othersWhoReach(scene, service, reporter, since);
  const shut = shutIn(scene.recent, asComplaints(scene, told), {
    isWell,
    isUp: (service) => scene.known.emitting.has(service) && !late.has(service) && !again.has(service),
    reachedBy,
    hasAddress: (service) => scene.known.hasAddress(service),
  });
  for (const reporter of shut) {
    const mine = told.filter((one) => one.group.reporter === reporter && one.signal === 'unreachable');
    const lasting = mine.filter(({ healing }) => healing >= forGood);
    const list = lasting.length > 0 ? lasting : mine;
    const ordinary = Math.max(...list.map((one) => chanceOfOrdinary(scene, one.service, [one])));
    const value = weightOf(list);
    suspicions.add(scene.recent.window.strings.text(reporter), 'misconfigured', value, [
      { ...describeShutIn(scene, list, value), ordinary },
    ]);
  }
  const { strings } = scene.recent.window;
  // Whom a service that is cut off does not reach is not to blame: that it reaches nobody is said where its failed requests are judged.
  const isItsOwn = ({ group: { reporter }, service }: Told): boolean =>
    shut.has(reporter) || isCutOff(scene, reporter, strings.find(service));
  const rest = told.filter((one) => one.signal !== 'unreachable' || !isItsOwn(one));
  const nameOf = (one: Told): string => scene.recent.window.strings.text(one.group.reporter);
  const held = heldUp(scene, rest);
  for (const one of held) suspicions.of(nameOf(one)).lacks.add(one.service);
  for (const list of Map.groupBy(rest, ({ signal, service }) => `${signal} ${service}`).values()) {
    const { service, signal, group } = list[0]!;
    // What is said of those it holds up is said of it.
    const below = held.filter((one) => one.signal === signal && one.service === service).map(nameOf);
    const value = weightOf([...list, ...rest.filter((one) => one.signal === 'unreachable' && below.includes(one.service))]);
    const ordinary = signal === 'unreachable' ? chanceOfOrdinary(scene, service, list) : 0;
    const reporter = scene.recent.window.strings.text(group.reporter);
    list.sort((a, b) => b.count - a.count);
    suspicions.add(
      isOwnStore(scene, service, reporter) ? reporter : service,
      signal,
      value,
      list.slice(0, 3).map(({ group }) => ({ ...describeFailures(scene, service, signal, group, value), ordinary })),
    );
  }
  return shut;
}

/** What one service says of one place, and whom it speaks against. */
interface Told extends Blame {
  readonly group: Group;
  readonly count: number;
  readonly healing: number;
}

/** Names that could not be looked up fail as one, whoever's they are: that one of them was asked for no more is no healing. */
function asComplaints(scene: Scene, told: readonly Told[]): Complaint[] {
  const { logs } = scene.recent.window;
  const isBlind = ({ lines }: Group): boolean => lines.every(({ row }) => isResolverSilent(logs.text(row)));
  const blind = Map.groupBy(
    told.filter(({ group }) => isBlind(group)),
    ({ group }) => group.reporter,
  );
  const lastingOf = new Map(
    [...blind].map(([reporter, list]) => {
      const lines = list.flatMap(({ group }) => group.lines).sort((a, b) => a.at - b.at);
      return [reporter, healingOf(scene, lines, activityOf(scene, reporter))];
    }),
  );
  return told.map((one): Complaint => {
    const { group, service, signal, healing } = one;
    const isBlind = blind.get(group.reporter)?.includes(one) === true;
    const lasting = isBlind ? Math.max(healing, lastingOf.get(group.reporter)!) : healing;
    return {
      reporter: group.reporter,
      service,
      isUnreachable: signal === 'unreachable',
      lasting,
      since: group.lines[0]!.at,
      lines: group.lines.length,
      isBlind,
      isUnresolved: group.lines.every(({ manner, relayed }) => manner === 'unresolved' && !relayed),
    };
  });
}

/** What those say who have started again since, and got no further, lasts. */
function stillStarting(scene: Scene, told: readonly Told[], again: Starts['again']): Told[] {
  return told.map((one) => {
    const { reporter, lines } = one.group;
    const beganAt = again.get(scene.recent.window.strings.text(reporter)) ?? 0;
    const isStarting = beganAt > lines[0]!.at && hasComeNoFurther(scene, reporter, lines.at(-1)!.at + stillMs);
    return isStarting ? { ...one, healing: 1 } : one;
  });
}

/** A place nobody knows that so many ask for is nobody's mistake: something beside the services, as a collector of telemetry. */
const shared = 3;

function complaintsOf(scene: Scene, late: ReadonlySet<string>): Told[] {
  const { recent, known } = scene;
  const all = groups(recent.failing);
  const reporters = Map.groupBy(all, ({ place }) => place);
  const asked = askedPlaces(scene);
  const activities = new Map<number, Activity>();
  const heard = all.flatMap((group): Heard[] => {
    const reporter = recent.window.strings.text(group.reporter);
    const judged = placeToBlame(scene, reporter, group.lines[0]!, asked);
    const { host, manner } = group.lines[0]!;
    const isShared = host !== '' && manner !== 'denied' && reporters.get(group.place)!.length >= shared;
    if (!judged || (judged.signal === 'misconfigured' && isShared)) return [];
    const activity = activities.get(group.reporter) ?? activityOf(scene, group.reporter);
    activities.set(group.reporter, activity);
    const count = stillFailing(scene, group, activity);
    if (count > 0 && judged.signal === 'unreachable') known.addEdge(reporter, judged.service);
    return [{ ...judged, count, healing: healingOf(scene, group.lines, activity), group, activity }];
  });
  const told = heard.filter(({ count }) => count > 0);
  return told.map((one) => {
    const healing = lastingOf(one, { heard, told, late }) * failureShare(scene, one.group, one.service, one.activity);
    return { ...one, healing };
  });
}

/** What one service says of one place, as far as it tells by itself whether it has healed. */
type Heard = Told & { readonly activity: Activity };

interface AllHeard {
  readonly heard: readonly Heard[];
  /** Of these what was said lately as well. */
  readonly told: readonly Heard[];
  readonly late: ReadonlySet<string>;
}

/** What started again may fail again: that it works just now is little comfort where nobody else fails. */
const startedAgain = 0.7;

/**
 * Whether it still fails, from others as well where its own reporter cannot tell: lines that all bear one instant have no order. What has
 * healed while another fails to the end is not what the alert is about.
 */
function lastingOf({ service, signal, healing, activity, group: { place } }: Heard, { heard, told, late }: AllHeard): number {
  const isOfSame = (one: Heard): boolean =>
    one.group.place === place || (signal === 'unreachable' && one.signal === signal && one.service === service);
  const others = heard.filter((one) => isOfSame(one) && !one.activity.flat);
  const healed = activity.flat && others.length > 0 ? Math.max(...others.map((one) => one.healing)) : healing;
  const doOthersLast = told.some((one) => one.service !== service && one.healing >= forGood && !one.activity.flat);
  return late.has(service) && !doOthersLast ? Math.max(startedAgain, healed) : healed;
}

/** What is left of having come late. */
const lateOnly = 0.3;

/** It is reached since it came, and another is not reached to the end. */
function hasComeLateOnly(service: string, told: readonly Told[]): boolean {
  const of = told.filter((one) => one.service === service && one.signal === 'unreachable');
  return of.length > 0 && of.every(({ healing }) => healing < forGood) && told.some((one) => !of.includes(one) && one.healing >= forGood);
}

function weightOf(list: readonly Told[]): number {
  const count = list.reduce((sum, { count, weight }) => sum + count * weight, 0);
  return (
    (Math.log1p(count) * list.reduce((sum, { count, healing }) => sum + count * healing, 0)) /
    list.reduce((sum, { count }) => sum + count, 0)
  );
}

/** What speaks against the one who says it, whatever else he says of the place. */
const ownMatters: ReadonlySet<Manner> = new Set(['unset', 'unmigrated', 'denied', 'crossed', 'misdirected']);

function groups(failing: readonly Failing[]): Group[] {
  const found = new Map<string, Group>();
  for (const line of failing) {
    const place = `${line.host}:${line.port ?? ''}`;
    const own = ownMatters.has(line.manner) ? line.manner : '';
    const key = `${line.reporter} ${place} ${own}`;
    const group = found.get(key);
    if (group) group.lines.push(line);
    else found.set(key, { reporter: line.reporter, place, lines: [line] });
  }
  return [...found.values()];
}

/**
 * Share of the reporter's calls to the target that failed, where traces show the ones that did not: a service that
 * answers most calls is not down, whatever a registry or a pool says of it now and then.
 */
function failureShare(scene: Scene, group: Group, service: string, activity: Activity): number {
  const { recent } = scene;
  const { lines, reporter } = group;
  const { spans, strings } = recent.window;
  const target = strings.find(service);
  const from = lastlyFrom(scene, group, activity);
  const answered = new Set<number>();
  for (let row = 0; row < spans.length; row++) {
    if (spans.service[row] !== target || recent.tree.startMs[row]! < from) continue;
    const parent = recent.tree.parent[row]!;
    if (parent >= 0 && spans.service[parent] === reporter) answered.add(spans.trace[row]!);
  }
  // A registry that lists no instance of a service which works at that very time is half believed: its cache is as likely at fault.
  const late = lines.filter(({ at }) => at >= from);
  const doubt = late.every(({ manner }) => manner === 'unavailable') && isAlive(recent, target, from) ? 0.5 : 1;
  const failed = late.filter(({ row }) => !answered.has(recent.window.logs.trace[row]!)).length;
  return doubt * (answered.size === 0 ? 1 : failed / (failed + answered.size));
}

/** Of a kind that n tries did not show, up to three in n may be so all the same (rule of three, 95 %). */
const ruleOfThree = 3;

/**
 * The chance, at most, that failures to reach a service which works all the while are ordinary: a registry or a pool that
 * forgets it for a moment. They come in one go, so the past is as many tries as it holds stretches of so many calls, or
 * minutes where it holds fewer of these. A service that shows no life is another matter.
 */
function chanceOfOrdinary(scene: Scene, service: string, of: readonly { readonly group: Group }[]): number {
  const { baseline, recent, normal, lexicon } = scene;
  // A store that says itself that it cannot do its work is alive, and no ordinary case.
  if (baseline.minutes === 0 || saysUnfit(scene, service)) return 0;
  const target = recent.window.strings.find(service);
  const from = Math.min(...of.map(({ group }) => lastlyFrom(scene, group, activityOf(scene, group.reporter))));
  if (!isAlive(recent, target, from)) return 0;
  const reporters = new Set(of.map(({ group }) => recent.window.strings.text(group.reporter)));
  let calls = 0;
  for (const [series, { total }] of normal.delays) {
    const [kind, caller = '', callee] = lexicon.parts(series);
    if (kind === 'G' && callee === service && reporters.has(caller)) calls += total;
  }
  const failed = of.reduce((sum, { group }) => sum + group.lines.length, 0);
  const tries = calls > 0 ? Math.min(baseline.minutes, calls / failed) : baseline.minutes;
  return Math.min(1, ruleOfThree / tries);
}

function isAlive({ window, tree }: Period, service: number, from: number): boolean {
  if (service < 0) return false;
  for (let row = window.logs.length - 1; row >= 0 && window.logs.timeMs[row]! >= from; row--)
    if (window.logs.service[row] === service) return true;
  return window.spans.service.some((of, row) => of === service && tree.startMs[row]! >= from);
}
