/** Somebody comes in who was not here before: a person of that name, a member of every public channel. */
import { join } from '../conversations.ts';
import type { Core } from '../core.ts';
import type { Person } from '../records.ts';
import { Refused } from '../refused.ts';

/** Slack's user names: lower case, digits, dots, hyphens and underscores. Whoever already has the name is that person. */
export function welcome(core: Core, displayName: string): Person {
  const name = displayName.trim().toLowerCase().replace(/\s+/g, '.');
  if (!/^[\p{L}\p{N}][\p{L}\p{N}._-]{0,79}$/u.test(name)) throw new Refused('invalid_name', [`${displayName} cannot be a name`]);
  const known = core.store.people().find((person) => person.name === name);
  // Nobody signs in as a bot.
  if (known?.isBot === true) throw new Refused('invalid_name', [`${name} is a bot`]);
  if (known !== undefined) return known;
  const person: Person = {
    id: core.newId('U'),
    name,
    realName: displayName.trim(),
    email: '',
    isBot: false,
    tz: 'Etc/UTC',
    tzOffsetSeconds: 0,
  };
  core.store.putPerson(person);
  for (const channel of core.store.channels()) {
    if (channel.kind === 'public' && !channel.isArchived) join(core, channel, person.id, null);
  }
  return person;
}
