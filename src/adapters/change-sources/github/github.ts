/**
 * Changes from GitHub, read-only: deployments with what they brought, rollouts that telemetry shows, releases, and commits
 * that are merged and not deployed. Each repository is read for itself; one that cannot be read is a gap.
 */
import { z } from 'zod';
import type { Tools } from '../../../adapter.ts';
import type { Change } from '../../../domain/change.ts';
import type { Gap, Window } from '../../../domain/evidence.ts';
import { Failure } from '../../../domain/failure.ts';
import type { RunningVersion } from '../../../domain/service.ts';
import { type ChangeSource, changeSource } from '../../../ports/sources.ts';
import { AppKey, installationTokens } from './app-key.ts';
import { deploymentsOf, type Reading } from './deployments.ts';
import { createLayouts, type Layouts, readableRepositories } from './layouts.ts';
import { commitsOf, releasesOf } from './merged.ts';
import { placesIn, type RepositoryEntry, readRepositories, repositoryOf } from './places.ts';
import { httpAddress } from '../../json-api.ts';
import { RepositoriesSetting } from './repositories-setting.ts';
import { type Authorize, createGitHub, defaultApiUrl, type GitHub, system } from './questions.ts';
import { rolloutsOf } from './rollouts.ts';

/** Where GitHub is, and which repositories are whose. */
const PlaceSettings = z.object({
  GITHUB_API_URL: httpAddress().optional().describe(`GitHub API, for an Enterprise server; ${defaultApiUrl} without it`),
  GITHUB_REPOSITORIES: RepositoriesSetting,
});

export const github = changeSource({
  id: system,
  settings: PlaceSettings.extend({
    GITHUB_TOKEN: z
      .string()
      .min(1)
      .describe('Token that may read contents, deployments and pull requests, or an installation token of an App'),
  }),
  create: (settings, tools: Tools) => readerOf(settings, async () => `token ${settings.GITHUB_TOKEN}`, tools),
});

/** The same, with an App's key in place of a token: it has no person's rights, and its tokens last an hour. */
export const githubApp = changeSource({
  id: 'github-app',
  settings: PlaceSettings.extend(AppKey.shape),
  create: (settings, tools: Tools) => readerOf(settings, installationTokens(settings, tools.now), tools),
});

/** Repositories read for one investigation; each costs three lists and a few comparisons. */
const maxRepositories = 12;

function readerOf(settings: z.infer<typeof PlaceSettings>, authorize: Authorize, tools: Tools): ChangeSource {
  const api = createGitHub(authorize, settings.GITHUB_API_URL, tools);
  const layouts = createLayouts(api, tools.now);
  const entries = readRepositories(settings.GITHUB_REPOSITORIES ?? '') ?? [];
  return {
    async changes(window, services, signal, running) {
      const asked: Asked = { api, layouts, entries, window, services, running, signal };
      const repositories = await repositoriesOf(asked);
      const answers = await Promise.all(repositories.slice(0, maxRepositories).map((repository) => readOrGap(repository, asked)));
      const broken = answers.flatMap(({ failure }) => failure ?? []);
      if (broken[0] !== undefined && broken.length === answers.length) throw broken[0];
      const gaps = answers.flatMap((answer) => answer.gaps);
      if (repositories.length === 0)
        gaps.push({ source: system, reason: 'no repository is known for the services; set GITHUB_REPOSITORIES' });
      if (repositories.length > maxRepositories)
        gaps.push({
          source: system,
          reason: `${repositories.length - maxRepositories} of ${repositories.length} repositories were not read`,
        });
      return { changes: answers.flatMap(({ changes }) => changes).sort((a, b) => a.startedAt - b.startedAt), gaps };
    },
    async probe(signal) {
      const readable = await readableRepositories(api, [], { fromMs: 0, toMs: tools.now() }, signal);
      const missing = entries.map(({ repository }) => repository).filter((repository) => !readable.includes(repository));
      const rest = missing.length === 0 ? '' : `; not in its list: ${missing.join(', ')}`;
      return `${readable.length} repositories can be read${rest}`;
    },
  };
}

interface Asked {
  readonly api: GitHub;
  readonly layouts: Layouts;
  readonly entries: readonly RepositoryEntry[];
  readonly window: Window;
  readonly services: readonly string[];
  readonly running: readonly RunningVersion[];
  readonly signal: AbortSignal;
}

/** Those of the setting; without it, those that telemetry names and those the token can read that might be a service's. */
async function repositoriesOf({ api, entries, running, services, window, signal }: Asked): Promise<string[]> {
  const named = running.flatMap(({ repositoryUrl }) => (repositoryUrl?.includes(api.host) ? (repositoryOf(repositoryUrl) ?? []) : []));
  if (entries.length > 0) return unique([...entries.map(({ repository }) => repository), ...named]);
  return unique([...named, ...(await readableRepositories(api, services, window, signal))]);
}

/** GitHub's names do not depend on case. */
function unique(repositories: readonly string[]): string[] {
  return [...new Map([...repositories].reverse().map((name) => [name.toLowerCase(), name])).values()].reverse();
}

interface Read {
  readonly changes: readonly Change[];
  readonly gaps: readonly Gap[];
  readonly failure: Failure | null;
}

async function readOrGap(repository: string, asked: Asked): Promise<Read> {
  try {
    return { ...(await readRepository(repository, asked)), failure: null };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { changes: [], gaps: [{ source: system, reason: error.message }], failure: error };
  }
}

async function readRepository(repository: string, asked: Asked): Promise<Pick<Read, 'changes' | 'gaps'>> {
  const { api, entries, window, services, running, signal, layouts } = asked;
  const isSaid = entries.some((entry) => entry.repository === repository && entry.service !== null);
  const layout = isSaid ? null : await layouts.of(repository, signal);
  const places = placesIn(repository, entries, layout, services, running);
  if (places.length === 0) return { changes: [], gaps: [{ source: system, reason: `no service is known to live in ${repository}` }] };
  const reading: Reading = { github: api, repository, places, window, signal };
  const failures: Failure[] = [];
  const part = <T>(read: Promise<T>, otherwise: T): Promise<T> => orElse(read, otherwise, failures);
  const [deployed, rolledOut, released] = await Promise.all([
    part(deploymentsOf(reading), { changes: [], shas: new Set<string>(), isCut: false }),
    part(rolloutsOf(reading, running), { changes: [], shas: [] }),
    part(releasesOf(reading, running), []),
  ]);
  const merged = await part(commitsOf(reading, new Set([...deployed.shas, ...rolledOut.shas])), { changes: [], isCut: false });
  const changes = [
    ...deployed.changes,
    ...rolledOut.changes.filter((change) => !isAmong(deployed.changes, change)),
    ...released,
    ...merged.changes,
  ];
  // A token may lack one right, and a deadline may cut the last part off: the others still count.
  if (failures[0] !== undefined && changes.length === 0) throw failures[0];
  const reasons = new Set(failures.map(({ message }) => message));
  if (deployed.isCut || merged.isCut) reasons.add(`${repository} has more deployments, commits or files of this time than were read`);
  return { changes, gaps: [...reasons].map((reason) => ({ source: system, reason })) };
}

async function orElse<T>(read: Promise<T>, otherwise: T, failures: Failure[]): Promise<T> {
  try {
    return await read;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    failures.push(error);
    return otherwise;
  }
}

/** A rollout that telemetry shows and GitHub knows as a deployment is one change. */
function isAmong(deployed: readonly Change[], { service, sha }: Change): boolean {
  return deployed.some((other) => other.service === service && sha !== null && other.sha?.startsWith(sha));
}
