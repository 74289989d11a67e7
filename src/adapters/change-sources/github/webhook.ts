/**
 * Changes that GitHub told by webhook and that lie in the ledger. They need no request and no token, and they are there
 * when GitHub is not; diffs are the API's to add.
 */
import { z } from 'zod';
import { definer } from '../../../adapter.ts';
import type { Change } from '../../../domain/change.ts';
import { type ChangeNotice, noticeKind } from '../../../domain/change-notice.ts';
import type { Window } from '../../../domain/evidence.ts';
import type { RunningVersion } from '../../../domain/service.ts';
import type { Ledger } from '../../../ports.ts';
import type { ChangeSource } from '../../../ports/sources.ts';
import { servicesOf } from './deployments.ts';
import { type Place, placeOf, placesIn, type RepositoryEntry, readRepositories } from './places.ts';
import { RepositoriesSetting } from './repositories-setting.ts';

const storedChanges = definer<(ledger: Pick<Ledger, 'inboxSince'>) => ChangeSource>();

/** Deliveries read for one investigation, the newest. */
const maxDeliveries = 500;

export const githubWebhook = storedChanges({
  id: 'github-webhook',
  settings: z.object({
    GITHUB_WEBHOOK_SECRET: z.string().min(1).describe('Secret of the webhook that GitHub sends to /webhook/github'),
    GITHUB_REPOSITORIES: RepositoriesSetting,
  }),
  create(settings) {
    const entries = readRepositories(settings.GITHUB_REPOSITORIES ?? '') ?? [];
    return (ledger) => ({
      async changes(window, services, _signal, running) {
        const stored = await ledger.inboxSince(noticeKind, window.fromMs, maxDeliveries);
        const notices = stored.flatMap(({ body }) => body as ChangeNotice[]).filter(({ at }) => at >= window.fromMs && at <= window.toMs);
        return { changes: changesIn(notices, { entries, window, services, running }), gaps: [] };
      },
    });
  },
});

interface Known {
  readonly entries: readonly RepositoryEntry[];
  readonly window: Window;
  readonly services: readonly string[];
  readonly running: readonly RunningVersion[];
}

function changesIn(notices: readonly ChangeNotice[], known: Known): Change[] {
  const changes = [...Map.groupBy(notices, ({ repository }) => repository)].flatMap(([repository, told]) => {
    // The folders that pushes touched are all that is known of the repository's.
    const folders = [...new Set(told.flatMap(({ files }) => files.flatMap(foldersAbove)))];
    const places = placesIn(repository, known.entries, { folders, codeowners: '' }, known.services, known.running);
    const deployments = Map.groupBy(
      told.filter(({ kind }) => kind === 'deployment'),
      ({ deployment }) => deployment?.id,
    );
    const brought = new Set([...deployments.values()].flat().map(({ sha }) => sha));
    return [
      ...[...deployments.values()].flatMap((of) => deploymentOf(of, told, places)),
      ...told.filter(({ kind, sha }) => kind === 'commit' && !brought.has(sha)).flatMap((notice) => commitOf(notice, places)),
      ...told.filter(({ kind }) => kind === 'release').flatMap((notice) => releaseOf(notice, places, known.running)),
    ];
  });
  return changes.sort((a, b) => a.startedAt - b.startedAt);
}

function foldersAbove(file: string): string[] {
  const parts = file.split('/').slice(0, -1).slice(0, 4);
  return parts.map((_, i) => parts.slice(0, i + 1).join('/'));
}

const base = ({ version, sha, url, title }: ChangeNotice) => ({ steps: [], version, sha, url, title });

function deploymentOf(told: readonly ChangeNotice[], all: readonly ChangeNotice[], places: readonly Place[]): Change[] {
  const [first] = told;
  if (first === undefined || first.deployment === null) return [];
  const { environment, task, service: named, isProduction } = first.deployment;
  const commit = all.find(({ kind, sha }) => kind === 'commit' && sha === first.sha);
  const began = told.filter(({ deployment }) => deployment?.state === 'in_progress' || deployment?.state === 'success').map(({ at }) => at);
  const contents = commit === undefined ? null : { files: commit.files };
  const deployment = { environment, task, payload: { service: named }, production_environment: isProduction };
  return servicesOf(deployment, contents, places).map(({ service }) => ({
    ...base(first),
    kind: 'deployment',
    service,
    startedAt: began.length > 0 ? Math.min(...began) : first.at,
    title: commit?.title ?? first.title,
    url: commit?.url ?? first.url,
    files: commit?.files ?? [],
    deployedBy: began.length > 0 ? 'deployment' : null,
  }));
}

function commitOf(notice: ChangeNotice, places: readonly Place[]): Change[] {
  const services = new Set(notice.files.flatMap((file) => placeOf(file, places)).map(({ service }) => service));
  return [...services].map((service) => ({
    ...base(notice),
    kind: 'commit',
    service,
    startedAt: notice.at,
    files: notice.files,
    deployedBy: null,
  }));
}

/** Published is not deployed; a version that telemetry carries is. */
function releaseOf(notice: ChangeNotice, places: readonly Place[], running: readonly RunningVersion[]): Change[] {
  const bare = (version: string | null) => version?.replace(/^v/, '');
  return places.map(({ service }) => {
    const seen = running.some(
      (version) => version.service === service && version.version !== null && bare(version.version) === bare(notice.version),
    );
    return { ...base(notice), kind: 'release', service, startedAt: notice.at, files: [], deployedBy: seen ? 'telemetry' : null };
  });
}
