/** What people did with incidents besides judging hypotheses. A log: which mutes stand is computed from it, and an audit reads it. */
const actKinds = ['mute', 'unmute', 'resolve', 'investigate', 'ticket', 'note', 'rate', 'forget'] as const;
export type ActKind = (typeof actKinds)[number];

export interface Act {
  readonly id: string;
  readonly kind: ActKind;
  /** As in a vote: `slack:U123`, `api:<token name>`. */
  readonly person: string;
  readonly at: number;
  readonly incidentId: string | null;
  readonly service: string | null;
  /** Of a mute: when it ends by itself. */
  readonly untilAt: number | null;
  /** Of a note: what the person said was done. Redacted. */
  readonly text?: string;
  /** Of a rating: which answer, and whether it helped. */
  readonly rated?: { readonly answerId: string; readonly hasHelped: boolean };
}

/** No mute lasts longer: what is silent for weeks is forgotten, and then it is no mute but a hole. */
export const maxMuteMs = 7 * 24 * 3_600_000;

/** Services that are muted now, and until when. `acts` in any order, of the last `maxMuteMs` at least. */
export function standingMutes(acts: readonly Act[], now: number): ReadonlyMap<string, number> {
  const latest = new Map<string, Act>();
  for (const act of [...acts].sort((a, b) => a.at - b.at))
    if (act.service !== null && act.incidentId === null && (act.kind === 'mute' || act.kind === 'unmute')) latest.set(act.service, act);
  const standing = new Map<string, number>();
  for (const [service, { kind, untilAt }] of latest)
    if (kind === 'mute' && untilAt !== null && untilAt > now) standing.set(service, untilAt);
  return standing;
}
