/** Who a piece of telemetry belongs to. A service is a monitored service: namespace, name and environment together. */
export interface ServiceIdentity {
  readonly name: string;
  readonly namespace: string | null;
  readonly environment: string | null;
}

/**
 * The word people see and the key telemetry is stored under. Most systems have one namespace and one environment, so the
 * plain name is used when both are unknown:
 *
 *   { cart, null, null }        →  "cart"
 *   { cart, shop, null }        →  "shop/cart"
 *   { cart, shop, "staging" }   →  "shop/cart@staging"
 *
 * Production is not written out: it is what everybody means.
 */
export function serviceKey({ name, namespace, environment }: ServiceIdentity): string {
  const place = environment === null || /^prod(uction)?$/i.test(environment) ? '' : `@${environment}`;
  return `${namespace === null ? '' : `${namespace}/`}${name}${place}`;
}

/** The reverse: what others know a service by is the name alone. */
export function identityOf(key: string): ServiceIdentity {
  const [, namespace = null, name = key, environment = null] = /^(?:([^/@]+)\/)?([^@]+?)(?:@([^@]+))?$/.exec(key) ?? [];
  return { name, namespace, environment };
}

/** What is known of a service before and beside its telemetry: from a cluster, a mesh, a file, or the map's own memory. */
export interface DirectoryEntry {
  readonly name: string;
  readonly addresses: readonly string[];
  readonly ports: readonly number[];
}

/** The list of services that ought to exist. Empty means nothing is known, not that there are none. */
export type Directory = readonly DirectoryEntry[];

/** A version of a service that telemetry was seen from lately, and what it says of where its code is. */
export interface RunningVersion {
  readonly service: string;
  /** `service.version`; null where the service gives none. */
  readonly version: string | null;
  readonly firstSeenAt: number;
  /** `vcs.repository.url.full` and `vcs.ref.head.revision`. */
  readonly repositoryUrl: string | null;
  readonly revision: string | null;
}
