/** Who reads or judges through the API and MCP, and whether they may. */
import type { Scope } from '../../domain/access.ts';
import { refuse } from './answers.ts';
import { type Bearer, jwtBearer, presentsToken } from './credentials.ts';
import type { HttpParts, HttpSettings } from './parts.ts';

export interface Caller {
  /** As votes name them. */
  readonly person: string;
  may(scope: Scope): boolean;
}

/**
 * Throws the refusal where they may not. Without any secret set only this machine can reach us, but a web page in somebody's
 * browser here can too, under a name of its own that resolves to this machine: so the name asked for must be local.
 */
export function caller(request: Request, scope: Scope, { settings, now }: HttpParts): Caller {
  const { TRACEPULSE_API_TOKEN: token, TRACEPULSE_JWT_SECRET: jwtSecret } = settings;
  const everything = () => true;
  if (!hasReaders(settings)) {
    if (!isLocalName(new URL(request.url).hostname))
      throw refuse(403, 'set TRACEPULSE_API_TOKEN to read under a name other than localhost');
    return { person: 'api:local', may: everything };
  }
  if (token !== undefined && presentsToken(request, token)) return { person: 'api:token', may: everything };
  const bearer = namedBearer(request, settings) ?? (jwtSecret === undefined ? null : jwtBearer(request, jwtSecret, now()));
  if (bearer === null) throw refuse(401, 'a valid API token is needed');
  const may = (wanted: Scope) => bearer.scopes === null || bearer.scopes.has(wanted);
  if (!may(scope)) throw refuse(403, `the token lacks the scope ${scope}`);
  return { person: `api:${bearer.subject}`, may };
}

/** Whether any secret of readers is set. */
export function hasReaders({
  TRACEPULSE_API_TOKEN: token,
  TRACEPULSE_API_TOKENS: tokens = [],
  TRACEPULSE_JWT_SECRET: key,
}: HttpSettings): boolean {
  return token !== undefined || tokens.length > 0 || key !== undefined;
}

/** All are compared, whichever fits: the time says nothing of which. */
function namedBearer(request: Request, { TRACEPULSE_API_TOKENS: tokens = [] }: HttpSettings): Bearer | null {
  const [found] = tokens.filter(({ token }) => presentsToken(request, token));
  return found === undefined ? null : { subject: found.name, scopes: new Set<string>(found.scopes) };
}

/**
 * What operators' probes and scrapers may see: on an address that others can reach, any of our tokens is needed; so it is under a
 * name of others, by which a proxy on this machine leads them here.
 */
export function mayLook(request: Request, parts: HttpParts): boolean {
  const { HOST = 'localhost', TRACEPULSE_WEBHOOK_TOKEN: webhookToken } = parts.settings;
  const isOwn = isLocalName(HOST.includes(':') && !HOST.startsWith('[') ? `[${HOST}]` : HOST);
  if (isOwn && isLocalName(new URL(request.url).hostname)) return true;
  if (webhookToken !== undefined && presentsToken(request, webhookToken)) return true;
  try {
    caller(request, 'read', parts);
    return true;
  } catch {
    return false;
  }
}

function isLocalName(hostname: string): boolean {
  return hostname === 'localhost' || hostname.endsWith('.localhost') || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}
