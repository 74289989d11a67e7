/** The commands that change something, and those that hand out or count what is known. */
import type { App, Subject } from '../../app.ts';
import { openPage } from '../../domain/agent-links.ts';
import { code, escaped, escapedRows, link } from '../../domain/mrkdwn.ts';
import { fitContext } from '../../domain/fit-context.ts';
import { reportPrompt } from '../../domain/report-text.ts';
import { mutedText, mutesText, resolvedText, statisticsText, unmutedText } from './act-texts.ts';
import { type Asked, didYouMean, incidentIdIn } from './asked.ts';

const minuteMs = 60_000;
const unitMs: Readonly<Record<string, number>> = { m: minuteMs, min: minuteMs, h: 60 * minuteMs, d: 1_440 * minuteMs };
/** A message holds 40,000 characters (SLACK.md); a prompt of this many tokens, about 3 characters each, leaves room. */
const promptTokens = 4_000;
const maxPrompt = 14_000;

/** `90m`, `2h`, `1d`, or minutes as a plain number; null for anything else. */
function readDuration(text: string): number | null {
  const found = /^(\d{1,6})\s*(m|min|h|d)?$/i.exec(text);
  if (found === null) return null;
  const ms = Number(found[1]) * (unitMs[(found[2] ?? 'm').toLowerCase()] ?? minuteMs);
  return ms > 0 ? ms : null;
}

export async function mute({ app, words, person, now }: Asked): Promise<string> {
  if (words.length === 0) return mutesText(await app.mutes());
  const typed = words.at(-1) ?? '';
  const duration = readDuration(typed);
  const name = words.slice(0, -1).join(' ');
  if (duration === null || name === '')
    return `For how long? ${code('/tracepulse mute payment 2h')} mutes payment for two hours; ${code('30m')} and ${code('1d')} work too.`;
  const question = await didYouMean(app, name, (near) => `/tracepulse mute ${near} ${typed}`);
  if (question !== null) return question;
  const untilAt = now() + duration;
  const subject = await subjectOf(app, name);
  return mutedText(nameOf(subject), untilAt, await app.mute({ subject, untilAt, person }));
}

export async function unmute({ app, words, person }: Asked): Promise<string> {
  const name = words.join(' ');
  if (name === '') return mutesText(await app.mutes());
  const subject = await subjectOf(app, name);
  return unmutedText(nameOf(subject), await app.unmute({ subject, person }));
}

function nameOf(subject: Subject): string {
  return 'service' in subject ? subject.service : subject.incidentId;
}

/** `INC-12` is an incident, anything else a service, as the map writes it where it knows it. */
async function subjectOf(app: App, name: string): Promise<Subject> {
  const incidentId = incidentIdIn(name);
  if (incidentId !== null && /^inc/i.test(name)) return { incidentId };
  const known = (await app.map()).services.find((service) => service.name.toLowerCase() === name.toLowerCase());
  return { service: known?.name ?? name };
}

export async function resolve({ app, words, person }: Asked): Promise<string> {
  const typed = words[0];
  if (typed === undefined) return `Which one? ${code('/tracepulse resolve INC-12')}`;
  const incidentId = incidentIdIn(typed) ?? typed;
  return resolvedText(incidentId, await app.resolve({ incidentId, person }));
}

export async function stats({ app }: Asked): Promise<string> {
  return statisticsText(await app.statistics());
}

export async function exportIncident({ app, words, url }: Asked): Promise<string> {
  const typed = words[0];
  if (typed === undefined) return `Which one? ${code('/tracepulse export INC-12')}`;
  return exportText(app, incidentIdIn(typed) ?? typed, url);
}

/** The incident as a prompt for a coding agent, to be copied or opened in an editor; only for whoever asked. */
export async function exportText(app: App, id: string, url: string | null): Promise<string> {
  const context = await app.context(id);
  if (context === null) return `There is nothing to export of ${code(escaped(id, 40))} yet.`;
  const rows = reportPrompt(fitContext(context, promptTokens)).split('\n');
  const whole = code(`tracepulse export ${id} --format prompt`);
  const open = url === null ? '' : ` · ${link(openPage(url, context.incident.id), 'Open in Cursor, VS Code or Copilot')}`;
  return `For your coding agent:\n\`\`\`\n${escapedRows(rows, maxPrompt)}\n\`\`\`\nAll of it: ${whole}${open}`;
}
