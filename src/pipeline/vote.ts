/** A person's verdict becomes part of the vote log, and asks for the incident to be ranked again with it. */
import { fnv1a } from '../domain/evidence.ts';
import { Failure } from '../domain/failure.ts';
import type { Vote } from '../domain/feedback.ts';
import { type FaultKind, hypothesisId } from '../domain/hypothesis.ts';
import type { Report } from '../domain/report.ts';
import type { Ledger, LedgerChange } from '../ports.ts';
import { learnWork } from './learn.ts';
import { investigateWork } from './receive.ts';

export interface VoteRequest {
  readonly incidentId: string;
  readonly hypothesisId: string;
  readonly verdict: Vote['verdict'];
  readonly person: string;
  readonly actualService?: string | null;
  readonly note?: string | null;
  readonly actualKind?: FaultKind | null;
}

/**
 * What to commit. `services`: all that are known, for a suspect that left the list between the look and the press. Throws
 * Failure `rejected` for a hypothesis the incident never had.
 */
export async function voteChange(
  request: VoteRequest,
  ledger: Ledger,
  at: number,
  services: () => Promise<readonly string[]> = async () => [],
): Promise<LedgerChange> {
  const { incidentId, hypothesisId, verdict, person } = request;
  const report = await ledger.report(incidentId);
  const service = await serviceOf(request, report, ledger, services);
  const id = `v${at.toString(36)}${fnv1a(JSON.stringify(request)).toString(36)}`;
  const vote: Vote = {
    id,
    incidentId,
    hypothesisId,
    service,
    verdict,
    person,
    at,
    actualService: request.actualService ?? null,
    note: request.note ?? null,
    ...suspectsIn(report),
    ...(request.actualKind === undefined ? {} : { actualKind: request.actualKind }),
  };
  return { about: [incidentId], votes: [vote], work: [investigateWork(incidentId, at), learnWork(at)] };
}

/** What the ranking saw, kept with the verdict: the report changes, and may be forgotten before the verdict fades. */
function suspectsIn(report: Report | null): Pick<Vote, 'suspects'> {
  const suspects = (report?.context.hypotheses ?? []).flatMap(({ id, service }) => {
    const features = report?.features[id];
    return features === undefined ? [] : [{ service, features }];
  });
  return suspects.length === 0 ? {} : { suspects };
}

/** A hypothesis that was shown, or voted on, may have left the list since. Its id follows from its service. */
async function serviceOf(
  { incidentId, hypothesisId: id }: VoteRequest,
  report: Report | null,
  ledger: Ledger,
  services: () => Promise<readonly string[]>,
): Promise<string> {
  const listed = report?.context.hypotheses.find((h) => h.id === id)?.service;
  const voted =
    listed ??
    (await ledger.votes(incidentId)).find((vote) => vote.hypothesisId === id)?.service ??
    (await services()).find((service) => hypothesisId(incidentId, service) === id);
  if (voted === undefined)
    throw new Failure('rejected', 'feedback', 'store a verdict', {
      hint: 'there is no such hypothesis in this incident',
      path: 'hypothesis',
    });
  return voted;
}
