/**
 * What the model reads. Our own words are the system text, the examples and the frame of a case; all that came from logs,
 * commits, alerts and services stands in fences whose name nobody outside can know, and is said to be data.
 */
import type { IncidentContext } from '../incident-context.ts';
import { fenced, fenceRule } from '../fence.ts';
import { clockTime } from '../wording.ts';
import { examples } from './examples.ts';
import type { PromptCase } from './prompt-case.ts';

/** Counts up with every change to the system text, the frame or the examples: kept with each answer. */
export const promptVersion = '2';

export const systemText = `You help engineers who are woken by an alert. A ranking has already weighed the telemetry; you put its result into words.

You get one incident: hypotheses (most likely first, with a calibrated confidence), evidence with ids, changes, calls between services, and what could not be read.

Write:
- claims: one to four short sentences that together say what broke, how it reached the alert, and what supports that, most important first. Each names in "evidence" the ids it stands on.
- alternative: another service worth a look, if evidence about it speaks for that; else null.
- argument: what speaks against one hypothesis, if evidence does, with the confidence you would leave it; else null. You can lower a confidence, never raise it.

Rules:
- Say nothing that the cited evidence does not say. No guesses, no advice, no links. Numbers, times and service names exactly as they stand in the cited evidence; do not compute new ones.
- Ids belong in "evidence" and not in "text".
- ${fenceRule}
- Where the evidence is thin, say so in plain words.`;

export function caseOf(context: IncidentContext): PromptCase {
  const { incident, map, ...rest } = context;
  return { ...rest, alert: incident, calls: map.edges.slice(0, maxCalls) };
}

const maxCalls = 25;
const maxLine = 500;
const maxHunk = 2_000;

/** `fence`: letters and digits drawn for this one question. */
export function turnsFor(incident: PromptCase, fence: string): { role: 'user' | 'assistant'; text: string }[] {
  const shown = examples.flatMap(({ incident: other, words }) => [
    { role: 'user' as const, text: caseText(other, fence) },
    { role: 'assistant' as const, text: JSON.stringify(words) },
  ]);
  return [...shown, { role: 'user', text: caseText(incident, fence) }];
}

export function caseText(incident: PromptCase, fence: string): string {
  const data = (source: string, text: string, max = maxLine) => fenced(source, text, fence, max);
  const { alert } = incident;
  const time = (at: string) => clockTime(Date.parse(at));
  return [
    `Alert at ${time(alert.alertAt)}, severity ${alert.severity}, ${data('alert', `${alert.title}; service: ${alert.service ?? 'not named'}`)}`,
    `Verdict: ${incident.verdict}.${incident.onsetAt === null ? '' : ` Begun about ${time(incident.onsetAt)}.`}`,
    'Hypotheses:',
    ...incident.hypotheses.flatMap((h, i) => [
      `${i + 1}. ${h.id}: confidence ${h.confidence}, ${h.kind}, for: ${h.evidence.join(' ') || 'none'}; against: ${h.against.join(' ') || 'none'}`,
      data('hypothesis', `${h.service}: ${h.summary}`),
      ...h.path.map((hop) => `on the way, ${hop.evidence.join(' ')}: ${data('path', `${hop.from} → ${hop.to}`)}`),
    ]),
    'Evidence:',
    ...Object.entries(incident.evidence).map(
      ([id, e]) => `${id} (${e.kind}, ${time(e.at)}): ${data('evidence', `${e.service}: ${e.text}`)}`,
    ),
    ...(incident.changes.length === 0 ? [] : ['Changes:']),
    ...incident.changes.flatMap((c) => [
      `${c.kind} at ${time(c.startedAt)}: ${data('change', `${c.service} ${c.version ?? c.sha ?? ''} ${c.title ?? ''}`)}`,
      ...(c.suspect ? [data('diff', `${c.suspect.file}\n${c.suspect.hunk}`, maxHunk)] : []),
    ]),
    'Calls:',
    ...incident.calls.map((call) =>
      data('call', `${call.caller} → ${call.callee}: ${call.calls} calls, ${call.errors} failed, p95 ${call.p95Ms ?? '?'} ms`),
    ),
    ...(incident.blastRadius.length === 0 ? [] : [`Also hit: ${data('services', incident.blastRadius.join(', '))}`]),
    ...(incident.gaps.length === 0
      ? []
      : [`Not known: ${data('gaps', incident.gaps.map((gap) => `${gap.source}: ${gap.reason}`).join('; '))}`]),
  ].join('\n');
}
