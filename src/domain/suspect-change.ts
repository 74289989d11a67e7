/**
 * Which hunk of a change touches what the evidence names. Each hunk is scored clue by clue; the best is the suspect if it
 * scores at all well, and `why` says which clues it met, so that a reader can judge the match:
 *
 *   frame  charge.js:42 and the hunk's new lines 38 to 45 of src/charge.js     10
 *   key    `PAYMENT_TIMEOUT_MS` stands in a line the hunk changes              6
 *   route  /api/pay/{id} and a changed line with '/pay/:id'                     5
 *   file   a frame in src/charge.js, but elsewhere in it                        4
 *   name   the logger PaymentClient and the file payment-client.ts              4
 *   words  rare words of the message, each divided by the hunks that have it    1 each, 3 at most
 *
 * Lines shown only for context count less than changed ones, documents and tests less than code.
 */
import type { Change, FilePatch } from './change.ts';
import { type Clues, cluesIn, type Frame, routePattern, troubleTexts } from './clues.ts';
import { type Hunk, hunksOf } from './diff.ts';
import type { Evidence } from './evidence.ts';
import type { Hypothesis } from './hypothesis.ts';
import type { TelemetryWindow } from './telemetry.ts';

export interface Suspect {
  readonly file: string;
  /** The hunk as a diff shows it, cut to what a person reads. */
  readonly hunk: string;
  readonly why: string;
}

interface Reason {
  readonly score: number;
  readonly text: string;
}

/** One good clue, or several weak ones, are needed: naming a wrong line costs more than naming none. */
const leastScore = 3;
const maxReasons = 3;
const maxHunkLines = 40;
const maxHunkLength = 4_000;
const besideCode = 0.25;
const contextShare = 0.4;

/** A large diff takes a tenth of a second against much evidence; a report has five seconds. */
const maxChanges = 10;

/**
 * The suspect hunk of changes whose diff is known, by the troubles of the change's own service: those of suspected services
 * first, in the order of suspicion, the newest before older ones.
 */
export function suspectsAmong(
  changes: readonly Change[],
  window: TelemetryWindow,
  { hypotheses, evidence }: { readonly hypotheses: readonly Hypothesis[]; readonly evidence: readonly Evidence[] },
): Map<Change, Suspect | null> {
  const place = new Map(hypotheses.map(({ service }, i) => [service, i]));
  const last = hypotheses.length;
  const withDiff = changes
    .filter(({ patches }) => patches !== undefined)
    .sort((a, b) => (place.get(a.service) ?? last) - (place.get(b.service) ?? last) || b.startedAt - a.startedAt)
    .slice(0, maxChanges);
  if (withDiff.length === 0) return new Map();
  const texts = troubleTexts(window, new Set(withDiff.map(({ service }) => service)));
  const clues = new Map<string, Clues>();
  for (const [service, own] of texts) {
    const cited = evidence.filter((piece) => piece.service === service && piece.kind !== 'change').map(({ text }) => text);
    clues.set(service, cluesIn([...own, ...cited], [service]));
  }
  return new Map(withDiff.map((change) => [change, suspectIn(change.patches ?? [], clues.get(change.service)!)]));
}

export function suspectIn(patches: readonly FilePatch[], clues: Clues): Suspect | null {
  const read = patches.flatMap(hunksOf).map(readHunk);
  const rarity = countWords(read, clues.words);
  let best: { hunk: Hunk; score: number; reasons: Reason[] } | null = null;
  for (const hunk of read) {
    const reasons = reasonsFor(hunk, clues, rarity).sort((a, b) => b.score - a.score);
    const score = reasons.reduce((sum, reason) => sum + reason.score, 0) * (isBesideCode(hunk.hunk.file) ? besideCode : 1);
    if (score >= leastScore && score > (best?.score ?? 0)) best = { hunk: hunk.hunk, score, reasons };
  }
  if (best === null) return null;
  const why = best.reasons.slice(0, maxReasons).map(({ text }) => text);
  return { file: best.hunk.file, hunk: shown(best.hunk, clues), why: why.join('; ') };
}

/** A hunk with the words of its lines at hand. */
interface ReadHunk {
  readonly hunk: Hunk;
  readonly changed: string;
  readonly context: string;
  readonly changedWords: ReadonlySet<string>;
  readonly contextWords: ReadonlySet<string>;
  readonly headingWords: ReadonlySet<string>;
}

const identifier = /[A-Za-z_$][\w$-]*/g;

function readHunk(hunk: Hunk): ReadHunk {
  const isChanged = (line: string) => line.startsWith('+') || line.startsWith('-');
  const changed = hunk.lines
    .filter(isChanged)
    .map((line) => line.slice(1))
    .join('\n');
  const context = [hunk.heading, ...hunk.lines.filter((line) => !isChanged(line))].join('\n');
  return { hunk, changed, context, changedWords: wordsOf(changed), contextWords: wordsOf(context), headingWords: wordsOf(hunk.heading) };
}

function wordsOf(text: string): Set<string> {
  return new Set([...text.matchAll(identifier)].map(([word]) => word.toLowerCase()));
}

function countWords(hunks: readonly ReadHunk[], words: ReadonlySet<string>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { changedWords } of hunks) for (const word of words) if (changedWords.has(word)) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

function reasonsFor(read: ReadHunk, clues: Clues, rarity: ReadonlyMap<string, number>): Reason[] {
  const reasons = [
    frameReason(read, clues.frames),
    nameReason(read, clues.names),
    keyReason(read, clues.keys),
    routeReason(read, clues.routes),
  ];
  return [...reasons, wordReason(read, clues.words, rarity)].filter((reason) => reason !== null);
}

/** A frame's file may be a path inside a container; only its end is also the repository's. */
const plainFiles = /^(index|main|app|server|handler|handlers|util|utils|__init__|mod|lib|client|service|types|config)\.[a-z]+$/i;

function frameReason({ hunk }: ReadHunk, frames: readonly Frame[]): Reason | null {
  let best: Reason | null = null;
  for (const { file, line } of frames) {
    const { parts, isSameKind } = commonEnd(file, hunk.file);
    const isPlain = plainFiles.test(file.slice(file.lastIndexOf('/') + 1));
    if (parts === 0 || (parts === 1 && isPlain)) continue;
    // A line of compiled code says nothing about the source's lines.
    const isInside = isSameKind && line !== null && line >= hunk.fromLine && line <= hunk.toLine;
    const reason = isInside
      ? { score: 10, text: `a stack frame points at line ${line}, which lies in it` }
      : { score: parts > 1 ? 4 : 3, text: `a stack frame names its file` };
    if (best === null || reason.score > best.score) best = reason;
  }
  return best;
}

const scriptEnding = /\.[cm]?[jt]sx?$/;

/** How many parts of two paths agree, counted from the end; `charge.js` may have been compiled from `charge.ts`. */
function commonEnd(a: string, b: string): { parts: number; isSameKind: boolean } {
  const [left, right] = [a, b].map((path) =>
    path
      .replace(scriptEnding, '')
      .split('/')
      .filter((part) => part !== '')
      .reverse(),
  );
  let parts = 0;
  while (parts < left!.length && parts < right!.length && left![parts] === right![parts]) parts++;
  return { parts, isSameKind: a.slice(a.lastIndexOf('.')) === b.slice(b.lastIndexOf('.')) };
}

const plain = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '');

function nameReason({ hunk, changedWords, contextWords, headingWords }: ReadHunk, names: ReadonlySet<string>): Reason | null {
  const file = plain(hunk.file.slice(hunk.file.lastIndexOf('/') + 1).replace(/\.[^.]+$/, ''));
  let best: Reason | null = null;
  for (const name of names) {
    const small = name.toLowerCase();
    const isItsFile = file === plain(name);
    // The heading is the function that encloses the hunk.
    const inside = changedWords.has(small) ? 3.5 : headingWords.has(small) ? 3 : contextWords.has(small) ? 3.5 * contextShare : 0;
    const total = isItsFile ? Math.max(inside, inside > 0 ? 4 : 3) : inside;
    if (total > (best?.score ?? 0)) best = { score: total, text: `it touches \`${name}\`, which the evidence names` };
  }
  return best;
}

function keyReason({ changed, context }: ReadHunk, keys: ReadonlySet<string>): Reason | null {
  const holds = (text: string, key: string) => {
    const at = text.indexOf(key);
    const before = key.includes('.') ? /[\w.-]/ : /[\w-]/; // `env.PAYMENT_TIMEOUT_MS` is the key, `a.db.pool` is not `db.pool`
    return at >= 0 && !before.test(text[at - 1] ?? ' ') && !/[\w-]/.test(text[at + key.length] ?? ' ');
  };
  let best: Reason | null = null;
  for (const key of keys) {
    const score = holds(changed, key) ? 6 : holds(context, key) ? 6 * contextShare : 0;
    if (score > (best?.score ?? 0))
      best = { score, text: `it ${score === 6 ? 'changes' : 'stands beside'} \`${key}\`, which the evidence names` };
  }
  return best;
}

function routeReason({ changed, context }: ReadHunk, routes: ReadonlySet<string>): Reason | null {
  if (routes.size === 0) return null;
  const match = (text: string) =>
    [...routes].find((route) => [...text.matchAll(routePattern)].some(([written]) => isSameRoute(written, route)));
  const inChanged = match(changed);
  if (inChanged !== undefined) return { score: 5, text: `it changes the route \`${inChanged}\`` };
  const inContext = match(context);
  return inContext === undefined ? null : { score: 5 * contextShare, text: `it stands in the route \`${inContext}\`` };
}

/** A router may know the end of a route only, and writes its parameters in its own way. */
function isSameRoute(written: string, route: string): boolean {
  const parts = (path: string) =>
    path
      .replace(/[.]{1,40}$/, '')
      .split('/')
      .filter((part) => part !== '')
      .map((part) => (/^[:{<*]|^\d+$/.test(part) ? '*' : part.toLowerCase()))
      .reverse();
  const [short, long] = [parts(written), parts(route)];
  return short.length <= long.length && short.some((part) => part.length > 3) && short.every((part, i) => part === long[i]);
}

function wordReason({ changedWords }: ReadHunk, words: ReadonlySet<string>, rarity: ReadonlyMap<string, number>): Reason | null {
  const found = [...words].filter((word) => changedWords.has(word)).sort((a, b) => (rarity.get(a) ?? 1) - (rarity.get(b) ?? 1));
  if (found.length === 0) return null;
  const score = found.reduce((sum, word) => sum + 1 / (rarity.get(word) ?? 1), 0);
  const said = found.slice(0, 3).map((word) => `\`${word}\``);
  return { score: Math.min(3, score), text: `its lines share ${said.join(', ')} with the messages` };
}

function isBesideCode(file: string): boolean {
  return /(^|\/)(tests?|__tests__|spec|docs?|examples?)\/|\.(md|mdx|rst|txt|adoc)$|[._-](test|spec)\.[a-z]+$|_test\.go$|(^|\/)(LICENSE|CHANGELOG)/i.test(
    file,
  );
}

/** A long hunk is cut around the line a frame points at, else from its first changed line on. */
function shown({ header, lines, file, fromLine }: Hunk, { frames }: Clues): string {
  const pointed = frames.find((frame) => frame.line !== null && commonEnd(frame.file, file).parts > 0)?.line ?? null;
  let centre = lines.findIndex((line) => /^[+-]/.test(line)) + maxHunkLines / 2 - 3;
  if (pointed !== null) {
    let at = fromLine - 1;
    const index = lines.findIndex((line) => !line.startsWith('-') && ++at >= pointed);
    if (index >= 0) centre = index;
  }
  const start = Math.max(0, Math.min(lines.length - maxHunkLines, Math.round(centre - maxHunkLines / 2)));
  const part = lines.slice(start, start + maxHunkLines);
  return [header, ...(start > 0 ? ['…'] : []), ...part, ...(start + part.length < lines.length ? ['…'] : [])]
    .join('\n')
    .slice(0, maxHunkLength);
}
