/**
 * Which letter of an incident this is. Its Message-ID follows from the incident, the number of the letter and what it says:
 * a letter that is sent again because the answer was lost is the same letter to a mail program, and one with other news is
 * not. All letters refer to the first, whose id stands in the receipt.
 */
import { z } from 'zod';
import { fnv1a } from '../../../domain/evidence.ts';
import type { Incident } from '../../../domain/incident.ts';
import type { Receipt } from '../../../domain/report.ts';
import { type News, Told } from '../../../domain/told.ts';

/** `last`: Message-ID of the letter before. */
const State = Told.extend({ last: z.string() });

export interface Thread {
  readonly rootId: string;
  readonly lastId: string;
  readonly told: Told;
}

export function threadOf(receipt: Receipt | null): Thread | null {
  if (receipt === null) return null;
  const read = State.safeParse(jsonOf(receipt.state ?? ''));
  // A receipt without its state, which no version of ours writes: everything counts as told, since silence beats a flood.
  if (!read.success)
    return {
      rootId: receipt.messageId,
      lastId: receipt.messageId,
      told: { count: 1, isReported: true, cause: null, isResolved: false },
    };
  const { last, ...told } = read.data;
  return { rootId: receipt.messageId, lastId: last, told };
}

export function stateText({ lastId, told }: Thread): string {
  return JSON.stringify({ ...told, last: lastId } satisfies z.infer<typeof State>);
}

/** Ids are counted anew by another installation or an emptied store: when it was opened tells incidents of one name apart. */
function nameOf({ id, openedAt }: Incident): string {
  return `${id.toLowerCase().replace(/[^a-z0-9-]/g, '')}.${openedAt.toString(36)}`;
}

export function letterId(incident: Incident, told: Told, news: News, domain: string): string {
  const said = fnv1a(JSON.stringify([news, told])).toString(36);
  return `<tracepulse.${nameOf(incident)}.${told.count}.${said}@${domain}>`;
}

export function textId(id: string, domain: string): string {
  return `<tracepulse.text.${fnv1a(id).toString(36)}.${fnv1a(`${id}\n`).toString(36)}@${domain}>`;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
