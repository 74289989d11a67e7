/**
 * Which streams hold a service's lines. Every installation labels differently, so Loki is asked: which labels there are, which
 * of those that name services has this one among its values; where none has, which field of the lines themselves does.
 */
import type { Window } from '../../../domain/evidence.ts';
import { namesOf } from '../found.ts';
import { DetectedFields, Names } from './answers.ts';
import type { JsonApi } from '../../json-api.ts';
import { anyOf, having, streamsOf } from './logql.ts';

/** Labels that name what wrote a line, best first. `job` is often a scrape job and `namespace/name`; pods and files come last. */
const serviceLabels = [
  'service_name',
  'service',
  'app_kubernetes_io_name',
  'app',
  'application',
  'k8s_deployment_name',
  'deployment',
  'container',
  'container_name',
  'compose_service',
  'component',
  'job',
];
const lastResorts = ['namespace', 'cluster', 'pod', 'instance', 'filename'];
const serviceFields = ['service_name', 'service', 'app', 'application'];
/** Labels and values of streams change with deployments. */
const keptMs = 60_000;

export interface Streams {
  /** A selector with what must follow it; null where nothing is of this service. */
  of(service: string, window: Window, signal: AbortSignal): Promise<string | null>;
  /** Of all that have a label that says whose they are; null where there are no streams. */
  all(window: Window, signal: AbortSignal): Promise<string | null>;
  /** The labels there are, and of these the ones that name services, best first. */
  labels(window: Window, signal: AbortSignal): Promise<{ all: readonly string[]; ofServices: readonly string[] }>;
}

export function createStreams(loki: JsonApi, now: () => number, chosen: string | undefined): Streams {
  const kept = new Map<string, { readonly at: number; readonly names: Promise<readonly string[]> }>();
  const names = (path: string, { fromMs, toMs }: Window, signal: AbortSignal): Promise<readonly string[]> => {
    const known = kept.get(path);
    if (known !== undefined && now() - known.at < keptMs) return known.names;
    const parameters = { start: nanoseconds(fromMs), end: nanoseconds(toMs) };
    const asked = loki.ask({ attempt: 'list labels', path, parameters, shape: Names, signal }).then(({ data }) => data ?? []);
    kept.set(path, { at: now(), names: asked });
    asked.catch(() => kept.delete(path));
    return asked;
  };
  const labels = async (window: Window, signal: AbortSignal) => {
    const all = await names('labels', window, signal);
    const wanted = chosen === undefined ? serviceLabels : [chosen];
    return { all, ofServices: wanted.filter((label) => all.includes(label)) };
  };
  const all = async (window: Window, signal: AbortSignal) => {
    const known = await labels(window, signal);
    const label = known.ofServices[0] ?? lastResorts.find((each) => known.all.includes(each)) ?? known.all[0];
    return label === undefined ? null : anyOf(label);
  };
  return {
    labels,
    all,
    async of(service, window, signal) {
      const wanted = namesOf(service);
      for (const label of (await labels(window, signal)).ofServices) {
        const values = await names(`label/${encodeURIComponent(label)}/values`, window, signal);
        const exact = wanted.find((name) => values.includes(name));
        if (exact !== undefined) return streamsOf(label, [exact]);
        const within = label === 'job' ? values.filter((value) => wanted.includes(value.replace(/^.*\//, ''))) : [];
        if (within.length > 0) return streamsOf(label, within);
      }
      const any = await all(window, signal);
      return any === null ? null : fieldOf(any, wanted, window, signal);
    },
  };

  async function fieldOf(any: string, wanted: readonly string[], { fromMs, toMs }: Window, signal: AbortSignal): Promise<string | null> {
    const parameters = { query: any, start: nanoseconds(fromMs), end: nanoseconds(toMs) };
    const answer = await loki.maybe({ attempt: 'list fields', path: 'detected_fields', parameters, shape: DetectedFields, signal });
    const field = serviceFields.map((name) => answer?.fields?.find(({ label }) => label === name)).find((each) => each !== undefined);
    if (field === undefined) return null;
    // Without a parser it is structured metadata and can be compared as it stands.
    const parser = field.parsers?.find((each) => each === 'json' || each === 'logfmt');
    return `${any} ${parser === undefined ? '' : `| ${parser} `}${having([field.label], wanted)}`;
  }
}

export function nanoseconds(ms: number): string {
  return `${Math.max(0, Math.floor(ms))}000000`;
}
