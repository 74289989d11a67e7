/**
 * Who may judge, mute, resolve and open tickets. Without a list everybody who sees the report may. With one: the people, the
 * members of the user groups, and whoever acts in the channels it names. Reading is for members of the channel, by Slack.
 */
import type { WebClient } from '@slack/web-api';
import type { Log } from '../../adapter.ts';
import type { Tell } from './tell.ts';

export interface Permits {
  /** `channel`: id of where the act took place; null where it has none. */
  may(user: string, channel: string | null, client: WebClient): Promise<boolean>;
}

/** Ids as Slack writes them (`U…`, `W…`, `S…`, `C…`, `G…`), separated by commas. */
export const actorsPattern = /^\s*[UWSCG][A-Z0-9]{2,}(?:\s*,\s*[UWSCG][A-Z0-9]{2,})*\s*$/;

/** A group's members change by the day, not by the minute. */
const keptMs = 300_000;

export const notAllowed = 'That is for others here: ask somebody on the list that your administrator keeps (SLACK_ACTORS).';

export function createPermits(actors: string | undefined, now: () => number, log: Log): Permits {
  const listed = new Set((actors ?? '').split(',').flatMap((id) => id.trim() || []));
  const groups = [...listed].filter((id) => id.startsWith('S'));
  const members = new Map<string, { readonly users: ReadonlySet<string>; readonly until: number }>();

  async function membersOf(group: string, client: WebClient): Promise<ReadonlySet<string>> {
    const kept = members.get(group);
    if (kept !== undefined && kept.until > now()) return kept.users;
    try {
      const { users = [] } = await client.usergroups.users.list({ usergroup: group });
      members.set(group, { users: new Set(users), until: now() + keptMs });
    } catch (error) {
      // Whom we cannot look up may not: a list that fails open is none. Those known from before still may.
      log.warn('a user group of SLACK_ACTORS cannot be read', { group, error: String(error) });
    }
    return members.get(group)?.users ?? new Set();
  }

  return {
    async may(user, channel, client) {
      if (listed.size === 0 || listed.has(user) || (channel !== null && listed.has(channel))) return true;
      for (const group of groups) if ((await membersOf(group, client)).has(user)) return true;
      return false;
    },
  };
}

/** True when the act may go on; otherwise the person was told. */
export async function permitted(isAllowed: Promise<boolean>, tell: Tell): Promise<boolean> {
  if (await isAllowed) return true;
  await tell(notAllowed);
  return false;
}
