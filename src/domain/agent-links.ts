/**
 * Links that open an incident in a coding agent, or make an editor know of our tools. Cursor takes a prompt in a link, VS
 * Code takes none, so it gets a file (PROTOCOLS.md G5, G6). A link carries no secret: editors fill the token in themselves.
 */
import { fitContext } from './fit-context.ts';
import type { IncidentContext } from './incident-context.ts';
import { reportPrompt } from './report-text.ts';

/** Of the whole link, encoded; longer ones open an empty chat. */
export const maxCursorLink = 8_000;
/** Tried in this order: what fits first is the most that fits. */
const sizes = [8_000, 4_000, 3_000, 2_500, 2_000, 1_700, 1_400, 1_200, 1_000, 850, 700, 600, 500, 400, 300] as const;

export interface CursorLink {
  readonly url: string;
  /** Nothing was left out. */
  readonly isWhole: boolean;
}

/** The most of the incident that a link can carry; null where not even the least does. `whereAll`: the page that has the rest. */
export function cursorPromptLink(context: IncidentContext, whereAll: string): CursorLink | null {
  const whole = linkTo(reportPrompt(context, 'narrow'));
  if (whole.length <= maxCursorLink) return { url: whole, isWhole: true };
  for (const tokens of sizes) {
    const part = reportPrompt(fitContext(context, tokens), 'narrow');
    const url = linkTo(`${part}\nThis is the part that fits a link; all of it is at ${whereAll}\n`);
    if (url.length <= maxCursorLink) return { url, isWhole: false };
  }
  return null;
}

function linkTo(prompt: string): string {
  return `cursor://anysphere.cursor-deeplink/prompt?text=${encodeURIComponent(prompt.toWellFormed())}`;
}

/** `url`: where people reach the product. */
export function cursorInstallLink(url: string): string {
  const server = { url: `${url}/mcp`, headers: { Authorization: `Bearer \${env:TRACEPULSE_API_TOKEN}` } };
  return `cursor://anysphere.cursor-deeplink/mcp/install?name=tracepulse&config=${encodeURIComponent(base64(JSON.stringify(server)))}`;
}

export function vscodeInstallLink(url: string): string {
  const server = {
    name: 'tracepulse',
    type: 'http',
    url: `${url}/mcp`,
    headers: { Authorization: `Bearer \${input:tracepulse-token}` },
    inputs: [{ type: 'promptString', id: 'tracepulse-token', description: 'API token of TracePulse', password: true }],
  };
  return `vscode:mcp/install?${encodeURIComponent(JSON.stringify(server))}`;
}

/** Copilot's form of a prompt in a file; it asks its agent, which may search the workspace. */
export function copilotPrompt(context: IncidentContext): string {
  return `---\nmode: agent\ndescription: ${context.incident.id}, as TracePulse sees it\n---\n${reportPrompt(context)}`;
}

/** The page that hands an incident on. */
export function openPage(url: string, incidentId: string): string {
  return `${url}/open/${encodeURIComponent(incidentId)}`;
}

function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}
