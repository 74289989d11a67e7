/**
 * A GitHub that answers as documented (PROTOCOLS E) from a real git repository: commits, compare, contents and tags are read
 * with git; deployments, statuses, releases and pull requests are what a test has put in. ETags and 304, Link paging, rate
 * limits that count (a 304 does not), and faults that a test lines up.
 */
import { execFileSync } from 'node:child_process';
import { createHash, generateKeyPairSync, verify } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Json, routesOf } from './github-routes.ts';

export interface Fault {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Only for paths that hold this. */
  readonly path?: string;
}

export interface GitHubStandIn {
  readonly url: string;
  readonly token: string;
  /** An App's private key as PEM; its id is 4711, its installation 815. */
  readonly appKey: string;
  /** How many installation tokens were given out. */
  readonly signIns: () => number;
  /** Ends every installation token given out so far. */
  revoke(): void;
  /** Paths with query as they were asked, in order. */
  readonly asked: string[];
  readonly notModified: () => number;
  readonly remaining: () => number;
  /** Writes files (null deletes), commits at this time, and gives the full hash. */
  commit(at: number, message: string, files: Readonly<Record<string, string | null>>): string;
  tag(name: string, sha: string, isAnnotated?: boolean): void;
  deploy(at: number, sha: string, over?: Json): number;
  status(deployment: number, at: number, state: string): void;
  release(at: number, tag: string, over?: Json): void;
  pull(sha: string, number: number, title: string): void;
  /** Answers the next requests with these; `always` until `mend`. */
  fail(fault: Fault, always?: 'always'): void;
  mend(): void;
  /** From now on nothing is answered. */
  hang(): void;
  limit(remaining: number, resetAt: number): void;
  /** How many entries a page holds at most, below GitHub's own hundred. */
  maxPerPage(entries: number): void;
  stop(): void;
}

export async function startGitHub(repository = 'acme/shop'): Promise<GitHubStandIn> {
  const folder = mkdtempSync(join(tmpdir(), 'github-stand-in-'));
  const git = (...args: string[]) => execFileSync('git', ['-C', folder, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  git('init', '-q', '-b', 'main');
  git('config', 'user.email', 'dev@example.com');
  git('config', 'user.name', 'Dev');
  git('config', 'commit.gpgsign', 'false');
  const state = {
    deployments: [] as Json[],
    statuses: new Map<number, Json[]>(),
    releases: [] as Json[],
    pulls: new Map<string, Json[]>(),
    faults: [] as { fault: Fault; isLasting: boolean }[],
    isHanging: false,
    remaining: 5_000,
    resetAt: 0,
    perPage: 100,
    notModified: 0,
  };
  const token = 'ghp_standInTokenThatMustNeverBeSeen0123';
  const app = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  const installationTokens = new Set<string>();
  let signIns = 0;
  const asked: string[] = [];
  const server = createServer((request, response) => answer(request, response));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const routes = routesOf(git, state, `${url}/repos/${repository}`, repository);

  function answer(request: IncomingMessage, response: ServerResponse): void {
    const at = new URL(request.url ?? '/', url);
    asked.push(at.pathname + at.search);
    if (state.isHanging) return;
    const fault = state.faults.find(({ fault: { path } }) => path === undefined || at.pathname.includes(path));
    if (fault !== undefined) {
      if (!fault.isLasting) state.faults.splice(state.faults.indexOf(fault), 1);
      response.writeHead(fault.fault.status, { 'content-type': 'application/json', ...fault.fault.headers });
      response.end(fault.fault.body ?? JSON.stringify({ message: `${fault.fault.status} for ${request.headers.authorization}` }));
      return;
    }
    const say = (status: number, body: unknown, headers: Record<string, string> = {}) => reply(request, response, status, body, headers);
    if (request.method === 'POST' && at.pathname === '/app/installations/815/access_tokens') {
      signIn(request, say);
      return;
    }
    const refusal = refusalOf(request);
    const found = refusal === null ? routes(at, String(request.headers.accept ?? '')) : null;
    if (refusal !== null) say(refusal.status, { message: refusal.message });
    else if (found === null) say(404, { message: 'Not Found' });
    else if (typeof found === 'string') say(200, found, { 'content-type': 'application/vnd.github.raw+json; charset=utf-8' });
    else say(found.status ?? 200, found.body, found.link === undefined ? {} : { link: found.link });
  }

  /** As documented: a word signed by the App's key, issued in the past, at most ten minutes long. */
  function signIn({ headers }: IncomingMessage, say: (status: number, body: unknown) => void): void {
    const [head = '', body = '', signature = ''] = String(headers.authorization ?? '')
      .replace(/^Bearer /, '')
      .split('.');
    const isSigned = verify('RSA-SHA256', Buffer.from(`${head}.${body}`), app.publicKey, Buffer.from(signature, 'base64url'));
    if (!isSigned) {
      say(401, { message: 'A JSON web token could not be decoded' });
      return;
    }
    const { iss, iat, exp } = JSON.parse(Buffer.from(body, 'base64url').toString()) as { iss: string; iat: number; exp: number };
    if (iss !== '4711' || exp - iat > 600) {
      say(401, { message: "'Expiration time' claim ('exp') is too far in the future" });
      return;
    }
    const given = `ghs_standIn${++signIns}.that.must.never.be.seen`;
    installationTokens.add(given);
    say(201, { token: given, expires_at: new Date((iat + 60 + 3_600) * 1_000).toISOString(), permissions: { contents: 'read' } });
  }

  function refusalOf({ headers }: IncomingMessage): { status: number; message: string } | null {
    if (!headers['user-agent']) return { status: 403, message: 'Request forbidden by administrative rules' };
    const [scheme, given = ''] = String(headers.authorization ?? '').split(' ');
    if (!/^(token|bearer)$/i.test(scheme ?? '') || (given !== token && !installationTokens.has(given)))
      return { status: 401, message: 'Bad credentials' };
    return state.remaining <= 0 ? { status: 403, message: 'API rate limit exceeded' } : null;
  }

  function reply(request: IncomingMessage, response: ServerResponse, status: number, body: unknown, headers: Record<string, string>): void {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const etag = `W/"${createHash('sha256').update(text).digest('hex')}"`;
    const isSame = status === 200 && request.headers['if-none-match'] === etag;
    if (isSame) state.notModified++;
    else state.remaining--;
    response.writeHead(isSame ? 304 : status, {
      'content-type': 'application/json; charset=utf-8',
      'x-ratelimit-limit': '5000',
      'x-ratelimit-remaining': String(Math.max(0, state.remaining)),
      'x-ratelimit-reset': String(Math.floor(state.resetAt / 1_000)),
      'x-ratelimit-resource': 'core',
      ...(status === 200 ? { etag } : {}),
      ...headers,
    });
    response.end(isSame ? undefined : text);
  }

  const iso = (at: number) => new Date(at).toISOString().replace('.000', '');
  return {
    url,
    token,
    appKey: app.privateKey.export({ type: 'pkcs1', format: 'pem' }).toString(),
    signIns: () => signIns,
    revoke: () => installationTokens.clear(),
    asked,
    notModified: () => state.notModified,
    remaining: () => state.remaining,
    commit(at, message, files) {
      for (const [path, text] of Object.entries(files)) {
        const file = join(folder, path);
        mkdirSync(dirname(file), { recursive: true });
        if (text === null) rmSync(file);
        else writeFileSync(file, text);
      }
      git('add', '-A');
      const env = { ...process.env, GIT_COMMITTER_DATE: iso(at), GIT_AUTHOR_DATE: iso(at) };
      execFileSync('git', ['-C', folder, 'commit', '-q', '--allow-empty', '-m', message], { env, stdio: 'pipe' });
      return git('rev-parse', 'HEAD').trim();
    },
    tag: (name, sha, isAnnotated = false) => void git('tag', ...(isAnnotated ? ['-a', '-m', name] : []), name, sha),
    deploy(at, sha, over = {}) {
      const id = state.deployments.length + 1;
      const standard = { id, sha, ref: 'main', task: 'deploy', environment: 'production', description: null, payload: {} };
      state.deployments.unshift({ ...standard, created_at: iso(at), updated_at: iso(at), ...over });
      return id;
    },
    status(deployment, at, name) {
      const of = state.statuses.get(deployment) ?? [];
      state.statuses.set(deployment, [{ id: of.length, state: name, created_at: iso(at), environment_url: '' }, ...of]);
    },
    release(at, tag, over = {}) {
      const standard = {
        tag_name: tag,
        name: tag,
        draft: false,
        prerelease: false,
        html_url: `https://github.com/${repository}/releases/${tag}`,
      };
      state.releases.unshift({ ...standard, created_at: iso(at), published_at: iso(at), ...over });
    },
    pull: (sha, number, title) =>
      void state.pulls.set(sha, [{ number, title, merged_at: iso(0), html_url: `https://github.com/${repository}/pull/${number}` }]),
    fail: (fault, always) => void state.faults.push({ fault, isLasting: always === 'always' }),
    mend: () => void state.faults.splice(0),
    hang: () => {
      state.isHanging = true;
    },
    limit(remaining, resetAt) {
      state.remaining = remaining;
      state.resetAt = resetAt;
    },
    maxPerPage(entries) {
      state.perPage = entries;
    },
    stop() {
      server.closeAllConnections();
      server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
