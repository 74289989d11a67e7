/** Releases and commits: announced and merged. Nothing here says that it runs, unless telemetry carries the same version. */
import type { Change } from '../../../domain/change.ts';
import type { RunningVersion } from '../../../domain/service.ts';
import { ofCommit, ownerAndRepo, titleOf } from './contents.ts';
import { ownPart, type Reading } from './deployments.ts';
import { type Place, placeOf, plainName } from './places.ts';
import { Commits, Releases } from './shapes.ts';

const maxReleasePages = 2;
const maxCommitPages = 3;
/** Commits looked at file by file, the newest; each costs a request once. */
const maxDetailed = 5;

export async function releasesOf(reading: Reading, running: readonly RunningVersion[]): Promise<Change[]> {
  const { github, repository, window, signal, places } = reading;
  const { pages } = await github.pages(
    {
      attempt: `list releases of ${repository}`,
      route: 'GET /repos/{owner}/{repo}/releases',
      parameters: { ...ownerAndRepo(repository), per_page: 30 },
      shape: Releases,
      signal,
    },
    maxReleasePages,
    (page) => page.some(({ published_at }) => published_at != null && Date.parse(published_at) < window.fromMs),
  );
  return pages.flat().flatMap(({ tag_name, html_url, name, draft, published_at }) => {
    const publishedAt = draft || published_at == null ? Number.NaN : Date.parse(published_at);
    if (!(publishedAt >= window.fromMs && publishedAt <= window.toMs)) return [];
    const plain = bareVersion(tag_name);
    return taggedPlaces(tag_name, places).map(({ service }): Change => {
      const seen = running.find(
        (version) => version.service === service && version.version !== null && bareVersion(version.version) === plain,
      );
      return {
        kind: 'release',
        service,
        startedAt: Math.round(Math.max(publishedAt, seen?.firstSeenAt ?? 0)),
        steps: [],
        version: seen?.version ?? tag_name,
        sha: null,
        url: html_url,
        title: name ? titleOf(name) : null,
        files: [],
        deployedBy: seen === undefined ? null : 'telemetry',
      };
    });
  });
}

const bareVersion = (version: string): string => /v?(\d[\w.+-]{0,100})$/.exec(version)?.[1] ?? version;

/** `cart-v1.2` and `cart@1.2` are the cart's; a plain tag is everybody's. */
function taggedPlaces(tag: string, places: readonly Place[]): readonly Place[] {
  const prefix = /^(.+?)[-@/]v?\d/.exec(tag)?.[1];
  const own = prefix === undefined ? [] : places.filter(({ service }) => plainName(service) === plainName(prefix));
  return own.length > 0 ? own : places;
}

/** Commits of the default branch that no deployment has brought. */
export async function commitsOf(reading: Reading, deployed: ReadonlySet<string>): Promise<{ changes: Change[]; isCut: boolean }> {
  const { github, repository, window, signal, places } = reading;
  const { pages, isCut } = await github.pages(
    {
      attempt: `list commits of ${repository}`,
      route: 'GET /repos/{owner}/{repo}/commits',
      parameters: {
        ...ownerAndRepo(repository),
        since: new Date(window.fromMs).toISOString(),
        until: new Date(window.toMs).toISOString(),
        per_page: 100,
      },
      shape: Commits,
      signal,
    },
    maxCommitPages,
    () => false,
  );
  const open = pages.flat().filter(({ sha }) => !deployed.has(sha));
  const detailed = await Promise.all(open.slice(0, maxDetailed).map(({ sha }) => ofCommit(reading, sha)));
  const changes = open.slice(0, maxDetailed).flatMap(({ sha, html_url, commit }, i) => {
    const contents = detailed[i] ?? null;
    const touched = new Set((contents?.files ?? []).flatMap((file) => placeOf(file, places)));
    return [...touched].map(
      ({ service, path }): Change => ({
        kind: 'commit',
        service,
        startedAt: Date.parse(commit.committer?.date ?? new Date(window.fromMs).toISOString()),
        steps: [],
        version: null,
        sha,
        url: html_url,
        title: titleOf(commit.message),
        deployedBy: null,
        ...ownPart(contents, path, places),
      }),
    );
  });
  return { changes, isCut: isCut || open.length > maxDetailed };
}
