/**
 * Where errors begin. In each trace an error span that has no error beneath it points at somebody: itself, the service
 * it could not reach, or the caller that asked for what it may not have. One trace has one vote, shared by those it names.
 */
import { peerKind, spanKind, spanStatus, type TelemetryWindow } from '../telemetry.ts';
import type { CallTree } from './call-tree.ts';
import { callerFault } from './failure-text.ts';
import { broughtNothing, refusalCodes } from './refusal-text.ts';

export interface Origin {
  readonly trace: number;
  /** Service number in the window's strings. */
  readonly service: number;
  readonly weight: number;
  /** The span that says so. */
  readonly row: number;
  readonly why: 'own' | 'unanswered' | 'late' | 'refused' | 'store';
}

export interface Origins {
  readonly votes: readonly Origin[];
  /** 1 for traces with an error span. */
  readonly failed: Uint8Array;
}

export function originsOf(window: TelemetryWindow, tree: CallTree): Origins {
  const { spans } = window;
  const failed = new Uint8Array(window.traces);
  const beneath = new Uint8Array(spans.length);
  let any = false;
  for (let row = 0; row < spans.length; row++) {
    if (spans.status[row] !== spanStatus.error) continue;
    any = true;
    failed[spans.trace[row]!] = 1;
    const p = tree.parent[row]!;
    if (p >= 0) beneath[p] = 1;
  }
  if (!any) return { votes: [], failed };
  const refusedTraces = tracesWithCallerFault(window, failed);
  const hosts: Hosts = { emitters: emittersIn(window), takers: takersIn(window, tree) };
  const raw: Origin[] = [];
  const pending: { row: number; peer: number }[] = [];
  for (let row = 0; row < spans.length; row++) {
    if (spans.status[row] !== spanStatus.error || beneath[row] === 1) continue;
    const origin = judge(window, tree, row, refusedTraces, hosts);
    if (origin.why === 'unanswered') pending.push({ row, peer: origin.service });
    else raw.push(origin);
  }
  raw.push(...followSilence(window, tree, pending));
  return { votes: shareOut(raw), failed };
}

/** Numbers of the services that sent spans or log lines, in order of their first. A Set is slow where a million go in. */
export function emittersIn({ spans, logs, strings }: TelemetryWindow): Set<number> {
  const emitters = new Set<number>();
  const isKnown = new Uint8Array(strings.size + 1);
  for (const services of [spans.service, logs.service])
    for (let row = 0; row < services.length; row++) {
      const service = services[row]!;
      if (isKnown[service + 1] === 1) continue;
      isKnown[service + 1] = 1;
      emitters.add(service);
    }
  return emitters;
}

function judge(
  window: TelemetryWindow,
  tree: CallTree,
  row: number,
  refusedTraces: ReadonlyMap<number, Set<number>>,
  hosts: Hosts,
): Origin {
  const { spans } = window;
  const trace = spans.trace[row]!;
  const service = spans.service[row]!;
  const vote = (to: number, why: Origin['why']): Origin => ({ trace, service: to, weight: 1, row, why });
  const code = spans.statusCode[row]!;
  const isRefused = (peer: number): boolean =>
    code > 0 ? refusalCodes.has(code) : refusedTraces.has(trace) && !refusedTraces.get(trace)!.has(peer);
  const callee = remoteChild(window, tree, row);
  if (callee >= 0) {
    // The far side did not fail by its own account: either it answered too late, or the caller disliked the answer.
    const late = spans.durationMs[callee]! > spans.durationMs[row]! * 1.02 + 1;
    if (late) return vote(spans.service[callee]!, 'late');
    return vote(service, isRefused(spans.service[callee]!) ? 'refused' : 'own');
  }
  if (spans.kind[row] === spanKind.client) {
    const peer = spans.peerKind[row] === peerKind.host ? serviceOnHost(window, spans.peer[row]!, hosts) : spans.peer[row]!;
    if (spans.peerKind[row] === peerKind.database || spans.peerKind[row] === peerKind.queue || peer < 0) return vote(service, 'store');
    if (isRefused(peer)) return vote(service, 'refused');
    if (!hosts.emitters.has(peer) && spans.peerKind[row] !== peerKind.service) return vote(service, 'store');
    return vote(peer, 'unanswered');
  }
  const caller = callerOf(tree, row);
  if (caller >= 0 && isRefused(service)) return vote(spans.service[caller]!, 'refused');
  return vote(service, 'own');
}

/** Who sent telemetry, and who took the calls to a host, by the number of its name. */
interface Hosts {
  readonly emitters: ReadonlySet<number>;
  readonly takers: ReadonlyMap<number, number>;
}

/** So many calls show who takes those to a host. */
const fewestTaken = 3;
/** Of all that were taken; calls through a proxy are taken by many. */
const nearlyAll = 0.9;

/** Who takes the calls to each host: whose spans stand beneath those that name it, where that is nearly always the same. */
function takersIn({ spans }: TelemetryWindow, { parent }: CallTree): Map<number, number> {
  const counts = new Map<number, Map<number, number>>();
  for (let row = 0; row < spans.length; row++) {
    const p = parent[row]!;
    if (p < 0 || spans.service[p] === spans.service[row] || spans.kind[p] !== spanKind.client) continue;
    if (spans.peerKind[p] !== peerKind.host || spans.peer[p]! < 0) continue;
    const of = counts.get(spans.peer[p]!) ?? new Map<number, number>();
    counts.set(spans.peer[p]!, of);
    of.set(spans.service[row]!, (of.get(spans.service[row]!) ?? 0) + 1);
  }
  const takers = new Map<number, number>();
  for (const [peer, of] of counts) {
    let [all, most, taker] = [0, 0, -1];
    for (const [service, n] of of) {
      all += n;
      if (n > most) [most, taker] = [n, service];
    }
    if (most >= fewestTaken && most >= nearlyAll * all) takers.set(peer, taker);
  }
  return takers;
}

/** Client spans name hosts, and inside a cluster a host is called as its service: `cart`, `cart.shop.svc`. Else the host itself. */
function serviceOnHost({ strings }: TelemetryWindow, peer: number, { emitters, takers }: Hosts): number {
  if (peer < 0) return peer;
  const taker = takers.get(peer);
  if (taker !== undefined) return taker;
  const host = strings.text(peer).replace(/^ext:/, '').replace(/:\d+$/, '');
  for (const name of [host, host.split('.', 1)[0]!]) {
    const service = strings.find(name);
    if (service >= 0 && emitters.has(service)) return service;
  }
  return peer;
}

function remoteChild(window: TelemetryWindow, tree: CallTree, row: number): number {
  const { spans } = window;
  for (let child = tree.firstChild[row]!; child >= 0; child = tree.nextSibling[child]!)
    if (spans.service[child] !== spans.service[row] && spans.kind[row] === spanKind.client) return child;
  return -1;
}

function callerOf(tree: CallTree, row: number): number {
  const top = tree.entry[row]!;
  return tree.parent[top]!;
}

/** Failed traces whose error lines speak of a refusal, with the services that wrote errors of their own besides: that somebody brought no token is none. */
function tracesWithCallerFault(window: TelemetryWindow, failed: Uint8Array): Map<number, Set<number>> {
  const { logs } = window;
  const refused = new Set<number>();
  const complained = new Map<number, Set<number>>();
  for (let row = 0; row < logs.length; row++) {
    const trace = logs.trace[row]!;
    if (trace < 0 || failed[trace] !== 1 || (logs.severity[row]! > 0 && logs.severity[row]! < 13)) continue;
    const head = logs.text(row).slice(0, 400);
    if (logs.severity[row]! >= 17 && !broughtNothing.test(head)) {
      const writers = complained.get(trace);
      if (writers) writers.add(logs.service[row]!);
      else complained.set(trace, new Set([logs.service[row]!]));
    }
    if (callerFault.test(head) || broughtNothing.test(head)) refused.add(trace);
  }
  return new Map([...refused].map((trace) => [trace, complained.get(trace) ?? new Set<number>()]));
}

/**
 * A call nobody answered may have got further than its callee: the service that showed up last in the trace is where it
 * stuck. Where enough of them show how far they got, the silent ones are taken to have mostly got as far.
 */
function followSilence(window: TelemetryWindow, tree: CallTree, pending: readonly { row: number; peer: number }[]): Origin[] {
  const { spans } = window;
  const reached = lastReached(window, tree, pending);
  const progress = new Map<number, Map<number, number>>();
  for (const [i, { peer }] of pending.entries()) {
    const to = reached[i]!;
    if (to < 0) continue;
    const seen = progress.get(peer) ?? new Map<number, number>();
    progress.set(peer, seen);
    seen.set(to, (seen.get(to) ?? 0) + 1);
  }
  const votes: Origin[] = [];
  for (const [i, { row, peer }] of pending.entries()) {
    const trace = spans.trace[row]!;
    const vote = (service: number, weight: number): void => void votes.push({ trace, service, weight, row, why: 'unanswered' });
    const seen = progress.get(peer);
    const total = seen ? [...seen.values()].reduce((sum, n) => sum + n, 0) : 0;
    if (reached[i]! >= 0) vote(reached[i]!, 1);
    else if (seen && total >= 3) {
      vote(peer, 0.4);
      for (const [service, n] of seen) vote(service, (0.6 * n) / total);
    } else vote(peer, 1);
  }
  return votes;
}

/**
 * For each unanswered call the service with the latest first sign of life in its trace, the callers aside; -1: none. What
 * hangs beneath another call for certain was not reached by this one: the caller coped and went on.
 */
function lastReached(window: TelemetryWindow, tree: CallTree, pending: readonly { row: number; peer: number }[]): number[] {
  const { spans, logs } = window;
  const wanted = new Map<number, Map<number, number>>();
  for (const { row } of pending) wanted.set(spans.trace[row]!, new Map());
  const placed = new Set<string>();
  const note = (trace: number, service: number, at: number): void => {
    const first = wanted.get(trace);
    if (first && at < (first.get(service) ?? Infinity)) first.set(service, at);
  };
  for (let row = 0; row < spans.length; row++) {
    if (!wanted.has(spans.trace[row]!)) continue;
    if (isPlaced(window, tree, row)) placed.add(`${spans.trace[row]} ${spans.service[row]}`);
    else note(spans.trace[row]!, spans.service[row]!, tree.startMs[row]!);
  }
  for (let row = 0; row < logs.length; row++) {
    const trace = logs.trace[row]!;
    if (trace < 0 || !wanted.has(trace) || placed.has(`${trace} ${logs.service[row]}`)) continue;
    note(trace, logs.service[row]!, logs.timeMs[row]! + (tree.offsets.get(logs.service[row]!) ?? 0));
  }
  return pending.map(({ row }) => {
    const above = new Set<number>();
    for (let at = row, steps = 0; at >= 0 && steps < 100; at = tree.parent[at]!, steps++) above.add(spans.service[at]!);
    let best = -1;
    let latest = tree.startMs[row]!;
    for (const [service, at] of wanted.get(spans.trace[row]!)!) if (!above.has(service) && at >= latest) [best, latest] = [service, at];
    return best;
  });
}

/** Whether the way from a span up to the root of its trace is known, not guessed. */
function isPlaced({ spans }: TelemetryWindow, { parent, adopted }: CallTree, row: number): boolean {
  for (let at = row, steps = 0; steps < 100; steps++) {
    if (parent[at]! < 0) return spans.parent[at] === -1;
    if (adopted[at] === 1) return false;
    at = parent[at]!;
  }
  return false;
}

function shareOut(raw: readonly Origin[]): Origin[] {
  const totals = new Map<number, number>();
  for (const { trace, weight } of raw) totals.set(trace, (totals.get(trace) ?? 0) + weight);
  return raw.map((origin) => ({ ...origin, weight: origin.weight / totals.get(origin.trace)! }));
}
