/**
 * An incident is taken out of everything, because somebody asks for it: the store forgets it at once, what stands in Slack is
 * taken back by the outbox, and what cannot be taken back (a letter, an issue) is named. Kept is that it was asked for, and by whom.
 */
import { Failure } from '../domain/failure.ts';
import { readPlace } from '../domain/slack-names.ts';
import type { Ledger, Sink } from '../ports.ts';
import { planMark } from '../ports/delivery.ts';
import { actOf } from './acts.ts';
import { withdrawalOf } from './deliver.ts';

export interface Forgotten {
  /** Places whose messages are on their way out. */
  readonly withdrawn: readonly string[];
  /** What stays elsewhere, for a person to see to: `jira OPS-12`. */
  readonly left: readonly string[];
}

export interface ForgetOptions {
  readonly ledger: Ledger;
  readonly now: () => number;
  readonly sinks: ReadonlyMap<string, Sink>;
}

/** Throws Failure `rejected` for an id that is not there. */
export async function forgetIncident(incidentId: string, person: string, { ledger, now, sinks }: ForgetOptions): Promise<Forgotten> {
  const [incident, kept] = await Promise.all([ledger.incident(incidentId), ledger.receipts(incidentId)]);
  if (incident === null)
    throw new Failure('rejected', 'incident', 'look it up', { hint: `there is no incident ${incidentId}`, path: 'incident' });
  const receipts = kept.filter(({ sink }) => !sink.endsWith(planMark));
  const back = receipts.filter(({ sink }) => sinks.get(sink)?.withdraw !== undefined);
  // First, so that a crash leaves all of it to be asked again.
  await ledger.commit({
    acts: [actOf('forget', person, now(), { incidentId })],
    outbox: back.map((receipt) => withdrawalOf(receipt, now())),
  });
  // People's messages name the thread they stand in.
  await ledger.forgetIncident(
    incidentId,
    receipts.flatMap(({ sink, messageId }) => (sink === 'slack' ? [readPlace(messageId)?.ts ?? messageId] : [])),
  );
  return {
    withdrawn: back.map(({ sink, channel }) => `${sink} ${channel}`),
    left: receipts.filter((receipt) => !back.includes(receipt)).map(({ sink, messageId }) => `${sink} ${messageId}`),
  };
}
