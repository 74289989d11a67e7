/** A LedgerChange as the flat list of steps that `commit-script.ts` takes, in the order they have to happen. */
import type { Incident } from '../../../domain/incident.ts';
import type { DeadLetter, LedgerChange, Outgoing, Work } from '../../../ports.ts';
import { incidentSteps, type StampedIncident } from './incident-document.ts';

export interface EncodeOptions {
  /** The dead letters that the change puts back in line. */
  readonly revived?: readonly (DeadLetter & { readonly dueAt: number })[];
  /** What is known of the state an incident was made from. */
  readonly baseOf?: (incident: Incident) => StampedIncident | null;
}

/** Made when the change is handed in: its objects may alter afterwards. */
export function encodeChange(change: LedgerChange, { revived = [], baseOf = () => null }: EncodeOptions = {}): string[] {
  return [...recordSteps(change, baseOf), ...taskSteps(change, revived)].flat().map(String);
}

type Step = readonly (string | number)[];

function recordSteps(change: LedgerChange, baseOf: NonNullable<EncodeOptions['baseOf']>): Step[] {
  return [
    ...(change.about ?? []).map((id) => ['about', id]),
    ...(change.seen ?? []).map(({ key, incidentId }) => ['seen', key, incidentId ?? '']),
    ...(change.incidents ?? []).flatMap((incident) => incidentSteps(incident, baseOf(incident))),
    ...(change.reports ?? []).map((report) => ['report', report.incidentId, report.round, JSON.stringify(report)]),
    ...(change.votes ?? []).map((vote) => ['vote', vote.id, vote.incidentId, vote.at, JSON.stringify(vote)]),
    ...(change.learning === undefined ? [] : [['learning', JSON.stringify(change.learning)]]),
    ...(change.acts ?? []).map((act) => ['act', act.id, act.at, JSON.stringify(act)]),
    ...(change.inbox ?? []).map((entry) => ['inbox', entry.id, entry.kind, entry.at, JSON.stringify(entry)]),
    ...(change.receiptsGone ?? []).map((gone) => {
      const place = placeKey(gone.sink, gone.channel);
      return ['receiptGone', gone.incidentId, place, gone.messageId, messageKey(place, gone.messageId)];
    }),
    ...(change.receipts ?? []).map((receipt) => {
      const place = placeKey(receipt.sink, receipt.channel);
      return ['receipt', receipt.incidentId, place, receipt.messageId, messageKey(place, receipt.messageId), JSON.stringify(receipt)];
    }),
  ];
}

/** What is done goes first, so that one change may finish an entry and ask for it anew. */
function taskSteps(change: LedgerChange, revived: readonly (DeadLetter & { readonly dueAt: number })[]): Step[] {
  return [
    ...(change.workDone ?? []).flatMap((work) => [workDoneStep(work), ['letterGone', work.id]]),
    ...(change.work ?? []).map(workStep),
    ...(change.outboxDone ?? []).flatMap((entry) => [outboxDoneStep(entry), ['letterGone', entry.id]]),
    ...(change.outbox ?? []).map(outboxStep),
    ...(change.buried ?? []).flatMap(buriedSteps),
    ...revived.flatMap(({ entry, dueAt, id }) => [
      'sink' in entry ? outboxStep({ ...entry, dueAt }) : workStep({ ...entry, dueAt, attempts: 0 }),
      ['letterGone', id],
    ]),
  ];
}

function workDoneStep({ id, dueAt, attempts }: Work): Step {
  return ['workDone', id, dueAt, attempts];
}

function workStep({ id, kind, subject, dueAt, attempts }: Work): Step {
  return ['work', id, kind, subject, dueAt, attempts];
}

function outboxDoneStep({ id, revision, attempts, content, incidentId }: Outgoing): Step {
  return ['outboxDone', id, revision, attempts, content.kind, incidentId ?? ''];
}

function outboxStep({ id, sink, channel, incidentId, content, priority, dueAt }: NonNullable<LedgerChange['outbox']>[number]): Step {
  return ['outbox', id, sink, channel, incidentId ?? '', content.kind, JSON.stringify(content), priority, dueAt];
}

function buriedSteps(letter: DeadLetter): Step[] {
  const { entry } = letter;
  const isMessage = 'sink' in entry;
  const incidentId = isMessage ? entry.incidentId : entry.kind === 'inbox' ? null : entry.subject;
  return [
    isMessage ? ['giveUp', entry.id, entry.revision, entry.attempts] : workDoneStep(entry),
    ['bury', letter.id, letter.at, incidentId ?? '', JSON.stringify(letter)],
  ];
}

/** Neither name can hold a zero character: both come from settings and from a platform's own ids. */
export function placeKey(sink: string, channel: string): string {
  return `${sink}\0${channel}`;
}

export function messageKey(place: string, messageId: string): string {
  return `${place}\0${messageId}`;
}
