/** The map as people and the ranking read it: peers resolved to the services they are, edges that became one merged. */
import { LatencySketch } from './latency-sketch.ts';
import { type EdgeState, type MapState, newestFirst } from './map-state.ts';
import type { Directory } from './service.ts';
import { type Edge, edgeConfidence, edgeSources, type MappedService, type ServiceMap } from './service-map.ts';

type Drawn = Omit<Edge, 'p50Ms' | 'p95Ms' | 'confidence'> & Pick<EdgeState, 'latency' | 'reported'>;

export function drawMap(state: MapState, directory: Directory): ServiceMap {
  const nameOf = peerNames(state, directory);
  const edges = new Map<string, Drawn>();
  const called = new Set<number>();
  for (const edge of state.edges.values()) {
    if (isTakenBack(edge)) continue;
    const caller = nameOf(state.names.text(edge.caller));
    const callee = nameOf(state.names.text(edge.callee));
    if (isMerelyNamed(edge, callee)) continue;
    called.add(edge.caller).add(edge.callee);
    if (caller === callee) continue;
    const key = `${caller}\n${callee}`;
    edges.set(key, merged(edges.get(key), { ...edge, caller, callee }));
  }
  const services = new Map<string, MappedService>();
  for (const [number, { isHeard, versions, instances, components, ...about }] of state.services) {
    const name = state.names.text(number);
    if ((isHeard || called.has(number)) && nameOf(name) === name)
      services.set(name, {
        name,
        ...about,
        versions: newestFirst(versions),
        instances: newestFirst(instances),
        ...(components.size > 1 ? { components: newestFirst(components).sort() } : {}),
      });
  }
  for (const { name } of directory)
    if (!services.has(name) && nameOf(name) === name)
      services.set(name, { name, kind: 'service', firstSeenAt: 0, lastSeenAt: 0, versions: [], instances: [] });
  const byName = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
  return {
    services: [...services.values()].sort((a, b) => byName(a.name, b.name)),
    edges: [...edges.values()].map(timed).sort((a, b) => byName(a.caller, b.caller) || byName(a.callee, b.callee)),
  };
}

/** A host in an error line that no service is known by: it may be anything. */
function isMerelyNamed({ sources }: EdgeState, callee: string): boolean {
  return callee.startsWith('ext:') && sources.every((source) => source === 'log');
}

/** All its calls turned out to be of another edge. */
function isTakenBack({ calls, sources }: EdgeState): boolean {
  return calls === 0 && sources.every((source) => source === 'span');
}

function timed({ caller, callee, calls, errors, latency, sources, lastSeenAt, reported }: Drawn): Edge {
  const known = { caller, callee, sources, lastSeenAt, confidence: edgeConfidence(sources, calls) };
  if (calls === 0 && reported !== undefined) return { ...known, ...reported };
  return { ...known, calls, errors, p50Ms: latency.quantile(0.5), p95Ms: latency.quantile(0.95) };
}

function merged(a: Drawn | undefined, b: Drawn): Drawn {
  if (a === undefined) return b;
  const reported = a.reported ?? b.reported;
  return {
    ...a,
    ...(reported === undefined ? {} : { reported }),
    calls: a.calls + b.calls,
    errors: a.errors + b.errors,
    latency: new LatencySketch(a.latency.counts()).merge(b.latency),
    sources: edgeSources.filter((source) => a.sources.includes(source) || b.sources.includes(source)),
    lastSeenAt: Math.max(a.lastSeenAt, b.lastSeenAt),
  };
}

/**
 * Others name a service by what they know of it: `cart` for `shop/cart@staging`, `ext:10.0.0.7` or `ext:cart.shop.svc` for
 * an address. Where that fits exactly one service that is known, it is that one; services that speak for themselves are
 * never renamed.
 */
function peerNames(state: MapState, directory: Directory): (name: string) => string {
  const owners = new Map<string, string>();
  const heard = new Set<string>();
  for (const [number, { isHeard }] of state.services) if (isHeard) heard.add(state.names.text(number));
  const known = new Set(heard);
  const plain = new Map<string, string | null>();
  for (const name of heard) {
    const short = plainName(name);
    plain.set(short, plain.has(short) ? null : name);
  }
  // A list or a mesh may know one that is silent; of one that speaks they know the plain name only.
  const told = [...directory.map(({ name }) => name), ...namesOfMesh(state)];
  for (const name of told) if (plain.get(plainName(name)) === undefined) known.add(name);
  for (const name of known) if (!heard.has(name)) plain.set(plainName(name), plain.has(plainName(name)) ? null : name);
  const service = (word: string) => (known.has(word) ? word : (plain.get(word) ?? null));
  for (const { name, addresses } of directory) for (const address of addresses) owners.set(address, service(name) ?? name);
  return (name) => {
    if (heard.has(name) || /^(?:db|queue):/.test(name)) return name;
    if (!name.startsWith('ext:')) return service(name) ?? name;
    const host = name.slice(4);
    const first = host.split('.')[0] ?? host;
    return owners.get(host) ?? service(host) ?? service(first) ?? name;
  };
}

const plainName = (name: string): string => name.replace(/^.*\//, '').replace(/@.*/, '');

function namesOfMesh({ edges, names }: MapState): Set<string> {
  const numbers = [...edges.values()].flatMap(({ sources, caller, callee }) => (sources.includes('mesh') ? [caller, callee] : []));
  return new Set([...new Set(numbers)].map((number) => names.text(number)).filter((name) => !/^(?:ext|db|queue):/.test(name)));
}
