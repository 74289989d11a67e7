/**
 * Whom a line about a failed call speaks against: the place that was called, or whoever was given a wrong place or account.
 * A place that nobody knows is no proof against its user by itself: hosts elsewhere are not ours to judge.
 */
import { lacksService, takesTelemetry } from '../baseline/failure-text.ts';
import type { Failing } from '../baseline/period.ts';
import type { Scene } from './scene.ts';
import type { SignalName } from './suspicion.ts';
import { isToldByOthers, onlyOneDoubled, onlyOneGiven } from './told-places.ts';

export interface Blame {
  readonly service: string;
  readonly signal: SignalName;
  readonly weight: number;
}

/** Whether it is the port of another that has an address of its own: whoever dials itself there was not told whom to dial. */
const isElsewhere = ({ known }: Scene, owner: string | null, reporter: string): boolean =>
  owner !== null && owner !== reporter && known.hasAddress(owner);
export const isLoopback = (host: string): boolean => host === 'localhost' || host.startsWith('127.');
const isAddress = (host: string): boolean => /^[\d.]+$/.test(host);

/** Who asks whom on which port, of those who reach nobody there. */
export type Asked = ReadonlyMap<string, ReadonlySet<number>>;

export function askedPlaces({ known, recent }: Scene): Asked {
  const asked = new Map<string, Set<number>>();
  for (const { host, port, reporter, relayed } of recent.failing) {
    const service = port === null || relayed ? undefined : known.resolve(host, port)?.service;
    if (service === undefined || service === recent.window.strings.text(reporter)) continue;
    const place = `${service}:${port}`;
    asked.set(place, (asked.get(place) ?? new Set()).add(reporter));
  }
  return asked;
}

/** So many do not all have the same wrong port: the list has. */
const agreeing = 2;

export function placeToBlame(scene: Scene, reporter: string, failing: Failing, asked: Asked): Blame | null {
  const { known, input, recent } = scene;
  const { host, port, manner, relayed, row, isLabel } = failing;
  const misconfigured: Blame = { service: reporter, signal: 'misconfigured', weight: 1 };
  // The store tells of refused logins and of wrong queries as well; whoever comes with a wrong account, or asks for what is not there, is wrong.
  if (manner === 'denied' || manner === 'unmigrated') return relayed || known.isStore(reporter) ? null : misconfigured;
  if (manner === 'unset') return misconfigured;
  // Who calls a server that has not what he wants, or comes in TLS to one that has none, was told a wrong place; so is who expects TLS of all.
  if (manner === 'crossed')
    return relayed || (host === '' && comersIn(scene, reporter) < severalComers)
      ? null
      : (announced(scene, reporter, host, port) ?? misconfigured);
  if (manner === 'misdirected') return misdirectedBy(scene, reporter, failing, misconfigured);
  if (isLoopback(host)) return relayed || port === null || !isElsewhere(scene, known.onPort(port), reporter) ? null : misconfigured;
  const resolved = known.resolve(host, port);
  if (resolved === null && takesTelemetry(host)) return null;
  if (host === '' || (isLabel === true && resolved === null)) return silentOne(scene, reporter, failing);
  if (resolved && resolved.service !== reporter) {
    // `cart.other` does not exist although `cart` does: its user was given a wrong name.
    if (manner === 'unresolved' && !relayed && hasForeignDomain(host)) return misconfigured;
    if (resolved.fit === 'port') {
      const place = { service: resolved.service, port: port! };
      // Whoever only quotes it has it from the one that asks there.
      const asking = relayed ? onlyOneAsking(scene, place, asked) : reporter;
      if (asking !== null && isItsMistake(scene, asking, place, asked))
        return { ...misconfigured, service: asking, weight: relayed ? 0.8 : 1 };
    }
    return { service: resolved.service, signal: 'unreachable', weight: 1 };
  }
  if (resolved) return null;
  if (isAddress(host)) {
    // Services' addresses come from a range of their own: one of it that no service has was written down wrongly.
    if (known.isAmongServices(host)) return relayed ? givenTo(scene, host, reporter) : misconfigured;
    const owner = port === null ? null : known.onPort(port);
    return owner && owner !== reporter ? { service: owner, signal: 'unreachable', weight: 0.9 } : null;
  }
  // Hosts elsewhere are not ours to judge; a bare name that no listed service has was told to its user wrongly.
  const isOurs = !host.includes('.') || /\.(?:svc|local|internal)\b/.test(host) || (manner === 'unresolved' && known.hasDomainOf(host));
  if (!isOurs) return null;
  // Services that were merely seen before are no complete list; one with addresses or ports is.
  const isListed = input.directory.some(({ addresses, ports }) => addresses.length + ports.length > 0);
  if (manner === 'unresolved' || isListed) return relayed ? givenTo(scene, host, reporter) : misconfigured;
  if (relayed) return null;
  // Nobody has listed the services, and this one never spoke: asked for by URL it is one all the same, called by its host.
  const text = recent.window.logs.text(row);
  if (text.includes(`://${host}`) || text.includes(`@${host}`)) return { service: host, signal: 'unreachable', weight: 0.9 };
  return { service: reporter, signal: 'store', weight: 1 };
}

interface Place {
  readonly service: string;
  readonly port: number;
}

function onlyOneAsking({ recent: { window } }: Scene, { service, port }: Place, asked: Asked): string | null {
  const [only, ...others] = asked.get(`${service}:${port}`) ?? [];
  return only === undefined || others.length > 0 ? null : window.strings.text(only);
}

/**
 * Whoever only tells of it did not choose the place: the one did that says so at first hand, or that was given one place for two. Where
 * the system was well before, a method that is missing is as likely one that the server has not yet.
 */
function misdirectedBy(scene: Scene, reporter: string, { relayed, row }: Failing, misconfigured: Blame): Blame | null {
  const { failing, window } = scene.recent;
  if (scene.baseline.minutes > 0 && !lacksService(window.logs.text(row))) return null;
  if (!relayed) return misconfigured;
  const direct = new Set(failing.flatMap((one) => (one.manner === 'misdirected' && !one.relayed ? [one.reporter] : [])));
  const [only] = direct;
  const service = direct.size === 1 ? window.strings.text(only!) : onlyOneDoubled(scene);
  return service === null || service === reporter ? null : { service, signal: 'misconfigured', weight: 0.8 };
}

/** By convention that of TLS over HTTP: proxies take who is listed there to speak it. */
const tlsPort = 443;

/** The one that is listed on TLS's port, where it says that it listens on the one that was asked: so its callers were told, and it does not speak it. */
function announced(scene: Scene, reporter: string, host: string, port: number | null): Blame | null {
  const service = scene.known.onPort(tlsPort);
  const asked = host === '' ? null : scene.known.resolve(host, null);
  if (asked !== null && asked.service !== service) return null;
  if (service === null || service === reporter || port === null || port === tlsPort || !listensOn(scene, service, port)) return null;
  return { service, signal: 'misconfigured', weight: 1 };
}

/** One alone that does not come in TLS may be a probe, or a stranger. */
const severalComers = 2;
const comer = /handshake (?:error )?from [\\"]{0,2}([\d.]{7,15}|\[[\da-f:]{2,39}\]):\d/i;

/** From how many addresses somebody came to it without TLS. */
function comersIn({ recent: { failing, window } }: Scene, reporter: string): number {
  const mine = failing.filter((one) => one.manner === 'crossed' && window.strings.text(one.reporter) === reporter);
  return new Set(mine.flatMap(({ row }) => comer.exec(window.logs.text(row))?.[1] ?? [])).size;
}

/** Whether one alone has a port that the list does not have: nobody else asks there, or was told to, and nobody says that it listens there. */
export function isItsMistake(scene: Scene, reporter: string, place: Place, asked: Asked): boolean {
  if ((asked.get(`${place.service}:${place.port}`)?.size ?? 0) >= agreeing) return false;
  return !listensOn(scene, place.service, place.port) && !isToldByOthers(scene, place, reporter);
}

/** Whoever tells of a failure of somebody else's call did not choose the place; the one service that names it as its own to call did. */
function givenTo(scene: Scene, host: string, reporter: string): Blame | null {
  const service = onlyOneGiven(scene, host, reporter);
  return service === null ? null : { service, signal: 'misconfigured', weight: 0.8 };
}

const listening = /\b(?:listen(?:ing|s)?|started|serving|bound|running)(?: in \w{1,20} mode)? (?:on|at)\b|\bready (?:on|at)\b/i;

/** `port 8080`, `port(s): 8080 (http)`, `0.0.0.0:8080`; a time of day is none. */
const namedPort = /(?:\bport(?:\(s\))?:? |:)(\d{1,5})\b(?!:\d)/g;
/** Where a line tells of a port it does so at once. */
const maxText = 400;

/** Whether a service says itself that it listens on a port, whatever a list says. */
function listensOn({ recent: { window } }: Scene, service: string, port: number): boolean {
  const { logs, strings } = window;
  const number = strings.find(service);
  for (let row = 0; row < logs.length; row++) {
    if (logs.service[row] !== number) continue;
    const text = logs.text(row).slice(0, maxText);
    if (listening.test(text) && [...text.matchAll(namedPort)].some(([, named]) => Number(named) === port)) return true;
  }
  return false;
}

/** A name with more to it than the service and what a cluster appends (`cart.shop.svc.cluster.local`). */
function hasForeignDomain(host: string): boolean {
  return host.includes('.') && !isAddress(host) && !/\.(?:svc|local|internal|localdomain)(?:\.|$)/.test(host);
}

/** A line that names no place speaks, if against anybody, against the one listed service that never says a word. */
function silentOne({ known }: Scene, reporter: string, { manner, relayed }: Failing): Blame | null {
  const silent = known.onlySilent();
  if (silent === null || silent === reporter || relayed || manner === 'unresolved') return null;
  return { service: silent, signal: 'unreachable', weight: 0.7 };
}
