/**
 * The model words the report, it never adds a fact. A statement stays only if it cites evidence that is there, and if every
 * number and every service it names is found in what it cites. Whatever it was talked into beyond that is dropped and counted.
 */
import { numbersIn, reachesOut } from '../figures.ts';
import type { ContextHypothesis, IncidentContext } from '../incident-context.ts';
import { clockTime } from '../wording.ts';
import type { Claim, ContextDiagnosis } from './context-diagnosis.ts';
import type { ModelWords } from './model-words.ts';

/** A paragraph, not an essay. */
const maxClaims = 4;
const maxText = 300;
const maxCited = 6;
/** An argument moves a calibrated figure by no more than this: the figure was counted, the argument was not. */
const maxDoubt = 0.2;

export type Words = Pick<ContextDiagnosis, 'claims' | 'alternative' | 'doubt' | 'dropped'>;

export function checkedWords(words: ModelWords, context: IncidentContext): Words {
  const claims = words.claims.map((claim) => checked(claim, context));
  const kept = claims.filter((claim) => claim !== null).slice(0, maxClaims);
  const alternative = words.alternative === null ? null : checkedAlternative(words.alternative, context);
  const doubt = words.argument === null ? null : checkedDoubt(words.argument, context);
  const offered = words.claims.length + Number(words.alternative !== null) + Number(words.argument !== null);
  return { claims: kept, alternative, doubt, dropped: offered - kept.length - Number(alternative !== null) - Number(doubt !== null) };
}

/** What of an earlier diagnosis still holds of a report that was made since; null where its main words do not. */
export function standing(diagnosis: ContextDiagnosis, context: IncidentContext): ContextDiagnosis | null {
  const { claims, alternative, doubt } = checkedWords({ ...diagnosis, argument: diagnosis.doubt }, context);
  const isSame = diagnosis.about === (context.hypotheses[0]?.id ?? null);
  return diagnosis.state === 'written' && isSame && claims.length > 0 ? { ...diagnosis, claims, alternative, doubt } : null;
}

function checkedAlternative(words: NonNullable<ModelWords['alternative']>, context: IncidentContext): ContextDiagnosis['alternative'] {
  const claim = checked(words, context);
  const first = context.hypotheses[0]?.service;
  const isCited = claim?.evidence.some((id) => context.evidence[id]?.service === words.service);
  return claim !== null && isCited && words.service !== first ? { ...claim, service: words.service } : null;
}

/** What only cites what speaks for a hypothesis is no argument against it. */
function checkedDoubt(words: NonNullable<ModelWords['argument']>, context: IncidentContext): ContextDiagnosis['doubt'] {
  const claim = checked(words, context);
  const hypothesis = context.hypotheses.find(({ id }) => id === words.hypothesis);
  if (claim === null || hypothesis === undefined || claim.evidence.every((id) => hypothesis.evidence.includes(id))) return null;
  const { confidence } = hypothesis;
  const lowered = Number.isFinite(words.confidence)
    ? Math.min(confidence, Math.max(0, confidence - maxDoubt, words.confidence))
    : confidence;
  return { ...claim, hypothesis: hypothesis.id, confidence: Math.round(lowered * 100) / 100 };
}

function checked({ text, evidence }: Claim, context: IncidentContext): Claim | null {
  const said = withoutIds(text, context);
  const cited = [...new Set(evidence.map((id) => id.trim()))];
  if (said === '' || said.length > maxText || cited.length === 0 || cited.length > maxCited) return null;
  if (reachesOut(said) || !cited.every((id) => Object.hasOwn(context.evidence, id))) return null;
  const ground = groundOf(cited, context);
  const named = servicesIn(said, context);
  if (!named.every((name) => name === context.incident.service || ground.includes(name))) return null;
  const plain = named.reduce((rest, name) => rest.replaceAll(name, ' '), said);
  const numbers = new Set(numbersIn(ground));
  return numbersIn(plain).every((number) => numbers.has(number)) ? { text: said, evidence: cited } : null;
}

/** One line; ids stand beside a claim and not in it. */
function withoutIds(text: string, { evidence }: IncidentContext): string {
  return text
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ')
    .replace(/\s{0,9}[([]\s{0,9}(e[0-9a-z]{1,8}(?:[,;\s]{1,9}e[0-9a-z]{1,8})*[,;\s]{0,9})[)\]]/g, (all: string, ids: string) =>
      ids.split(/[,;\s]+/).every((id) => id === '' || Object.hasOwn(evidence, id)) ? '' : all,
    )
    .replace(/ {2,}/g, ' ')
    .trim();
}

/** All that a claim with these citations may say. */
function groundOf(ids: readonly string[], context: IncidentContext): string {
  const services = new Set(ids.map((id) => context.evidence[id]?.service));
  const judged = context.hypotheses.filter((hypothesis) => hypothesis.evidence.some((id) => ids.includes(id)));
  return [
    ...ids.map((id) => context.evidence[id]!).map(({ service, text, at }) => `${service} ${text} ${timesOf(at)}`),
    ...judged.map((hypothesis) => `${hypothesis.service} ${percent(hypothesis)}`),
    ...context.changes
      .filter(({ service }) => services.has(service))
      .map(({ version, sha, startedAt }) => `${version ?? ''} ${sha ?? ''} ${timesOf(startedAt)}`),
    context.onsetAt === null ? '' : timesOf(context.onsetAt),
    timesOf(context.incident.alertAt),
  ].join('\n');
}

function percent({ confidence }: ContextHypothesis): string {
  return `${Math.round(confidence * 100)}`;
}

/** `10:02:41Z` and `10:02` */
function timesOf(at: string): string {
  const time = clockTime(Date.parse(at));
  return `${time} ${time.slice(0, 5)}`;
}

function servicesIn(text: string, { map, hypotheses }: IncidentContext): string[] {
  const names = new Set([...map.services.map(({ name }) => name), ...hypotheses.map(({ service }) => service)]);
  const isNamed = (name: string) => {
    for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1))
      if (!/[\w-]/.test(text[at - 1] ?? ' ') && !/[\w-]/.test(text[at + name.length] ?? ' ')) return true;
    return false;
  };
  return [...names].filter((name) => name !== '' && isNamed(name)).sort((a, b) => b.length - a.length);
}
