/**
 * `GET /open/{id}`: the page that hands an incident on to a coding agent. Links in chats and mails are too short for a prompt
 * and may not open an editor; this page may, and it has all of the prompt to be copied. Whoever may read the API may see it:
 * browsers ask for the token as a password; and so may who is logged in to the built-in workspace.
 */
import type { Hono } from 'hono';
import type { App } from '../../app.ts';
import { copilotPrompt, cursorInstallLink, cursorPromptLink, openPage, vscodeInstallLink } from '../../domain/agent-links.ts';
import { withoutControls } from '../../domain/control-signs.ts';
import type { IncidentContext } from '../../domain/incident-context.ts';
import { reportPrompt } from '../../domain/report-text.ts';
import { inTime, refuse } from './answers.ts';
import { caller, hasReaders } from './caller.ts';
import type { HttpParts } from './parts.ts';

const maxId = 40;
const maxShown = 300;

export function openRoutes(routes: Hono, app: App, parts: HttpParts): void {
  const { settings, isLoggedIn } = parts;
  const hasApiSecret = hasReaders(settings);
  const contextOf = async (request: Request, id: string): Promise<IncidentContext> => {
    if (isLoggedIn?.(request) !== true) caller(request, 'read', parts);
    const context = await inTime('read the context', app.context(id));
    if (context === null) throw refuse(404, 'no such incident, or it is not ranked yet');
    return context;
  };
  routes.use('/open/*', async (c, next) => {
    // With a password for the workspace and no other secret, its login is the only one there is.
    if (isLoggedIn !== undefined && !hasApiSecret && !isLoggedIn(c.req.raw))
      return c.redirect(`/chat/login?next=${encodeURIComponent(new URL(c.req.url).pathname)}`, 303);
    await next();
    // A browser asks for a password only where it is told to.
    if (c.res.status === 401) c.res.headers.set('WWW-Authenticate', 'Basic realm="TracePulse, whose API token is the password"');
    return undefined;
  });
  routes.get('/open/:id', async (c) => {
    const context = await contextOf(c.req.raw, c.req.param('id'));
    const url = (settings.TRACEPULSE_URL ?? new URL(c.req.url).origin).replace(/\/+$/, '');
    const nonce = crypto.randomUUID();
    return new Response(page(context, url, nonce), { headers: guarded('text/html; charset=utf-8', nonce) });
  });
  routes.get('/open/:id/copilot', async (c) => {
    const context = await contextOf(c.req.raw, c.req.param('id'));
    const name = context.incident.id.replace(/[^\w-]/g, '').slice(0, maxId);
    const headers = { ...guarded('text/markdown; charset=utf-8'), 'Content-Disposition': `attachment; filename="${name}.prompt.md"` };
    return new Response(copilotPrompt(context), { headers });
  });
}

/** No script and no style but those of this page, and nothing that is fetched. */
function guarded(type: string, nonce?: string): Record<string, string> {
  const own = nonce === undefined ? '' : `script-src 'nonce-${nonce}'; style-src 'nonce-${nonce}'; `;
  return {
    'Content-Type': type,
    'Content-Security-Policy': `default-src 'none'; ${own}base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    'Referrer-Policy': 'no-referrer',
    'Cache-Control': 'no-store',
  };
}

function page(context: IncidentContext, url: string, nonce: string): string {
  const { id } = context.incident;
  const cursor = cursorPromptLink(context, openPage(url, id));
  const link = (href: string, text: string) => `<a href="${escapeHtml(href)}">${text}</a>`;
  const part = cursor?.isWhole === false ? ' <small>(what a link can carry; the prompt below is the whole)</small>' : '';
  const items = [
    ...(cursor === null ? [] : [`${link(cursor.url, 'Open in Cursor')}${part}`]),
    `${link(`/open/${encodeURIComponent(id)}/copilot`, 'Prompt file for VS Code and Copilot')} <small>(save it in .github/prompts and type /${escapeHtml(id)} in the chat)</small>`,
    `Let the agent look for itself: add TracePulse to ${link(cursorInstallLink(url), 'Cursor')} or ${link(vscodeInstallLink(url), 'VS Code')} <small>(MCP)</small>`,
  ];
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${escapeHtml(id)} for a coding agent</title>
<style nonce="${nonce}">${style}</style></head>
<body><main>
<h1>${escapeHtml(id)} for a coding agent</h1>
<p>${escapeHtml(withoutControls(context.summary).slice(0, maxShown))}</p>
<ul>${items.map((item) => `<li>${item}</li>`).join('')}</ul>
<p><button id="copy" type="button">Copy the prompt</button> <span id="copied" role="status"></span></p>
<textarea id="prompt" readonly rows="24" aria-label="The prompt">
${escapeHtml(reportPrompt(context))}</textarea>
</main><script nonce="${nonce}">${script}</script></body></html>
`;
}

const style = `:root{color-scheme:light dark}body{font:15px/1.5 system-ui,sans-serif;margin:0}main{max-width:52rem;margin:0 auto;padding:1.5rem}
h1{font-size:1.3rem}li{margin:.4rem 0}small{opacity:.8}textarea{width:100%;box-sizing:border-box;font:12px/1.4 monospace}button{font:inherit;padding:.3rem .8rem}
body{background:#fff;color:#1d2939}a{color:#175cd3}@media(prefers-color-scheme:dark){body{background:#14171c;color:#e6e8ec}a{color:#8ab4ff}}`;

/** The clipboard is there on HTTPS and on this machine; elsewhere the text is selected, to be copied by hand. */
const script = `const text=document.getElementById('prompt'),said=document.getElementById('copied');
document.getElementById('copy').addEventListener('click',()=>{text.select();
(navigator.clipboard?.writeText(text.value)??Promise.reject()).then(()=>{said.textContent='Copied.'},()=>{said.textContent='Selected: copy it with the keyboard.'})});`;

const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escapeHtml(text: string): string {
  return text.toWellFormed().replace(/[&<>"']/g, (sign) => escapes[sign] ?? sign);
}
