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
const gitDeadlineMs = 5_000;
const maxOutput = 4 * 2 ** 20;
const asJson = 'application/json; charset=utf-8';

/** `folder`: the repository. `path`: PATH, by which git is found. */
export async function startForge(folder: string, path: string): Promise<Forge> {
  const deployments: Deployment[] = [];
  const git = (...args: readonly string[]) => gitIn(folder, path, args);
  const server = createServer((request, response) => {
    const at = new URL(request.url ?? '/', 'http://forge');
    answer(at, { git, deployments, base: urlOf(server.address()) })
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

interface Shelf {
  readonly git: (...args: readonly string[]) => Promise<string>;
  readonly deployments: readonly Deployment[];
  readonly base: string;
}

/** Text for people, JSON for the product; null: there is no such thing. */
async function answer(at: URL, shelf: Shelf): Promise<unknown> {
  const { git, deployments } = shelf;
  const page = /^\/demo\/shop\/commit\/([0-9a-f]{40})$/.exec(at.pathname);
  if (page !== null) return git('show', '--no-color', page[1] ?? '');
  const [, asked = null] = /^\/repos\/demo\/shop\/(.+)$/.exec(at.pathname) ?? [];
  if (asked === null) return null;
  const [kind, name = '', part] = asked.split('/');
  if (asked === 'deployments') return Promise.all(deployments.map((deployment) => deploymentJson(deployment, shelf)));
  if (kind === 'deployments' && part === 'statuses')
    return deployments.filter(({ id }) => id === Number(name)).map((one) => ({ state: 'success', created_at: iso(one.at) }));
  if (asked === 'releases' || (kind === 'commits' && part === 'pulls')) return [];
  if (asked === 'commits') return commitsBetween(at.searchParams, shelf);
  if (kind === 'commits' && /^[0-9a-f]{40}$/.test(name))
    return { ...(await commitJson(name, shelf)), files: filesOf(await git('show', '--format=', '--no-color', name)) };
  return null;
}

async function deploymentJson({ id, service, version, at }: Deployment, { git }: Shelf) {
  const ref = `${service}-v${version}`;
  const sha = (await git('rev-parse', `refs/tags/${ref}^{commit}`)).trim();
  return { id, sha, ref, task: 'deploy', environment: 'production', description: null, payload: { service }, created_at: iso(at) };
}

async function commitsBetween(query: URLSearchParams, shelf: Shelf) {
  const range = ['since', 'until'].flatMap((name) => (query.has(name) ? [`--${name}=${query.get(name)}`] : []));
  const shas = (await shelf.git('log', '--format=%H', ...range)).split('\n').filter((sha) => sha !== '');
  return Promise.all(shas.map((sha) => commitJson(sha, shelf)));
}

async function commitJson(sha: string, { git, base }: Shelf) {
  const [name = '', email = '', date = '', ...message] = (await git('show', '-s', '--format=%an%n%ae%n%cI%n%B', sha)).trimEnd().split('\n');
  const who = { name, email, date: iso(Date.parse(date)) };
  return { sha, html_url: `${base}/${repository}/commit/${sha}`, commit: { message: message.join('\n'), author: who, committer: who } };
}

/** `git show` as GitHub's list of files. */
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
