/**
 * Places that services name where they tell of no failure: the configuration they print as they start, and whom they are connected to.
 *
 *   mill    backends: stock=stock:5000 rates=rates:7000          two were given stock:5000, so it is no mistake of one of them
 *   ledger  stock at stock:5000, tax at taxes-svc:7100           taxes-svc, that nobody has, was given to ledger: it is ledger's mistake,
 *                                                                also where only its caller tells of it
 */
import { unreachedIn } from '../baseline/failure-text.ts';
import type { Scene } from './scene.ts';

/** By host as it is written, the services that name it, each with the ports it names it with; numbers of the window's strings. */
type Places = ReadonlyMap<string, ReadonlyMap<number, ReadonlySet<number>>>;

interface ToldPlaces {
  readonly given: Places;
  /** Of these those that stand behind a name of their own, among the first that a service says: `stock=stock:5000`. */
  readonly named: Places;
  /** By host and port as they are written, the services that say they are connected there, and when they said so last. */
  readonly connected: ReadonlyMap<string, ReadonlyMap<number, number>>;
  /** Services that were given one place under two names: `fares=http://trips:90 trips=http://trips:90`. */
  readonly doubled: ReadonlySet<number>;
}

/** Where a line tells of places it does so at once. */
const maxText = 1000;
/** A configuration is printed alike at each start. */
const linesOfEach = 2;
const placeIn = /(?<![\w.-])([a-z\d](?:[\w.-]{0,120}[a-z\d])?):(\d{2,5})(?![\d:]|\.\d)/gi;

const memo = new WeakMap<Scene, ToldPlaces>();

function toldPlaces(scene: Scene): ToldPlaces {
  const known = memo.get(scene);
  if (known) return known;
  const {
    window,
    failing,
    tree: { offsets },
  } = scene.recent;
  const { logs } = window;
  const failed = new Set(failing.map(({ row }) => row));
  const seen = new Map<number, number>();
  const given = new Map<string, Map<number, Set<number>>>();
  const named = new Map<string, Map<number, Set<number>>>();
  const lines = new Map<number, number>();
  const connected = new Map<string, Map<number, number>>();
  const doubled = new Set<number>();
  for (let row = 0; row < logs.length; row++) {
    const [service, template] = [logs.service[row]!, logs.template[row]!];
    const said = (lines.get(service) ?? 0) + 1;
    lines.set(service, said);
    const key = service * 0x1000000 + template;
    const times = seen.get(key) ?? 0;
    if (times >= linesOfEach || failed.has(row) || logs.trace[row]! >= 0 || logs.severity[row]! >= error) continue;
    seen.set(key, times + 1);
    const text = logs.text(row).slice(0, maxText);
    if (unreachedIn(text) !== null) continue;
    const places = namedPlacesIn(text);
    if (isDoubled(scene, places)) doubled.add(service);
    if (said <= opening) for (const { host, port } of places) put(named, host, service, port);
    const isConnected = connecting.test(text) && !notConnecting.test(text);
    for (const [, host = '', port] of text.matchAll(placeIn)) {
      put(given, host.toLowerCase(), service, Number(port));
      if (!isConnected) continue;
      const place = `${host.toLowerCase()}:${port}`;
      connected.set(
        place,
        (connected.get(place) ?? new Map<number, number>()).set(service, logs.timeMs[row]! + (offsets.get(service) ?? 0)),
      );
    }
  }
  const found = { given, named, connected, doubled };
  memo.set(scene, found);
  return found;
}

function put(places: Map<string, Map<number, Set<number>>>, host: string, service: number, port: number): void {
  const byService = places.get(host) ?? new Map<number, Set<number>>();
  places.set(host, byService);
  byService.set(service, (byService.get(service) ?? new Set()).add(port));
}

const namedPlace =
  /([a-z][\w.-]{0,60})["']?\s{0,2}[:=]\s{0,2}["']?(?:[a-z]{2,10}:\/\/)?(?:[^\s@"'/]{0,80}@)?([a-z\d](?:[\w.-]{0,120}[a-z\d])?:\d{2,5})(?![\d:]|\.\d)/gi;

interface NamedPlace {
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

function namedPlacesIn(text: string): NamedPlace[] {
  return [...text.matchAll(namedPlace)].map(([, name = '', place = '']) => {
    const [host = '', port] = place.toLowerCase().split(':');
    return { name, host, port: Number(port) };
  });
}

/** Stores are given for several things as a matter of course. */
function isDoubled({ known }: Scene, places: readonly NamedPlace[]): boolean {
  const names = new Map<string, string>();
  for (const { name, host, port } of places) {
    const resolved = known.resolve(host, port);
    if (resolved?.fit !== 'listed' || known.isStore(resolved.service)) continue;
    const place = `${host}:${port}`;
    if (names.has(place) && names.get(place) !== name) return true;
    names.set(place, name);
  }
  return false;
}

const connecting = /\b(?:re)?connected\b(?! from\b)|\bconnection [^\n]{0,80}(?:established|opened|ready)\b/i;
const notConnecting = /\b(?:not|never|un|dis)[ -]?connected\b|\bnot (?:yet )?(?:established|opened|ready)\b/i;

/** Lines with which a service begins, and tells of its configuration. */
const opening = 40;
/** From here on ports are given out to whoever calls (IANA's and Linux' ranges). */
const firstOfCallers = 32_768;

/** ERROR in OTLP's numbers. */
const error = 17;

/** Whether another service than the one that asks, and than the one that is asked, was given the same port of it. */
export function isToldByOthers(scene: Scene, asked: { readonly service: string; readonly port: number }, reporter: string): boolean {
  const { strings } = scene.recent.window;
  for (const [host, byService] of toldPlaces(scene).given) {
    if (scene.known.resolve(host, asked.port)?.service !== asked.service) continue;
    for (const [by, ports] of byService) {
      const name = strings.text(by);
      if (name !== reporter && name !== asked.service && ports.has(asked.port)) return true;
    }
  }
  return false;
}

/** The one other service that names a host as a place it was given; null: none does, or several. */
export function onlyOneGiven(scene: Scene, host: string, reporter: string): string | null {
  const by = [...(toldPlaces(scene).given.get(host)?.keys() ?? [])].map((service) => scene.recent.window.strings.text(service));
  return by.length === 1 && by[0] !== reporter ? by[0]! : null;
}

/** Services that have said since then that they are connected to this one, by number in the window's strings. */
export function sayingConnected(scene: Scene, service: string, since: number): Set<number> {
  const found = new Set<number>();
  for (const [place, byService] of toldPlaces(scene).connected) {
    const [host = '', port] = place.split(':');
    const resolved = scene.known.resolve(host, Number(port));
    if (resolved?.service !== service || resolved.fit !== 'listed') continue;
    for (const [by, at] of byService) if (at >= since) found.add(by);
  }
  return found;
}

/** The one service that was given one place under two names; null: none was, or several. */
export function onlyOneDoubled(scene: Scene): string | null {
  const [only, ...others] = toldPlaces(scene).doubled;
  return only === undefined || others.length > 0 ? null : scene.recent.window.strings.text(only);
}

/** Ports of other services that these do not have by the list, and who was given them by name as it began. */
export function* unlistedPortsGiven(
  scene: Scene,
): Generator<{ readonly reporter: string; readonly service: string; readonly port: number }> {
  const { strings } = scene.recent.window;
  for (const [host, byService] of toldPlaces(scene).named)
    for (const [by, ports] of byService)
      for (const port of ports) {
        if (port >= firstOfCallers) continue;
        const resolved = scene.known.resolve(host, port);
        const reporter = strings.text(by);
        if (resolved?.fit === 'port' && resolved.service !== reporter) yield { reporter, service: resolved.service, port };
      }
}
