/** Kubernetes' lists, page by page. What may not be listed is a gap; a list that changed under us too much is begun again, once. */
import { z } from 'zod';
import type { Gap } from '../../../domain/evidence.ts';
import { Failure } from '../../../domain/failure.ts';
import type { JsonApi } from '../../json-api.ts';
import { system } from './access.ts';
import { EndpointSlice, Event, Pod, Service, Workload } from './shapes.ts';

const pageSize = 500;
const mostPages = 20;

/** What is listed, by the name of the resource: the rights in `deploy/kubernetes` are these and no more. */
export const kinds = {
  services: { group: 'api/v1', shape: Service },
  endpointslices: { group: 'apis/discovery.k8s.io/v1', shape: EndpointSlice },
  deployments: { group: 'apis/apps/v1', shape: Workload },
  replicasets: { group: 'apis/apps/v1', shape: Workload },
  statefulsets: { group: 'apis/apps/v1', shape: Workload },
  daemonsets: { group: 'apis/apps/v1', shape: Workload },
  pods: { group: 'api/v1', shape: Pod },
  events: { group: 'api/v1', shape: Event },
} as const;
export type Kind = keyof typeof kinds;
export type Objects = { readonly [K in Kind]: readonly z.infer<(typeof kinds)[K]['shape']>[] };

export interface Listing {
  readonly api: JsonApi;
  /** Asked for by name; null: all. */
  readonly namespaces: readonly string[] | null;
  /** Tried where the whole cluster may not be listed. */
  readonly own: string | null;
  readonly signal: AbortSignal;
}

/** All kinds at once. Throws only where nothing could be listed. */
export async function listAll(listing: Listing): Promise<{ objects: Objects; gaps: Gap[] }> {
  const failures: Failure[] = [];
  const gaps: Gap[] = [];
  const lists = await Promise.all(
    (Object.keys(kinds) as Kind[]).map(async (kind) => {
      try {
        const { found, isCut } = await listKind(kind, listing);
        if (isCut) gaps.push({ source: system, reason: `there are more ${kind} than were read` });
        return [kind, found] as const;
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        failures.push(error);
        gaps.push({ source: system, reason: isForbidden(error) ? `kubernetes may not list ${kind}` : error.message });
        return [kind, []] as const;
      }
    }),
  );
  if (failures[0] !== undefined && failures.length === lists.length) throw failures[0];
  return { objects: Object.fromEntries(lists) as unknown as Objects, gaps };
}

const isForbidden = ({ code, hint }: Failure): boolean => code === 'unauthorized' && hint === 'status 403';

async function listKind(kind: Kind, listing: Listing): Promise<{ found: unknown[]; isCut: boolean }> {
  const { namespaces, own } = listing;
  if (namespaces !== null) {
    const each = await Promise.all(namespaces.map((namespace) => listIn(kind, namespace, listing)));
    return { found: each.flatMap(({ found }) => found), isCut: each.some(({ isCut }) => isCut) };
  }
  try {
    return await listIn(kind, null, listing);
  } catch (error) {
    if (own === null || !(error instanceof Failure) || !isForbidden(error)) throw error;
    return listIn(kind, own, listing);
  }
}

async function listIn(kind: Kind, namespace: string | null, { api, signal }: Listing): Promise<{ found: unknown[]; isCut: boolean }> {
  const { group, shape } = kinds[kind];
  const Page = z.object({ metadata: z.object({ continue: z.string().optional() }), items: z.array(shape).nullable() });
  const path = `${group}/${namespace === null ? '' : `namespaces/${encodeURIComponent(namespace)}/`}${kind}`;
  let found: unknown[] = [];
  let after = '';
  let hasBegunAgain = false;
  for (let page = 0; page < mostPages; page++) {
    const parameters = {
      limit: String(pageSize),
      ...(kind === 'events' ? { fieldSelector: 'type=Warning' } : {}),
      ...(after === '' ? {} : { continue: after }),
    };
    try {
      const { metadata, items } = await api.ask({ attempt: `list ${kind}`, path, parameters, shape: Page, signal });
      found.push(...(items ?? []));
      after = metadata.continue ?? '';
      if (after === '') return { found, isCut: false };
    } catch (error) {
      if (hasBegunAgain || after === '' || !(error instanceof Failure) || error.hint !== 'status 410') throw error;
      hasBegunAgain = true;
      found = [];
      after = '';
    }
  }
  return { found, isCut: true };
}
