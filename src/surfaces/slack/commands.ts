/**
 * `/tracepulse …`. Answers are for the person who asked and nobody else. A word that is nearly a command, or a service
 * that is nearly one on the map, is asked back rather than guessed: an investigation is seen by the whole channel.
 */
import type { App as Bolt } from '@slack/bolt';
import type { Log } from '../../adapter.ts';
import type { App } from '../../app.ts';
import { Failure } from '../../domain/failure.ts';
import { bold, code, escaped, link } from '../../domain/mrkdwn.ts';
import { nearestName } from '../../domain/near-name.ts';
import { exportIncident, mute, resolve, stats, unmute } from './act-commands.ts';
import { type Asked, didYouMean, incidentIdIn } from './asked.ts';
import { notAllowed, type Permits } from './permits.ts';
import { connectionsText, incidentsText, mapText, reportText, statusText } from './command-texts.ts';
import { typedText } from './heard.ts';
import { tellBy } from './tell.ts';

/** How far back an investigation by hand looks when nobody says. */
export const defaultMinutes = 15;
export const maxMinutes = 1_440;
const listedIncidents = 10;

interface Command {
  readonly usage: string;
  readonly does: string;
  /** Changes something: only those who are permitted may. */
  readonly isAct?: true;
  run(asked: Asked): Promise<string>;
}

const commands: Readonly<Record<string, Command>> = {
  help: { usage: 'help', does: 'this list', run: async () => helpText() },
  status: {
    usage: 'status',
    does: 'open incidents, what is kept, what is connected',
    run: async ({ app }) => statusText(await app.status()),
  },
  investigate: { usage: 'investigate <service or correlation id> [minutes]', does: 'look into it now and post a report', run: investigate },
  incidents: { usage: 'incidents', does: 'what is open', run: incidents },
  report: { usage: 'report <id>', does: 'what is known of one incident', run: report },
  map: { usage: 'map [service]', does: 'who calls whom', run: map },
  export: { usage: 'export <id>', does: 'an incident as a prompt for your coding agent', run: exportIncident },
  mute: { usage: 'mute <service> <duration>', does: 'no messages of it for a while; alone, what is muted', isAct: true, run: mute },
  unmute: { usage: 'unmute <service>', does: 'takes that back', isAct: true, run: unmute },
  resolve: { usage: 'resolve <id>', does: 'it is over', isAct: true, run: resolve },
  stats: { usage: 'stats', does: 'how quickly incidents were explained, and how often people agreed', run: stats },
  check: {
    usage: 'check',
    does: 'what is on, what is off and what would turn it on',
    run: async ({ app }) => connectionsText(await app.status(), await app.readiness()),
  },
};

export function listenToCommands(bolt: Bolt, app: App, permits: Permits, now: () => number, log: Log, url: string | null): void {
  bolt.command('/tracepulse', async ({ ack, client, command, respond }) => {
    await ack();
    const may = () => permits.may(command.user_id, command.channel_id, client);
    await tellBy(respond, log)(await runCommand(app, command.text, `slack:${command.user_id}`, now, may, url));
  });
}

/** `text` as Slack sends it: escaped, with people and channels as markup. */
export async function runCommand(
  app: App,
  text: string,
  person: string,
  now: () => number,
  may: () => Promise<boolean> = async () => true,
  url: string | null = null,
): Promise<string> {
  const [typed = 'help', ...words] = typedText(text)
    .split(' ')
    .filter((word) => word !== '');
  const name = typed.toLowerCase();
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined) {
    const near = nearestName(name, Object.keys(commands));
    const hint = near === null ? '' : ` Did you mean ${code(`/tracepulse ${near}`)}?`;
    return `I know no command ${code(escaped(typed, 40))}.${hint} ${code('/tracepulse help')} lists them all.`;
  }
  if (command.isAct === true && !(await may())) return notAllowed;
  try {
    return await command.run({ app, words, person, now, url });
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return `That did not work: ${escaped(error.hint ?? error.message, 300)}`;
  }
}

function helpText(): string {
  const lines = Object.values(commands).map(({ usage, does }) => `• ${code(escaped(`/tracepulse ${usage}`, 120))} ${does}`);
  return [
    ...lines,
    `For example ${code('/tracepulse investigate payment 30')}, ${code('/tracepulse map cart')} or ${code('/tracepulse mute payment 2h')}.`,
    'In the thread of a report you can ask me: _what changed_, _logs of payment_, _why not catalog_, _who calls cart_.',
  ].join('\n');
}

async function investigate({ app, words, person }: Asked): Promise<string> {
  const last = words.at(-1) ?? '';
  const hasMinutes = words.length > 1 && /^\d+$/.test(last);
  const minutes = hasMinutes ? Number(last) : defaultMinutes;
  const subject = words.slice(0, hasMinutes ? -1 : undefined).join(' ');
  if (subject === '') return `Investigate what? ${code('/tracepulse investigate payment 30')} looks at payment over the last 30 minutes.`;
  if (minutes < 1 || minutes > maxMinutes) return `Minutes must be from 1 to ${maxMinutes}.`;
  const question = await didYouMean(app, subject, (name) => `/tracepulse investigate ${name}${hasMinutes ? ` ${minutes}` : ''}`);
  if (question !== null) return question;
  const incident = await app.investigate({ subject, minutes, person });
  return `${bold(incident.id)} is under way: ${escaped(incident.title, 200)}. The report appears in the channel.`;
}

async function incidents({ app }: Asked): Promise<string> {
  return incidentsText(await app.incidents({ live: true, limit: listedIncidents }));
}

async function report({ app, words }: Asked): Promise<string> {
  const typed = words[0];
  if (typed === undefined) return `Which one? ${code('/tracepulse report INC-12')}`;
  const id = incidentIdIn(typed) ?? typed;
  const detail = await app.incident(id);
  if (detail === null) return `I know no incident ${code(escaped(id, 40))}. ${code('/tracepulse incidents')} lists the open ones.`;
  const where = detail.receipts.find((receipt) => receipt.url !== null)?.url ?? null;
  const context = await app.context(id);
  const head = bold(link(where, escaped(id, 40)));
  return context === null ? `${head} is being looked into: there is no ranking yet.` : `${head} ${reportText(context)}`;
}

async function map({ app, words }: Asked): Promise<string> {
  const typed = words.join(' ');
  const known = await app.map();
  if (typed === '') return mapText(known, null);
  const service = known.services.find(({ name }) => name.toLowerCase() === typed.toLowerCase());
  if (service !== undefined) return mapText(known, service.name);
  return (await didYouMean(app, typed, (name) => `/tracepulse map ${name}`)) ?? `I have seen no service ${code(escaped(typed, 80))}.`;
}
