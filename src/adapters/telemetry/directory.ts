/** Who is known to exist: those that were told of, and those that were ever seen. */
import type { Directory } from '../../domain/service.ts';
import type { ServiceMap } from '../../domain/service-map.ts';

/** Services ever seen are known to exist, also while they are silent. */
export function remembered(directory: Directory, map: ServiceMap): Directory {
  const listed = new Set(directory.map((entry) => entry.name));
  const seen = map.services.filter((service) => service.kind === 'service' && !listed.has(service.name));
  return [...directory, ...seen.map(({ name }) => ({ name, addresses: [], ports: [] }))];
}
