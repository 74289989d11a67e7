/**
 * Deployments of one repository as GitHub knows them: which commit went out when, and which was there before. A deployment
 * counts as running once a status says that it is in progress or done; what only waits or failed at once has changed nothing.
 */
import type { Change } from '../../../domain/change.ts';
import { serviceNamedIn } from '../../../domain/change-notice.ts';
import type { Window } from '../../../domain/evidence.ts';
import { between, type Contents, ofCommit, ownerAndRepo, pullOf, titleOf } from './contents.ts';
import { type Place, plainName, placeOf } from './places.ts';
import type { GitHub } from './questions.ts';
import { type Deployment, Deployments, type Status, Statuses } from './shapes.ts';

export interface Reading {
  readonly github: GitHub;
  readonly repository: string;
  readonly places: readonly Place[];
  readonly window: Window;
  readonly signal: AbortSignal;
}

/** Of the window, the newest; and as many older ones to find what ran before. */
const maxDeployments = 6;
const maxOlder = 4;
const maxPages = 4;

interface Known {
  readonly deployment: Deployment;
  /** First sight of it in progress or done. */
  readonly beganAt: number | null;
  /** Further statuses that say the same, in time order. */
  readonly steps: readonly number[];
  readonly isDone: boolean;
}

export interface Deployed {
  readonly changes: Change[];
  /** Commits that these deployments brought; they are no changes of their own. */
  readonly shas: ReadonlySet<string>;
  readonly isCut: boolean;
}

export async function deploymentsOf(reading: Reading): Promise<Deployed> {
  const { github, repository, window, signal } = reading;
  const { pages, isCut } = await github.pages(
    {
      attempt: `list deployments of ${repository}`,
      route: 'GET /repos/{owner}/{repo}/deployments',
      parameters: { ...ownerAndRepo(repository), per_page: 30 },
      shape: Deployments,
      signal,
    },
    maxPages,
    (page) => page.filter((deployment) => Date.parse(deployment.created_at) < window.fromMs).length >= maxOlder,
  );
  const relevant = pages
    .flat()
    .filter((deployment) => Date.parse(deployment.created_at) <= window.toMs && deployment.transient_environment !== true)
    .sort((a, b) => Date.parse(b.created_at) - Date.parse(a.created_at));
  const fresh = relevant.filter((deployment) => Date.parse(deployment.created_at) >= window.fromMs);
  const taken = fresh.slice(0, maxDeployments);
  if (taken.length === 0) return { changes: [], shas: new Set(), isCut: false };
  const older = relevant.slice(taken.length, taken.length + maxOlder);
  const known = await Promise.all([...taken, ...older].map((deployment) => withStatuses(deployment, reading)));
  const answers = await Promise.all(known.slice(0, taken.length).map((each, i) => changesOf(each, known.slice(i + 1), reading)));
  return {
    changes: answers.flatMap(({ changes }) => changes),
    shas: new Set(answers.flatMap(({ shas }) => shas)),
    isCut: isCut || fresh.length > taken.length || answers.some((answer) => answer.isCut),
  };
}

async function withStatuses(deployment: Deployment, { github, repository, signal, window }: Reading): Promise<Known> {
  const statuses = await github.maybe({
    attempt: `read the statuses of a deployment of ${repository}`,
    route: 'GET /repos/{owner}/{repo}/deployments/{deployment_id}/statuses',
    parameters: { ...ownerAndRepo(repository), deployment_id: deployment.id, per_page: 100 },
    shape: Statuses,
    signal,
  });
  return knownFrom(
    deployment,
    (statuses ?? []).filter((status) => Date.parse(status.created_at) <= window.toMs),
  );
}

function knownFrom(deployment: Deployment, statuses: readonly Status[]): Known {
  const running = statuses
    .filter(({ state }) => state === 'in_progress' || state === 'success')
    .map((status) => Date.parse(status.created_at))
    .sort((a, b) => a - b);
  const [beganAt, ...steps] = running;
  return { deployment, beganAt: beganAt ?? null, steps, isDone: statuses.some(({ state }) => state === 'success') };
}

async function changesOf({ deployment, beganAt, steps }: Known, earlier: readonly Known[], reading: Reading) {
  const before = earlier.find(({ deployment: other, isDone }) => isDone && isSameTrack(other, deployment))?.deployment ?? null;
  const contents = before === null ? await ofCommit(reading, deployment.sha) : await between(reading, before.sha, deployment.sha);
  const pull = beganAt === null ? null : await pullOf(reading, deployment.sha);
  const head = contents?.commits.at(-1);
  const more = (contents?.commits.length ?? 1) - 1;
  const brought =
    pull !== null ? `#${pull.number} ${pull.title}` : head === undefined ? (deployment.description ?? '') : titleOf(head.commit.message);
  const title = `${contents?.isRollback ? 'Roll-back of ' : ''}${brought}${more > 0 ? ` (+${more} more)` : ''}`.trim();
  const changes = servicesOf(deployment, contents, reading.places).map(
    ({ service, path }): Change => ({
      kind: 'deployment',
      service,
      startedAt: beganAt ?? Date.parse(deployment.created_at),
      steps,
      version: versionIn(deployment.ref, service),
      sha: deployment.sha,
      url: pull?.html_url ?? contents?.url ?? null,
      title: title === '' ? null : title,
      deployedBy: beganAt === null ? null : 'deployment',
      ...ownPart(contents, path, reading.places),
    }),
  );
  return { changes, shas: [deployment.sha, ...(contents?.commits ?? []).map(({ sha }) => sha)], isCut: contents?.isCut === true };
}

/** `v1.2` as it stands; `cart-v1.2` and `cart@1.2` are tags of the cart. */
function versionIn(ref: string, service: string): string | null {
  if (/^[0-9a-f]{40}$/.test(ref)) return null;
  if (/^v?\d/.test(ref)) return ref;
  const [, name = '', version = null] = /^(.+?)[-@/]v?(\d[\w.+-]*)$/.exec(ref) ?? [];
  return plainName(name) === plainName(service) ? version : null;
}

function isSameTrack(a: Deployment, b: Deployment): boolean {
  return a.environment === b.environment && a.task === b.task && serviceNamedIn(a.payload) === serviceNamedIn(b.payload);
}

const notProduction = /stag|test|^dev|develop|preview|review|sandbox|^qa|^uat|^ci$|pull|pr-?\d/i;

/** What a deployment says of whose it is. */
export type Told = Pick<Deployment, 'environment' | 'task' | 'payload' | 'production_environment'>;

/**
 * Whose deployment it is. A service that the deployment names has it alone; else those whose files it changed; where none
 * of its files is any service's own (a library of all), all of them.
 */
export function servicesOf(deployment: Told, contents: Pick<Contents, 'files'> | null, places: readonly Place[]): Place[] {
  const here = places.filter(({ service }) => runsIn(service, deployment));
  const names = [
    serviceNamedIn(deployment.payload) ?? '',
    ...(deployment.task ?? '').split(/[:/]/),
    ...deployment.environment.split(/[:/ ]/),
  ];
  const named = here.filter(({ service }) => names.some((name) => name !== '' && plainName(name) === plainName(service)));
  if (named.length > 0 || here.length <= 1) return named.length > 0 ? named : here;
  const touched = new Set((contents?.files ?? []).flatMap((file) => placeOf(file, here)));
  return touched.size > 0 ? [...touched] : here;
}

function runsIn(service: string, { environment, production_environment: isProduction }: Told): boolean {
  const place = /@([^@]+)$/.exec(service)?.[1];
  if (place !== undefined) return environment.toLowerCase().includes(place.toLowerCase());
  return isProduction === true || !notProduction.test(environment);
}

/** What concerns one service: its own files, and those that are nobody's own. */
export function ownPart(contents: Contents | null, path: string, places: readonly Place[]): Pick<Change, 'files' | 'patches'> {
  const isOwn = (file: string) => {
    const of = placeOf(file, places);
    return of.length === 0 || of.some((place) => place.path === path);
  };
  if (contents === null) return { files: [] };
  return { files: contents.files.filter(isOwn), patches: contents.patches.filter(({ file }) => isOwn(file)) };
}
