/**
 * What people say under a report, read without a model: a verdict on a suspect, or something that was done. Every part of the
 * sentence must be understood, doubt and questions are nothing, and what was read is noted only once the person says so.
 */
export interface SaidVerdict {
  readonly verdict: 'confirm' | 'reject';
  readonly hypothesisId: string;
  readonly service: string;
  /** Which service it was instead, where one that is known was named. */
  readonly actualService: string | null;
  /** What it was instead, in the person's words, where no known service was named. */
  readonly note: string | null;
}

export interface Said {
  readonly verdicts: readonly SaidVerdict[];
  /** What was done, in the person's words. */
  readonly facts: readonly string[];
}

export interface Heard {
  /** Best first. */
  readonly suspects: readonly { readonly id: string; readonly service: string }[];
  /** Names of all services of the map. */
  readonly services: readonly string[];
}

const maxLength = 300;
/** Whoever hedges, asks, plans or orders has said nothing that could be noted. */
const unsure =
  /\?|\b(?:maybe|perhaps|think|guess|might|may|could|should|would|will|probably|possibly|let'?s|please|if|unless|not sure|unsure|wonder|looks? like|seems?|suspect|hopefully|going to|need to|want to|try(?:ing)?|can (?:you|we|i|someone|anybody))\b/;

const yes =
  /^(?:confirmed|i confirm|i can confirm|can confirm|confirming|that's it|that is it|that was it|correct diagnosis|diagnosis is correct|report is right|the report is right|you(?:'re| are) right|bot is right|the bot is right|spot on)$/;
const no =
  /^(?:that's (?:wrong|not it)|that is (?:wrong|not it)|wrong diagnosis|diagnosis is wrong|the diagnosis is wrong|the report is wrong|report is wrong|you(?:'re| are) wrong|rejected|not it|the bot is wrong)$/;
const subject = '(.{1,80}?)';
const cause = '(?:the )?(?:root cause|cause|culprit|problem|issue|one|reason)';
const blamed = [
  new RegExp(
    `^(?:confirmed,? |i confirm |can confirm |confirming )?(?:that )?(?:it|this|that|the cause|the root cause|the culprit|the problem|root cause)(?: really| actually| indeed| clearly)?(?:'s| is| was) ${subject}$`,
  ),
  new RegExp(`^confirmed:? ${subject}$`),
  new RegExp(`^${subject} (?:is|was) (?:indeed |really |actually )?${cause}$`),
  new RegExp(`^${subject} (?:it is|it was|was it)$`),
];
const cleared = [
  new RegExp(`^(?:it|this|that|the cause|the problem)(?:'s not| is not| isn't| was not| wasn't| is never) ${subject}$`),
  new RegExp(
    `^${subject} (?:is|was|looks|are) (?:actually |really |perfectly |totally |all )?(?:fine|ok|okay|healthy|innocent|good|clean|green)(?: now)?$`,
  ),
  new RegExp(`^${subject} (?:is|was) not ${cause}$`),
  new RegExp(`^${subject} (?:isn't|wasn't) ${cause}$`),
  new RegExp(`^not ${subject}$`),
];
const done =
  '(?:restarted|rebooted|rolled back|reverted|redeployed|deployed|released|scaled up|scaled down|scaled|failed over|drained|disabled|enabled|killed|bumped|increased|raised|lowered|paused|resumed|flushed|cleared|purged|patched|upgraded|downgraded|switched off|switched on|turned off|turned on|cordoned|evicted|deleted)';
const deeds = [
  new RegExp(`^(?:we|i|they|ops|sre|the team|[a-z]{2,20}) (?:have |has |had |just |already |manually )*${done} .{1,160}$`),
  new RegExp(`^.{1,80} (?:was|were|got|has been|have been) (?:just |already |manually )?${done}(?: .{1,120})?$`),
];
const denied = /\b(?:not|never|didn't|haven't|hasn't|nobody|wasn't|weren't|don't)\b/;

/** `text` as typed. Null: nothing that could be noted, or something in it that was not understood. */
export function readSaid(text: string, heard: Heard): Said | null {
  const sentence = text
    .slice(0, maxLength + 1)
    .replace(/[’]/g, "'")
    .replace(/\s+/g, ' ')
    .trim();
  const lower = sentence.toLowerCase();
  const first = heard.suspects[0];
  if (first === undefined || sentence.length > maxLength || unsure.test(lower) || lower.length !== sentence.length) return null;
  const verdicts: SaidVerdict[] = [];
  const facts: string[] = [];
  let isNo = false;
  let isYes = false;
  for (const clause of clausesOf(sentence)) {
    const low = clause.toLowerCase();
    if (/^(?:no|nope|nah|wrong)$/.test(low)) isNo = true;
    else if (/^(?:yes|yep|yeah|yup|right|ok|okay|sorry|fyi|update|thanks|all)$/.test(low)) isYes ||= /^(?:y|right)/.test(low);
    else if (yes.test(low)) verdicts.push(confirmed(first));
    else if (no.test(low)) verdicts.push(rejected(first, null, null));
    else {
      const read = clearedIn(low, heard) ?? blamedIn(low, clause, heard, isNo);
      if (read === 'fact') facts.push(clause);
      else if (read !== null) verdicts.push(read);
      else if (!denied.test(low) && deeds.some((deed) => deed.test(low))) facts.push(clause);
      else return null;
    }
  }
  const merged = mergedOf(verdicts);
  return merged.length + facts.length === 0 || contradicts(merged, isYes, isNo) ? null : { verdicts: merged, facts };
}

/** "Not payment, it was redis": both are one word on payment, and the second says more. */
function mergedOf(verdicts: readonly SaidVerdict[]): SaidVerdict[] {
  const merged: SaidVerdict[] = [];
  for (const one of verdicts) {
    const at = merged.findIndex(({ hypothesisId, verdict }) => hypothesisId === one.hypothesisId && verdict === one.verdict);
    const before = merged[at];
    if (before === undefined) merged.push(one);
    else if (before.actualService === null && before.note === null) merged[at] = one;
    else if (one.actualService !== null && one.actualService !== before.actualService) merged.push(one);
  }
  return merged;
}

/** One word on each suspect, and no "yes" to what is then denied. */
function contradicts(verdicts: readonly SaidVerdict[], isYes: boolean, isNo: boolean): boolean {
  const ids = verdicts.map(({ hypothesisId }) => hypothesisId);
  if (new Set(ids).size < ids.length || (isYes && isNo)) return true;
  return isYes && verdicts.some(({ verdict, actualService }) => verdict === 'reject' && actualService !== null);
}

function clausesOf(sentence: string): string[] {
  return sentence
    .split(/[,;]{1,9} ?|[.!]{1,9}(?: |$)| - | — | but (?:it|we|i|they) ?(?=\S)/)
    .map((clause) => clause.trim().replace(/^(?:and|but|so|because|since|then) /i, ''))
    .filter((clause) => clause !== '');
}

function confirmed({ id, service }: Heard['suspects'][number]): SaidVerdict {
  return { verdict: 'confirm', hypothesisId: id, service, actualService: null, note: null };
}

function rejected({ id, service }: Heard['suspects'][number], actualService: string | null, note: string | null): SaidVerdict {
  return { verdict: 'reject', hypothesisId: id, service, actualService, note };
}

/** A suspect that is cleared; `fact`: another known service is, which is worth keeping and judges nobody. */
function clearedIn(clause: string, heard: Heard): SaidVerdict | 'fact' | null {
  for (const pattern of cleared) {
    const about = pattern.exec(clause)?.[1];
    const service = about === undefined ? null : serviceIn(about, heard);
    const suspect = heard.suspects.find((one) => one.service === service);
    if (suspect !== undefined) return rejected(suspect, null, null);
    if (service !== null) return 'fact';
  }
  return null;
}

function blamedIn(low: string, clause: string, heard: Heard, isNo: boolean): SaidVerdict | null {
  const first = heard.suspects[0]!;
  for (const pattern of blamed) {
    const about = pattern.exec(low)?.[1];
    if (about === undefined || denied.test(about)) continue;
    const service = serviceIn(about, heard);
    const suspect = heard.suspects.find((one) => one.service === service);
    // "No, it was payment" under a report that says payment means neither.
    if (suspect === first) return isNo ? null : confirmed(first);
    if (service !== null) return rejected(first, service, about === service.toLowerCase() ? null : spelt(about, clause));
    if (isNo) return rejected(first, null, spelt(about, clause));
  }
  return null;
}

/** As the person wrote it. */
function spelt(about: string, clause: string): string {
  const at = clause.toLowerCase().lastIndexOf(about);
  return clause.slice(at, at + about.length);
}

/** The service that a few words name, if they name one and no more. */
function serviceIn(about: string, { services, suspects }: Heard): string | null {
  const words = about.replace(/[`"'*_]/g, '').split(' ');
  if (words.length > 6) return null;
  const known = new Map([...services, ...suspects.map(({ service }) => service)].map((name) => [name.toLowerCase(), name]));
  const named = new Set(words.flatMap((word) => known.get(word) ?? known.get(`${word}-service`) ?? known.get(`${word}service`) ?? []));
  const [only, ...more] = named;
  return only === undefined || more.length > 0 ? null : only;
}
