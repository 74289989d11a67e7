/**
 * This replica's picture of what a decision about alerts stands on. Every answer to a commit brings it up to date: with what
 * the commit changed, and with what others have changed since the version it was given (`picture-script.ts`). So an alert that
 * comes alone is decided without asking and costs the one round trip that stores it; where others were faster the commit is
 * refused, the refusal brings what they did, and the next try stands on that.
 *
 * The picture is no second truth: it is never shown to anybody, and nothing that stands on it is stored unless Redis finds, at
 * that moment, that it is still so.
 */
import { type Act, maxMuteMs } from '../../../domain/act.ts';
import type { Incident } from '../../../domain/incident.ts';
import { type RedisClient, redisFailure, runScript } from '../../redis-connection.ts';
import { incidentIn } from './incident-document.ts';
import type { IncidentReader } from './incident-reader.ts';
import { pictureScript } from './picture-script.ts';

/** More would cost more to keep than it saves: then every decision reads, as if there were no picture. */
const mostLive = 1_000;
/** Those that were opened last, whatever their state: an alarm that comes back opens its incident anew. */
export const latestKept = 64;
/** As many as are asked for by whoever wants to know which services are muted. */
const mostActs = 5_000;

export interface Placed {
  readonly incident: Incident;
  /** Its place in the list of those opened in the same millisecond. */
  readonly row: string;
}

export interface Picture {
  readonly version: string;
  readonly lastNumber: number;
  /** Newest first. */
  readonly live: readonly Placed[];
  readonly latest: readonly Placed[];
  /** Oldest first. */
  readonly acts: readonly Act[];
  readonly actsFrom: number;
  /** Which question brought it, by the count of `Pictures.ask`. */
  readonly asked: number;
}

/** How far a change may stand on a picture; see `commit-script.ts`. */
export interface Stand {
  readonly how: 'now' | 'lately';
  readonly picture: Picture;
}

/** What a commit is given of a picture. */
export interface Given {
  readonly version: string;
  readonly asked: number;
  readonly actsFrom: number;
  readonly mostActs: number;
}

/** As `commit-script.ts` answers. */
export type CommitReply = readonly [
  isStored: number,
  version: string,
  news: readonly [] | readonly [lastNumber: string, moved: readonly Moved[], acts: readonly string[] | null] | null,
  placed: readonly (readonly [id: string, row: string])[],
  seen: readonly (readonly [key: string, incidentId: string])[],
];
type Moved = readonly [id: string, row: string, openedAt: string, stamp: string, doc: string, alerts: readonly string[]];

export interface Pictures {
  /** Counts a question that is about to be asked: answers to earlier ones are older. */
  ask(): number;
  /** What a commit is to be given of this picture, or of the one there is; null where there is none. */
  given(picture?: Picture): Given | null;
  /** Read anew where there is none; null where there is too much for one. */
  current(): Promise<Picture | null>;
  /** What a commit answered, and what it was to store. */
  heard(given: Given, reply: CommitReply, own: { readonly incidents: readonly Incident[]; readonly acts: readonly Act[] }): void;
}

export function createPictures(client: RedisClient, reader: IncidentReader, now: () => number): Pictures {
  let asked = 0;
  let known: Known | null = null;
  let loading: Promise<Picture | null> | null = null;

  async function load(): Promise<Picture | null> {
    const mine = ++asked;
    const actsFrom = now() - maxMuteMs;
    const reply = await runScript(client, pictureScript, [mostLive, latestKept, actsFrom, mostActs]);
    const [version, last, acts, rows] = reply as [
      string,
      string?,
      string[]?,
      [id: string, row: string, openedAt: string, stamp: string][]?,
    ];
    if (last === undefined || acts === undefined || rows === undefined) return null;
    const incidents = await reader.fetch(rows.map(([id, , , stamp]) => ({ id, stamp })));
    known = createKnown({ version, asked: mine, lastNumber: Number(last), acts: acts.map((doc) => JSON.parse(doc) as Act), actsFrom });
    for (const [id, row] of rows) known.put(incidents.get(id), row);
    return known.picture();
  }

  return {
    ask: () => ++asked,
    given(picture = known?.picture()) {
      return picture === undefined ? null : { version: picture.version, asked: ++asked, actsFrom: picture.actsFrom, mostActs };
    },
    async current() {
      if (known !== null) return known.picture();
      loading ??= load()
        .catch((error: unknown) => {
          throw redisFailure(error, 'ledger', 'read the store');
        })
        .finally(() => {
          loading = null;
        });
      return loading;
    },
    heard(given, [isStored, version, news, placed, _seen], own) {
      // Asked before the picture was read anew: what it says is in there already, or of another past.
      if (known === null || given.asked < known.readAs) return;
      if (news === null) {
        known = null;
        return;
      }
      const last = takeNews(known, news, reader);
      if (isStored === 1) {
        const rows = new Map(placed);
        for (const incident of own.incidents) known.put(incident, rows.get(incident.id));
        known.acts = [...known.acts, ...own.acts];
      }
      known.follow(version, given.asked, last);
    },
  };
}

/** What others have moved since; answers the last number by now. */
function takeNews(known: Known, [last = '0', moved = [], acts = null]: NonNullable<CommitReply[2]>, reader: IncidentReader): number {
  for (const [, row, , stamp, doc, alerts] of moved) {
    const incident = incidentIn(doc, alerts);
    reader.keep({ incident, stamp });
    known.put(incident, row);
  }
  if (acts !== null) known.acts = acts.map((act) => JSON.parse(act) as Act);
  return Number(last);
}

interface Known {
  readonly readAs: number;
  acts: readonly Act[];
  picture(): Picture;
  /** A place that is not given is the one it had. */
  put(incident: Incident | undefined, row: string | undefined): void;
  follow(version: string, asked: number, lastNumber: number): void;
}

function createKnown(first: Omit<Picture, 'live' | 'latest'>): Known {
  /** Oldest first while `isInOrder`: it is drawn for every decision, and hardly ever sorted. */
  let entries = new Map<string, Placed>();
  let isInOrder = true;
  let youngest: Placed | undefined;
  let { version, asked, lastNumber } = first;
  let drawn: Picture | null = null;

  function draw(): Picture {
    if (!isInOrder) {
      entries = new Map([...entries.values()].sort(byAge).map((entry) => [entry.incident.id, entry]));
      isInOrder = true;
    }
    const newestFirst = [...entries.values()].reverse();
    youngest = newestFirst[0];
    const live = newestFirst.filter(({ incident }) => incident.state !== 'resolved');
    const latest = newestFirst.slice(0, latestKept);
    // What is over and has others after it is of no use to any decision.
    for (const { incident } of newestFirst.slice(latestKept)) if (incident.state === 'resolved') entries.delete(incident.id);
    return { version, asked, lastNumber, acts: known.acts, actsFrom: first.actsFrom, live, latest };
  }
  const known: Known = {
    readAs: first.asked,
    acts: first.acts,
    picture() {
      drawn ??= draw();
      return drawn;
    },
    put(incident, row) {
      if (incident === undefined) return;
      const before = entries.get(incident.id);
      const place = row ?? before?.row;
      if (place === undefined || (before !== undefined && before.incident.revision > incident.revision)) return;
      const entry = { incident, row: place };
      entries.set(incident.id, entry);
      if (before !== undefined) isInOrder &&= byAge(before, entry) === 0;
      else {
        isInOrder &&= youngest === undefined || byAge(youngest, entry) < 0;
        youngest = entry;
      }
      const number = Number(/^INC-(\d{1,15})$/.exec(incident.id)?.[1] ?? 0);
      lastNumber = Math.max(lastNumber, number);
      drawn = null;
    },
    follow(next, askedNow, last) {
      if (countOf(next) > countOf(version)) version = next;
      asked = Math.max(asked, askedNow);
      lastNumber = Math.max(lastNumber, last);
      drawn = null;
    },
  };
  return known;
}

function countOf(version: string): number {
  return Number(version.split(':')[0]);
}

function byAge(a: Placed, b: Placed): number {
  return a.incident.openedAt - b.incident.openedAt || (a.row === b.row ? 0 : a.row < b.row ? -1 : 1);
}
