/** `/invite @name`: Slack's own command, not the app's. Who is in a channel brings others in, the app among them. */
import { join } from '../conversations.ts';
import type { Core } from '../core.ts';
import { Refused } from '../refused.ts';
import { memberOf } from './acting.ts';

/** False where the line is another command. */
export function invites(core: Core, user: string, channelId: string, line: string): boolean {
  const [command, ...names] = line.trim().split(/[\s,]+/);
  if (command !== '/invite') return false;
  if (names.length === 0) throw new Refused('no_user', ['Say whom: /invite @name']);
  const everybody = core.store.people();
  const invited = names.map((name) => {
    const person = everybody.find((candidate) => candidate.name === name.replace(/^@/, '').toLowerCase());
    if (person === undefined) throw new Refused('user_not_found', [`Nobody here is called ${name}.`]);
    return person;
  });
  for (const person of invited) join(core, memberOf(core, user, channelId), person.id, user);
  return true;
}
