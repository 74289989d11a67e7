/**
 * Deployments that nobody told GitHub of, seen in telemetry: a service whose spans begin to carry another version. The
 * commits of both versions are found by what telemetry says of them, else by their tags, and compared.
 */
import type { Change } from '../../../domain/change.ts';
import type { RunningVersion } from '../../../domain/service.ts';
import { between, ownerAndRepo, titleOf } from './contents.ts';
import { ownPart, type Reading } from './deployments.ts';
import { type Place, plainName } from './places.ts';
import { Reference, Tag } from './shapes.ts';

/** What is seen with the very first telemetry was there before it. */
const leastLaterMs = 30_000;

export async function rolloutsOf(reading: Reading, running: readonly RunningVersion[]): Promise<{ changes: Change[]; shas: string[] }> {
  const answers = await Promise.all(reading.places.map((place) => rolloutOf(place, reading, running)));
  return { changes: answers.flatMap(({ change }) => change ?? []), shas: answers.flatMap(({ shas }) => shas) };
}

async function rolloutOf(place: Place, reading: Reading, running: readonly RunningVersion[]) {
  const versions = running.filter(({ service, version }) => service === place.service && version !== null);
  const newest = versions.at(-1);
  const before = versions.at(-2);
  const nothing = { change: null, shas: [] };
  if (newest === undefined || before === undefined || newest.firstSeenAt - before.firstSeenAt < leastLaterMs) return nothing;
  if (newest.firstSeenAt > reading.window.toMs) return nothing;
  const [base, head] = await Promise.all([commitOf(before, reading), commitOf(newest, reading)]);
  const contents = base === null || head === null ? null : await between(reading, base, head);
  const last = contents?.commits.at(-1);
  const change: Change = {
    kind: 'deployment',
    service: place.service,
    startedAt: Math.round(newest.firstSeenAt),
    steps: [],
    version: newest.version,
    sha: head,
    url: contents?.url ?? null,
    title: last === undefined ? null : `${contents?.isRollback ? 'Roll-back of ' : ''}${titleOf(last.commit.message)}`,
    deployedBy: 'telemetry',
    ...ownPart(contents, place.path, reading.places),
  };
  return { change, shas: [head, ...(contents?.commits ?? []).map(({ sha }) => sha)].filter((sha) => sha !== null) };
}

/** Version → commit (PROTOCOLS E6): said by telemetry, a hash itself, or a tag in one of the usual forms. */
async function commitOf({ version, revision, service }: RunningVersion, reading: Reading): Promise<string | null> {
  if (revision !== null) return revision;
  if (version === null) return null;
  const hash = /(?:^|[-.+_]g?)([0-9a-f]{7,40})$/.exec(version)?.[1];
  if (hash !== undefined && /\d/.test(hash)) return hash;
  const plain = version.replace(/^v/, '');
  for (const tag of [`v${plain}`, plain, `${plainName(service)}-v${plain}`, `${plainName(service)}@${plain}`]) {
    const found = await taggedCommit(tag, reading);
    if (found !== null) return found;
  }
  return null;
}

async function taggedCommit(tag: string, { github, repository, signal }: Reading): Promise<string | null> {
  const attempt = `find a tag of ${repository}`;
  const parameters = ownerAndRepo(repository);
  const reference = await github.maybe({
    attempt,
    route: 'GET /repos/{owner}/{repo}/git/ref/{ref}',
    parameters: { ...parameters, ref: `tags/${tag}` },
    shape: Reference,
    signal,
  });
  if (reference === null || reference.object.type === 'commit') return reference?.object.sha ?? null;
  // An annotated tag is an object of its own that names the commit.
  const annotated = await github.maybe({
    attempt,
    route: 'GET /repos/{owner}/{repo}/git/tags/{tag_sha}',
    parameters: { ...parameters, tag_sha: reference.object.sha },
    shape: Tag,
    signal,
  });
  return annotated?.object.sha ?? null;
}
