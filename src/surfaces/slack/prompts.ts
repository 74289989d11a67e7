/** What a person can pick when they open the direct message with us: what is open now comes first. */
import type { App as Bolt } from '@slack/bolt';
import type { Log } from '../../adapter.ts';
import type { App } from '../../app.ts';
import { plainLine } from '../../domain/mrkdwn.ts';
import { opens } from './tell.ts';

/** By Slack: four prompts, and titles that fit a button. */
const maxTitle = 60;

export function listenToOpening(bolt: Bolt, app: App, log: Log): void {
  bolt.event('app_home_opened', async ({ event, client }) => {
    // Under agent_view this is how a conversation begins; `home` is drawn elsewhere.
    if (event.tab !== 'messages') return;
    const prompts = await promptsFor(app);
    const ask = { channel_id: event.channel, title: 'What would you like to know?', prompts };
    await opens(() => client.assistant.threads.setSuggestedPrompts(ask), log);
  });
}

type Prompt = { title: string; message: string };

async function promptsFor(app: App): Promise<[Prompt, ...Prompt[]]> {
  const { incidents } = await app.incidents({ live: true, limit: 1 });
  const card = incidents[0]?.card;
  const service = card?.report?.context.hypotheses[0]?.service ?? card?.incident.service ?? null;
  const broken = { title: 'What is broken now?', message: 'What is broken now?' };
  const changed = { title: 'What changed in the last hour?', message: 'What changed in the last hour?' };
  const help = { title: 'What can I ask?', message: 'What can I ask?' };
  if (service === null) return [broken, changed, help];
  const name = plainLine(service, maxTitle);
  return [broken, { title: `Errors in ${name}`, message: `Errors in ${service}` }, changed, help];
}
