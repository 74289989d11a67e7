/**
 * The workspace's page at `/chat`: its own files, its questions (`/chat/api/*`), its stream of changes, its login.
 * With a password everyone logs in under a name of their own; without one the page only answers on this machine's own
 * names, and whoever is there may act as anybody, since they are trying things out.
 */
import { ZodError } from 'zod';
import type { Person } from '../records.ts';
import type { Workspace } from '../workspace.ts';
import { isAct, runAct } from './server/acts.ts';
import { createAssets } from './server/assets.ts';
import { createAttempts } from './server/attempts.ts';
import type { Desk } from './server/desk.ts';
import { answer, html, json, redirect, refuse } from './server/headers.ts';
import { logIn, loginPage, logOut, themeAttribute } from './server/login.ts';
import { changeFor, channelHistory, sees, stateFor, threadHistory } from './server/projection.ts';
import { createSessions, type Session, sessionKey } from './server/session.ts';
import { createStreamHub } from './server/stream.ts';

export interface PageOptions {
  /** Required on any address but loopback. */
  readonly password?: string | null;
  /** Whether people reach the page over HTTPS, so that the cookie never leaves by plain HTTP. */
  readonly isSecure?: boolean;
  readonly now?: () => number;
}

export interface Page {
  /** Null where the path is not the page's. `address`: who asks, for counting wrong passwords. */
  handle(request: Request, address?: string): Promise<Response | null>;
  /** Somebody who came in by the password; without one nobody has to. */
  isLoggedIn(request: Request): boolean;
  close(): void;
}

const maxBodyBytes = 400_000;

export function createPage(workspace: Workspace, options: PageOptions = {}): Page {
  const now = options.now ?? Date.now;
  const password = options.password ?? undefined;
  const desk: Desk = {
    workspace,
    password,
    sessions: createSessions({ key: sessionKey(password), now, isSecure: options.isSecure ?? false }),
    attempts: createAttempts(now),
    assets: createAssets(),
    stream: createStreamHub(),
  };
  const unsubscribe = workspace.subscribe((change) => desk.stream.publish((me) => changeFor(workspace, change, me)));
  return {
    async handle(request, address = 'unknown') {
      const url = new URL(request.url);
      if (url.pathname !== '/chat' && !url.pathname.startsWith('/chat/')) return null;
      return route(desk, request, url, address);
    },
    isLoggedIn: (request) => password !== undefined && sessionOf(desk, request) !== undefined,
    close() {
      unsubscribe();
      desk.stream.close();
    },
  };
}

async function route(desk: Desk, request: Request, url: URL, address: string): Promise<Response> {
  const path = url.pathname.slice('/chat'.length).replace(/^\//, '');
  if (!isTrustedHost(desk, request, url))
    return refuse(403, 'wrong_host', 'Without TRACEPULSE_WORKSPACE_PASSWORD the workspace answers only as localhost.');
  if (request.method !== 'GET' && request.method !== 'POST') return refuse(405, 'method', 'Only GET and POST.', { allow: 'GET, POST' });
  // Files of the page hold nothing of anybody, and the login page needs them.
  if (path.startsWith('assets/')) return asset(desk, request, path.slice('assets/'.length));
  if (request.method === 'POST' && !isSameSite(request, url)) return refuse(403, 'cross_site', 'This came from another site.');
  if (path === 'login')
    return desk.password === undefined
      ? redirect('/chat')
      : request.method === 'POST'
        ? logIn(desk, request, address)
        : loginPage(desk, request, 200, {});
  const session = sessionOf(desk, request);
  if (path === '' && request.method === 'GET') return front(desk, request, session);
  if (session === undefined) return refuse(401, 'not_logged_in', 'Log in first.');
  if (path === 'logout') return logOut(desk, request, session);
  return request.method === 'GET' ? look(desk, request, url, path, session) : write(desk, request, path, session);
}

/** A valid session of a person who still exists. */
function sessionOf(desk: Desk, request: Request): Session | undefined {
  const session = desk.sessions.read(request.headers.get('cookie'));
  return session !== undefined && desk.workspace.people().some((person) => person.id === session.person) ? session : undefined;
}

function front(desk: Desk, request: Request, session: Session | undefined): Response {
  if (session === undefined && desk.password !== undefined) return redirect('/chat/login');
  const headers: Record<string, string> =
    session === undefined ? { 'set-cookie': desk.sessions.begin(firstPerson(desk.workspace)).cookie } : {};
  const page = desk.assets.page('index', {
    theme: themeAttribute(request),
    styles: desk.assets.styleTags,
    scripts: desk.assets.preloadTags,
  });
  return html(200, page, headers);
}

function firstPerson(workspace: Workspace): string {
  const person: Person | undefined = workspace.people().find((candidate) => !candidate.isBot);
  if (person === undefined) throw new Error('the workspace has no people');
  return person.id;
}

async function asset(desk: Desk, request: Request, path: string): Promise<Response> {
  const found = await desk.assets.find(path);
  if (found === undefined) return refuse(404, 'not_found', 'No such file.');
  const headers = { 'cache-control': 'no-cache', etag: found.etag };
  if (request.headers.get('if-none-match') === found.etag) return answer(304, null, headers);
  return answer(200, found.body, { ...headers, 'content-type': found.contentType });
}

function look(desk: Desk, request: Request, url: URL, path: string, session: Session): Response {
  const { workspace } = desk;
  const me = session.person;
  if (path === 'stream') {
    const last = request.headers.get('last-event-id') ?? url.searchParams.get('after');
    return answer(
      200,
      desk.stream.open(me, last, () => desk.sessions.isLive(session)),
      { 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no' },
    );
  }
  if (path.startsWith('files/')) return file(desk, me, path.slice('files/'.length));
  if (path === 'api/state') {
    // Read before the state: what happens in between is then told twice, never not at all.
    const position = desk.stream.position();
    return json(
      200,
      stateFor(workspace, me, { csrf: desk.sessions.csrfToken(session), position, mayActAsOthers: desk.password === undefined }),
    );
  }
  const channel = workspace.channels().find((candidate) => candidate.id === url.searchParams.get('channel'));
  if (channel === undefined || !sees(me, channel)) return refuse(404, 'not_found', 'No such channel.');
  if (path === 'api/messages') return json(200, channelHistory(workspace, channel, me, url.searchParams.get('before')));
  if (path === 'api/thread') return json(200, threadHistory(workspace, channel, me, url.searchParams.get('ts') ?? ''));
  return refuse(404, 'not_found', 'No such question.');
}

/** Uploaded by a bot: pictures are shown, everything else is handed over as a download and never run. */
function file(desk: Desk, me: string, id: string): Response {
  const found = desk.workspace.file(id);
  const channels = desk.workspace.channels().filter((channel) => found?.channels.includes(channel.id));
  // A file in no channel yet is shown by the message that names it (slack_file).
  if (found === undefined || (channels.length > 0 && !channels.some((channel) => sees(me, channel))))
    return refuse(404, 'not_found', 'No such file.');
  const isPicture = /^image\/(png|jpeg|gif|webp)$/.test(found.mimetype);
  const name = encodeURIComponent(found.name);
  return answer(200, new Uint8Array(Buffer.from(found.content, 'base64')), {
    'content-type': isPicture ? found.mimetype : 'application/octet-stream',
    'content-disposition': `${isPicture ? 'inline' : 'attachment'}; filename*=UTF-8''${name}`,
    'content-security-policy': "default-src 'none'; sandbox",
  });
}

async function write(desk: Desk, request: Request, path: string, session: Session): Promise<Response> {
  const name = path.replace(/^api\//, '');
  if (!path.startsWith('api/') || (!isAct(name) && name !== 'act-as')) return refuse(404, 'not_found', 'No such act.');
  if (!desk.sessions.isCsrfToken(session, request.headers.get('x-csrf-token')))
    return refuse(403, 'csrf', 'The page is out of date. Load it again.');
  if (!(request.headers.get('content-type') ?? '').startsWith('application/json')) return refuse(415, 'content_type', 'Send JSON.');
  const body = await bodyOf(request);
  if (body === undefined) return refuse(413, 'too_large', 'That is too much at once.');
  try {
    const given: unknown = JSON.parse(body);
    if (name === 'act-as') return actAs(desk, given);
    return json(200, await runAct(desk.workspace, session.person, name, given));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof ZodError)
      return refuse(400, 'bad_request', 'The page sent something the server does not understand.');
    throw error;
  }
}

/** Only where the page is a stand-in without logins. */
function actAs(desk: Desk, given: unknown): Response {
  const wanted = typeof given === 'object' && given !== null && 'person' in given ? given.person : undefined;
  const person = desk.workspace.people().find((candidate) => candidate.id === wanted && !candidate.isBot);
  if (desk.password !== undefined || person === undefined)
    return json(200, { ok: false, message: 'You cannot act as somebody else here.' });
  return json(200, { ok: true }, { 'set-cookie': desk.sessions.begin(person.id).cookie });
}

async function bodyOf(request: Request): Promise<string | undefined> {
  if (Number(request.headers.get('content-length') ?? 0) > maxBodyBytes) return undefined;
  const text = await request.text();
  return text.length > maxBodyBytes ? undefined : text;
}

/**
 * Without a password the machine's own names are the lock: a foreign page that points its own name at 127.0.0.1
 * (DNS rebinding) sends that name as Host and gets nothing.
 */
function isTrustedHost(desk: Desk, request: Request, url: URL): boolean {
  if (desk.password !== undefined) return true;
  const host = (request.headers.get('host') ?? url.host).replace(/:\d+$/, '');
  return ['localhost', '127.0.0.1', '[::1]'].includes(host);
}

function isSameSite(request: Request, url: URL): boolean {
  const site = request.headers.get('sec-fetch-site');
  if (site !== null && site !== 'same-origin' && site !== 'none') return false;
  const origin = request.headers.get('origin');
  if (origin === null) return true;
  // Behind a proxy the scheme differs, the host does not.
  return URL.canParse(origin) && new URL(origin).host === (request.headers.get('host') ?? url.host);
}
