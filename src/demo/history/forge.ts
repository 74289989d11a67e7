/**
 * Where the shop keeps its code: a stand-in for GitHub that answers, from the shop's own git repository, what the product
 * asks of GitHub's REST API, on this machine alone. Its deployments are those the shop has told it of; the links it gives
 * lead to itself, to a commit as text.
 */
import { execFile } from 'node:child_process';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sources } from './sources.ts';

export interface Forge {
  /** What makes the product ask here. */
  readonly settings: Readonly<Record<string, string>>;
  /** A version of a service went live now: the commit that its tag names. */
  deployed(service: string, version: string, at: number): void;
  stop(): void;
}

interface Deployment {
  readonly id: number;
  readonly service: string;
  readonly version: string;
  readonly at: number;
}

const repository = 'demo/shop';
/** Nobody checks it, but the product does not ask without one. */
const token = 'demo-token';
const gitDeadlineMs = 15_000;
const maxOutput = 4 * 2 ** 20;
const asJson = 'application/json; charset=utf-8';

/** `folder`: the repository. `path`: PATH, by which git is found. */
export async function startForge(folder: string, path: string): Promise<Forge> {
  const deployments: Deployment[] = [];
  const git = (...args: readonly string[]) => gitIn(folder, path, args);
  // All of it before anybody asks: the product waits two seconds for an answer, and a busy machine starts no thirty processes in them.
  const history = await readHistory(git);
  const server = createServer((request, response) => {
    const at = new URL(request.url ?? '/', 'http://forge');
    answer(at, { git, history, deployments, base: urlOf(server.address()) })
      .then((body) => reply(response, body))
      .catch(() => reply(response, null));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    settings: {
      GITHUB_API_URL: urlOf(server.address()),
      GITHUB_TOKEN: token,
      GITHUB_REPOSITORIES: sources.map(({ service }) => `${repository}:services/${service}=${service}`).join(','),
    },
    deployed: (service, version, at) => void deployments.unshift({ id: deployments.length + 1, service, version, at }),
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}

function urlOf(address: AddressInfo | string | null): string {
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
}

type Git = (...args: readonly string[]) => Promise<string>;

interface Commit {
  readonly sha: string;
  readonly author: { readonly name: string; readonly email: string; readonly date: string };
  readonly message: string;
  readonly diff: string;
}

interface History {
  /** By its hash; the newest first. */
  readonly commits: ReadonlyMap<string, Commit>;
  /** Which commit each tag names. */
  readonly tags: ReadonlyMap<string, string>;
}

/** Control characters that no commit of the shop has in it: before each commit, and after each part of it. */
const [before, after] = ['\x1e', '\x1f'];

async function readHistory(git: Git): Promise<History> {
  const form = `--format=%x1e${['%H', '%an', '%ae', '%cI', '%B', ''].join('%x1f')}`;
  const [log, refs] = await Promise.all([
    git('log', '-p', '--no-color', form),
    git('for-each-ref', '--format=%(refname:short) %(objectname) %(*objectname)', 'refs/tags'),
  ]);
  const commits = log
    .split(before)
    .slice(1)
    .map((part): Commit => {
      const [sha = '', name = '', email = '', date = '', message = '', diff = ''] = part.split(after);
      return { sha, author: { name, email, date: iso(Date.parse(date)) }, message: message.trimEnd(), diff };
    });
  const tags = refs
    .trim()
    .split('\n')
    // One with words of its own is an object that names the commit.
    .map((line) => line.split(' '))
    .map(([tag = '', sha = '', named]) => [tag, named || sha] as const);
  return { commits: new Map(commits.map((commit) => [commit.sha, commit])), tags: new Map(tags) };
}

interface Shelf {
  readonly git: Git;
  readonly history: History;
  readonly deployments: readonly Deployment[];
  readonly base: string;
}

/** Text for people, JSON for the product; null: there is no such thing. */
async function answer(at: URL, shelf: Shelf): Promise<unknown> {
  const { git, history, deployments } = shelf;
  const page = /^\/demo\/shop\/commit\/([0-9a-f]{40})$/.exec(at.pathname);
  if (page !== null) return git('show', '--no-color', page[1] ?? '');
  const [, asked = null] = /^\/repos\/demo\/shop\/(.+)$/.exec(at.pathname) ?? [];
  if (asked === null) return null;
  const [kind, name = '', part] = asked.split('/');
  if (asked === 'deployments') return deployments.map((deployment) => deploymentJson(deployment, history));
  if (kind === 'deployments' && part === 'statuses')
    return deployments.filter(({ id }) => id === Number(name)).map((one) => ({ state: 'success', created_at: iso(one.at) }));
  if (asked === 'releases' || (kind === 'commits' && part === 'pulls')) return [];
  if (asked === 'commits') return commitsBetween(at.searchParams, shelf);
  const commit = kind === 'commits' ? history.commits.get(name) : undefined;
  return commit === undefined ? null : { ...commitJson(commit, shelf), files: filesOf(commit.diff) };
}

function deploymentJson({ id, service, version, at }: Deployment, { tags }: History) {
  const ref = `${service}-v${version}`;
  const sha = tags.get(ref);
  return { id, sha, ref, task: 'deploy', environment: 'production', description: null, payload: { service }, created_at: iso(at) };
}

function commitsBetween(query: URLSearchParams, shelf: Shelf) {
  const since = Date.parse(query.get('since') ?? iso(0));
  const until = Date.parse(query.get('until') ?? iso(Date.now()));
  const isAsked = ({ author }: Commit) => since <= Date.parse(author.date) && Date.parse(author.date) <= until;
  return [...shelf.history.commits.values()].filter(isAsked).map((commit) => commitJson(commit, shelf));
}

function commitJson({ sha, author, message }: Commit, { base }: Shelf) {
  return { sha, html_url: `${base}/${repository}/commit/${sha}`, commit: { message, author, committer: author } };
}

/** What git prints of a commit as GitHub's list of files. */
function filesOf(diff: string) {
  return diff
    .split(/^(?=diff --git )/m)
    .filter((part) => part.startsWith('diff --git '))
    .map((part) => ({ filename: /^diff --git a\/.+ b\/(.+)$/m.exec(part)?.[1] ?? '', patch: part.slice(part.search(/^@@ /m)).trimEnd() }));
}

function reply(response: ServerResponse, body: unknown): void {
  if (body === null) response.writeHead(404, { 'content-type': asJson }).end('{"message":"Not Found"}');
  else if (typeof body === 'string')
    response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' }).end(body);
  else response.writeHead(200, { 'content-type': asJson }).end(JSON.stringify(body));
}

function gitIn(cwd: string, path: string, args: readonly string[]): Promise<string> {
  const env = { PATH: path, HOME: cwd, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1', LC_ALL: 'C' };
  return new Promise((resolve, reject) => {
    execFile('git', args, { cwd, env, timeout: gitDeadlineMs, maxBuffer: maxOutput }, (error, stdout) =>
      error === null ? resolve(stdout) : reject(error),
    );
  });
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
