/** What a model made of the incident, below the headline: a short paragraph in which every sentence carries its evidence. */
import type { Claim } from '../../../domain/diagnosis/context-diagnosis.ts';
import type { IncidentContext } from '../../../domain/incident-context.ts';
import { bold, code, escaped } from '../../../domain/mrkdwn.ts';
import type { Detail } from './details.ts';
import { asPercent } from '../../../domain/wording.ts';

export function diagnosisLines({ diagnosis, hypotheses }: IncidentContext, detail: Detail): string[] {
  if (diagnosis?.state !== 'written') return [];
  const { claims, alternative, doubt } = diagnosis;
  const shown = claims.slice(0, detail.evidence).map((claim) => cited(claim, detail));
  const lines = [shown.join(' ')];
  if (doubt !== null && detail.against > 0) {
    const argued = hypotheses.find(({ id }) => id === doubt.hypothesis);
    const figure = argued === undefined ? '' : ` The model would leave ${asPercent(doubt.confidence)} of ${asPercent(argued.confidence)}.`;
    lines.push(`Against ${bold(escaped(argued?.service ?? 'it', detail.name))}: ${cited(doubt, detail)}${figure}`);
  }
  if (alternative !== null && detail.against > 0)
    lines.push(`The model would also look at ${bold(escaped(alternative.service, detail.name))}: ${cited(alternative, detail)}`);
  return lines;
}

const maxIds = 3;

function cited({ text, evidence }: Claim, detail: Detail): string {
  const ids = evidence.slice(0, maxIds).map((id) => code(escaped(id, 20)));
  return `${escaped(text, detail.line)} ${ids.join(' ')}`;
}
