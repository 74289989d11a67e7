/** Which services are muted: read from the log of what people did. */
import { maxMuteMs, standingMutes } from '../domain/act.ts';
import type { Ledger } from '../ports.ts';

/** Far more than people type in a week; the oldest go first. */
const maxActs = 5_000;

export async function mutesOf(ledger: Ledger, now: number): Promise<ReadonlyMap<string, number>> {
  return standingMutes(await ledger.acts(now - maxMuteMs, maxActs), now);
}
