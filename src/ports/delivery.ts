/** What a sink is told besides what it is to deliver. */
export interface DeliveryOptions {
  /** An earlier try may have gone through. */
  readonly mayExist: boolean;
  readonly signal: AbortSignal;
  /**
   * Keeps a plan before it is acted on, and answers the one that stands: of an earlier try that may have gone through, else
   * this. For what can neither be looked for nor taken back: sent twice it is at least the same.
   */
  readonly firstPlan?: (name: string, plan: unknown) => Promise<unknown>;
  /** It was refused in words, so nothing stands: the next try plans anew. */
  readonly dropPlan?: () => Promise<void>;
}

/** What a place is called where its plans are kept, after the sink's name; not a place that anybody can see. */
export const planMark = '.plan';

/**
 * One message each, so that a channel's pace holds: the map with what is no chart of the sink's own (also what an entry without a
 * part means), that chart, and the mark on pictures of suspects that are not the first any more.
 */
export type PicturePart = 'map' | 'minutes' | 'outdated';

/** Outbox entries that show what an incident, or one suspect of it, looks like begin with one of these. */
export function pictureIds(incidentId: string, suspect?: string): { readonly map: string; readonly minutes: string } {
  const of = suspect === undefined ? `${incidentId}:` : `${incidentId}:${suspect}:`;
  return { map: `pictures:${of}`, minutes: `minutes:${of}` };
}

/** What of the outbox is asked for: messages or pictures, and nothing of channels that are at work already. */
export interface OutboxClaim {
  readonly line: 'messages' | 'pictures';
  readonly busy: readonly string[];
}

/** Pictures have a priority of their own. */
export const priorities = { messages: [0, 2], pictures: [3, 3] } as const satisfies Record<OutboxClaim['line'], readonly [number, number]>;
