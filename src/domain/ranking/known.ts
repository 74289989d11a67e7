/**
 * Which services there are and what they are called: from telemetry, the map and the directory. Places named in log lines
 * (hosts, addresses, ports) are resolved here and nowhere else; a place nobody knows stays unknown.
 */
import { emittersIn } from '../baseline/error-origins.ts';
import type { Period } from '../baseline/period.ts';
import { plain } from './plain-name.ts';
import type { RankInput } from './rank-input.ts';

export interface Resolved {
  readonly service: string;
  /** `listed`: host and port fit what is known; `port`: the service is known but not on this port. */
  readonly fit: 'listed' | 'port';
}

export class Known {
  /** Services that sent telemetry lately. */
  readonly emitting = new Set<string>();
  /** Every service known, databases and other silent ones included. */
  readonly services = new Set<string>();
  readonly #callees = new Map<string, Set<string>>();
  readonly #names = new Map<string, string>();
  #spelled: Map<string, string> | null = null;
  readonly #addresses = new Map<string, string>();
  readonly #ports = new Map<string, ReadonlySet<number>>();
  readonly #byPort = new Map<number, Set<string>>();
  /** Services of a list that gives addresses or ports: a complete one. */
  readonly #listed = new Set<string>();

  constructor(input: RankInput, recent: Period) {
    const { window } = recent;
    const { strings } = window;
    for (const service of emittersIn(window)) this.emitting.add(strings.text(service));
    for (const { service } of window.metrics) this.emitting.add(service);
    this.emitting.delete('');
    for (const name of this.emitting) this.services.add(name);
    for (const { name, kind } of input.map.services) if (kind === 'service' || kind === 'database') this.services.add(name);
    const spoken = plainNames(this.services);
    const stem = stemsOf(input.directory.map(({ name }) => name));
    for (const entry of input.directory) {
      // A list gives the plain name of what may speak as `shop/cart`, or a longer one (`shop-prod-cart`) of what says `cart`.
      const name =
        spoken.get(entry.name) ??
        (this.services.has(entry.name) ? entry.name : (spokenStem(this.services, stem(entry.name)) ?? entry.name));
      this.#names.set(entry.name.toLowerCase(), name);
      if (entry.addresses.length + entry.ports.length > 0) this.#listed.add(name);
      this.services.add(name);
      for (const address of entry.addresses) this.#addresses.set(address.toLowerCase(), name);
      this.#ports.set(name, new Set(entry.ports));
      for (const port of entry.ports) this.#byPort.set(port, (this.#byPort.get(port) ?? new Set()).add(name));
    }
    // Keys may carry namespace and environment (`shop/cart@staging`); hosts in text do not.
    for (const name of this.services) {
      this.#names.set(name.toLowerCase(), name);
      const bare = bareOf(name).toLowerCase();
      if (!this.#names.has(bare)) this.#names.set(bare, name);
    }
    this.#joinDatabases(window);
    this.#learnEdges(input, recent);
  }

  /** A database by the host its clients dial, `db:cart-redis.shop.svc`, is the one that tells of itself, but of no calls, as `cart-redis`. */
  #joinDatabases({ spans, strings }: RankInput['window']): void {
    const isTraced = new Uint8Array(strings.size + 1);
    for (let row = 0; row < spans.length; row++) isTraced[spans.service[row]! + 1] = 1;
    for (const name of this.services) {
      const host = databaseHost.exec(name)?.[1]?.toLowerCase() ?? '';
      const itself = this.#names.get(host.split('.')[0]!);
      if (itself === undefined || !this.emitting.has(itself) || isTraced[strings.find(itself) + 1] === 1 || isElsewhere(host)) continue;
      this.#names.set(host, itself);
      this.#names.set(name.toLowerCase(), itself);
    }
  }

  resolve(host: string, port: number | null): Resolved | null {
    const byAddress = this.#addresses.get(host);
    const service = byAddress ?? this.#named(host);
    if (service === undefined) return null;
    const ports = this.#ports.get(service);
    return { service, fit: port === null || !ports || ports.size === 0 || ports.has(port) ? 'listed' : 'port' };
  }

  /** The only service known on a port; null when none or several are. */
  onPort(port: number): string | null {
    const found = this.#byPort.get(port);
    return found?.size === 1 ? [...found][0]! : null;
  }

  /** Whether a list gives an address of it, other than one of any machine's own. */
  hasAddress(service: string): boolean {
    return [...this.#addresses].some(([address, of]) => of === service && !address.startsWith('127.'));
  }

  /** Whether it listens where databases, caches and brokers do. */
  isStore(service: string): boolean {
    return [...(this.#ports.get(service) ?? [])].some(isStorePort);
  }

  /** Whether an address is of the range that the listed services have theirs from (its first half, as ranges of clusters are cut). */
  isAmongServices(address: string): boolean {
    const range = rangeOf(address);
    let inside = 0;
    for (const known of this.#addresses.keys()) if (rangeOf(known) === range) inside++;
    return inside >= 3 && inside > this.#addresses.size / 2;
  }

  /** Whether a host's name goes on after its first label as a listed service's host may: one more label, that of no public domain. */
  hasDomainOf(host: string): boolean {
    const labels = host.split('.');
    return this.#listed.size > 0 && labels.length === 2 && !publicDomain.test(labels[1]!);
  }

  /** The one listed service that has sent nothing, where all the others have; null where there is no such one. */
  onlySilent(): string | null {
    const silent = [...this.#listed].filter((name) => !this.emitting.has(name));
    return silent.length === 1 && this.#listed.size > 2 ? silent[0]! : null;
  }

  calls(caller: string): ReadonlySet<string> {
    return this.#callees.get(caller) ?? new Set();
  }

  addEdge(caller: string, callee: string): void {
    if (caller === callee || caller === '' || callee === '') return;
    const known = this.#callees.get(caller);
    if (known) known.add(callee);
    else this.#callees.set(caller, new Set([callee]));
  }

  /** All services reachable along calls, itself left out. */
  reach(caller: string): Set<string> {
    const found = new Set([caller]);
    for (const service of found) for (const callee of this.calls(service)) found.add(callee);
    found.delete(caller);
    return found;
  }

  /** Shortest chain of calls between two services, both ends included; empty where there is none. */
  chain(caller: string, callee: string): string[] {
    const from = new Map<string, string | null>([[caller, null]]);
    for (const [service] of from) {
      if (service === callee) break;
      for (const next of this.calls(service)) if (!from.has(next)) from.set(next, service);
    }
    if (!from.has(callee)) return [];
    const chain: string[] = [];
    for (let at: string | null = callee; at !== null; at = from.get(at) ?? null) chain.unshift(at);
    return chain;
  }

  callers(callee: string): string[] {
    return [...this.#callees].filter(([, callees]) => callees.has(callee)).map(([caller]) => caller);
  }

  /** A service by its name as it is written within the dotted name of a metric: `fare.api`. */
  spelled(words: string): string | undefined {
    if (this.#spelled === null) {
      this.#spelled = new Map();
      for (const [name, service] of this.#names) this.#spelled.set(plain(name), service);
      // `#names` has lost where words begin in `fareApi`.
      for (const service of this.services)
        for (const name of [plain(service), plain(bareOf(service))]) if (!this.#spelled.has(name)) this.#spelled.set(name, service);
    }
    return this.#spelled.get(words);
  }

  /** By full name or by the first label of a DNS name. */
  #named(host: string): string | undefined {
    return (
      this.#names.get(host) ?? (host.includes('.') && /[a-z]/.test(host) ? this.#names.get(host.slice(0, host.indexOf('.'))) : undefined)
    );
  }

  #learnEdges({ map }: RankInput, { window, tree }: Period): void {
    // Who is only named in lines about failure may be named by mistake: that is judged elsewhere.
    for (const { caller, callee, calls, sources } of map.edges)
      if (calls > 0 || sources.some((source) => source !== 'log')) this.addEdge(caller, callee);
    const { spans, strings } = window;
    const seen = new Set<number>();
    for (let row = 0; row < spans.length; row++) {
      const p = tree.parent[row]!;
      if (p < 0 || spans.service[p] === spans.service[row]) continue;
      const key = spans.service[p]! * 0x1000000 + spans.service[row]!;
      if (seen.has(key)) continue;
      seen.add(key);
      this.addEdge(strings.text(spans.service[p]!), strings.text(spans.service[row]!));
    }
    for (const { labels } of window.metrics) {
      this.addEdge(labels['client'] ?? '', labels['server'] ?? '');
      // A mesh counts bytes and connections where it does not know the protocol.
      this.addEdge(labels['source_workload'] ?? '', labels['destination_workload'] ?? '');
    }
  }
}

/** Not one of digits alone: the first part of an address is no name. */
const databaseHost = /^db:([a-z][^:/]*)/i;
const bareOf = (name: string): string =>
  name
    .replace(/^db:/, '')
    .replace(/^[^/]*\//, '')
    .replace(/@.*/, '');

/** Ports that IANA lists for stores and brokers in common use. */
const storePorts: ReadonlySet<number> = new Set([1433, 1521, 3306, 4222, 5432, 5671, 5672, 6379, 9042, 9092, 11211, 27017]);
/** Whether databases, caches and brokers listen there. */
export const isStorePort = (port: number): boolean => storePorts.has(port);
const publicDomain = /^(?:com|org|net|io|dev|app|cloud|info|edu|gov|[a-z]{2})$/;

/** Whether a host's domain is not one of a cluster or of a network of one's own: a provider's, or anybody's. */
export function isElsewhere(host: string): boolean {
  const [, ...domain] = host.split('.');
  if (domain.length === 0 || domain.includes('svc') || /^(?:local|internal|lan|corp|intra|private)$/.test(domain.at(-1)!)) return false;
  return domain.length > 1 || publicDomain.test(domain[0]!);
}

const rangeOf = (address: string): string => (/^\d+(?:\.\d+){3}$/.test(address) ? address.split('.', 2).join('.') : '');

/** A name without what all names of a list begin or end with, as far as whole words go. */
function stemsOf(names: readonly string[]): (name: string) => string {
  if (names.length < 3) return (name) => name;
  const words = names.map((name) => name.split('-'));
  const shortest = Math.min(...words.map(({ length }) => length)) - 1;
  const same = (at: number) => words.every((of) => of.at(at) === words[0]!.at(at));
  let before = 0;
  while (before < shortest && same(before)) before++;
  let after = 0;
  while (after < shortest - before && same(-1 - after)) after++;
  return (name) =>
    name
      .split('-')
      .slice(before, after === 0 ? undefined : -after)
      .join('-');
}

const spokenStem = (services: ReadonlySet<string>, stem: string): string | undefined => (services.has(stem) ? stem : undefined);

/** Full names by plain ones, where a plain name is one service's only and nobody's full name. */
function plainNames(services: ReadonlySet<string>): Map<string, string> {
  const full = Map.groupBy(services, (name) => name.replace(/^[^/]*\//, '').replace(/@.*/, ''));
  return new Map([...full].flatMap(([plain, names]) => (names.length === 1 && !services.has(plain) ? [[plain, names[0]!] as const] : [])));
}
