/** Coming in with the workspace's password under a name of one's own, and leaving. */
import type { Person } from '../../records.ts';
import { Refused } from '../../refused.ts';
import { escapeHtml } from '../render/html.ts';
import { html, redirect, refuse } from './headers.ts';
import type { Desk } from './desk.ts';
import { cookieValue, isSame, type Session } from './session.ts';

/** `data-theme` for the html tag, from the cookie the page's script sets, so that the first paint is right. */
export function themeAttribute(request: Request): string {
  const theme = cookieValue(request.headers.get('cookie'), 'tracepulse_theme');
  return theme === 'light' || theme === 'dark' ? ` data-theme="${theme}"` : '';
}

/** Where somebody was going when sent to the login: one of our own pages, or the workspace. Anything else came from outside. */
function placeAfter(next: string | null): string {
  return next !== null && /^\/open\/[\w-]{1,40}(?:\/copilot)?$/.test(next) ? next : '/chat';
}

export function loginPage(
  desk: Desk,
  request: Request,
  status: number,
  shown: { readonly problem?: string; readonly name?: string; readonly next?: string | null },
  headers: Readonly<Record<string, string>> = {},
): Response {
  const problem = shown.problem === undefined ? '' : `<p class="problem" role="alert">${escapeHtml(shown.problem)}</p>`;
  return html(
    status,
    desk.assets.page('login', {
      theme: themeAttribute(request),
      styles: desk.assets.styleTags,
      problem,
      name: escapeHtml(shown.name ?? ''),
      next: escapeHtml(placeAfter(shown.next ?? new URL(request.url).searchParams.get('next'))),
    }),
    headers,
  );
}

export async function logIn(desk: Desk, request: Request, address: string): Promise<Response> {
  const wait = desk.attempts.waitSeconds(address);
  if (wait > 0) return loginPage(desk, request, 429, { problem: `Too many tries. Wait ${wait} seconds.` }, { 'retry-after': String(wait) });
  const form = new URLSearchParams((await request.text()).slice(0, 8_000));
  const name = (form.get('name') ?? '').trim();
  const next = form.get('next');
  if (desk.password === undefined || !isSame(form.get('password') ?? '', desk.password)) {
    desk.attempts.failed(address);
    return loginPage(desk, request, 401, { problem: 'That is not the password.', name, next });
  }
  if (!/^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,39}$/u.test(name)) {
    return loginPage(desk, request, 400, {
      problem: 'A name has 1 to 40 letters, digits, spaces, dots or hyphens, and starts with a letter or digit.',
      name,
      next,
    });
  }
  let person: Person;
  try {
    person = desk.workspace.welcome(name);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return loginPage(desk, request, 400, { problem: 'That name cannot be taken. Choose another.', name, next });
  }
  return redirect(placeAfter(next), { 'set-cookie': desk.sessions.begin(person.id).cookie });
}

export async function logOut(desk: Desk, request: Request, session: Session): Promise<Response> {
  if (request.method !== 'POST') return refuse(405, 'method', 'Log out with the button.');
  const form = new URLSearchParams((await request.text()).slice(0, 8_000));
  if (!desk.sessions.isCsrfToken(session, form.get('csrf'))) return refuse(403, 'csrf', 'The page is out of date. Load it again.');
  return redirect(desk.password === undefined ? '/chat' : '/chat/login', { 'set-cookie': desk.sessions.end(session) });
}
