/** Edges while they are added up: several series, sides and protocols tell of one edge. */
import type { ReportedEdge } from '../../domain/reported-edge.ts';

/** Somebody at an end of a call, by a mesh's account. */
export interface Place {
  readonly name: string;
  readonly namespace: string;
}

interface Tally {
  readonly caller: Place;
  readonly callee: Place;
  calls: number;
  errors: number;
  p50Ms: number | null;
  p95Ms: number | null;
}

export class Tallies {
  readonly #edges = new Map<string, Tally>();

  add(caller: Place, callee: Place, calls: number, errors: number): void {
    const edge = this.#edge(caller, callee);
    edge.calls += calls;
    edge.errors += errors;
  }

  time(caller: Place, callee: Place, times: { readonly p50Ms?: number; readonly p95Ms?: number }): void {
    const edge = this.#edge(caller, callee);
    // Of several protocols or versions the slowest shows.
    if (times.p50Ms !== undefined) edge.p50Ms = Math.max(edge.p50Ms ?? 0, times.p50Ms);
    if (times.p95Ms !== undefined) edge.p95Ms = Math.max(edge.p95Ms ?? 0, times.p95Ms);
  }

  /** Both ends may tell of the same calls, each of all it saw: the one that saw more counts, and never both. */
  orElse(other: Tallies): Tallies {
    const both = new Tallies();
    for (const side of [this, other])
      for (const [key, edge] of side.#edges) {
        const known = both.#edges.get(key);
        if (known === undefined) both.#edges.set(key, { ...edge });
        else {
          known.calls = Math.max(known.calls, edge.calls);
          known.errors = Math.max(known.errors, edge.errors);
          known.p50Ms ??= edge.p50Ms;
          known.p95Ms ??= edge.p95Ms;
        }
      }
    return both;
  }

  /** Services go by their plain name, as in their telemetry; where two namespaces have one of that name, the namespace is said. */
  edges(): ReportedEdge[] {
    const places = [...this.#edges.values()].flatMap(({ caller, callee }) => [caller, callee]);
    const namespaces = new Map<string, Set<string>>();
    for (const { name, namespace } of places) namespaces.set(name, (namespaces.get(name) ?? new Set()).add(namespace));
    const nameOf = ({ name, namespace }: Place): string =>
      namespace !== '' && [...(namespaces.get(name) ?? [])].filter((other) => other !== '').length > 1 ? `${namespace}/${name}` : name;
    return [...this.#edges.values()].map(({ caller, callee, calls, errors, p50Ms, p95Ms }) => ({
      caller: nameOf(caller),
      callee: nameOf(callee),
      calls: Math.round(calls),
      errors: Math.round(Math.min(calls, errors)),
      p50Ms,
      p95Ms,
    }));
  }

  #edge(caller: Place, callee: Place): Tally {
    const key = JSON.stringify([caller.namespace, caller.name, callee.namespace, callee.name]);
    let edge = this.#edges.get(key);
    if (edge === undefined) {
      edge = { caller, callee, calls: 0, errors: 0, p50Ms: null, p95Ms: null };
      this.#edges.set(key, edge);
    }
    return edge;
  }
}

/** `cart-v2` is a version of `cart`. */
export const withoutVersion = (workload: string): string => workload.replace(/-v\d+$/, '');

/** A host of the outside as the map calls it; inside a cluster the first label names the service. */
export function hostName(host: string): string {
  const plain = host.replace(/:\d+$/, '');
  if (/^[\d.]+$|:/.test(plain)) return `ext:${plain}`;
  return !plain.includes('.') || /\.svc(\.|$)/.test(plain) ? plain.split('.')[0]! : `ext:${plain}`;
}
