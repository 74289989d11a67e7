/**
 * What people ask in a thread, read without a model: a small grammar over plain English. Pure; answers are looked up in
 * `pipeline/answer.ts`. A sentence that fits nothing is said to fit nothing, with what can be asked.
 */
import { type Span, spanAtEnd } from './conversation/span.ts';

interface Logs {
  readonly kind: 'logs';
  readonly service: string | null;
  readonly contains: string | null;
  readonly errorsOnly: boolean;
}

/** Those with a `span` can be asked of another stretch of time than the incident's own. */
export type Question =
  | (Logs & Spanning)
  | ({ readonly kind: 'changes'; readonly service: string | null } & Spanning)
  | ({ readonly kind: 'metrics'; readonly service: string | null } & Spanning)
  /** Every connected source once more. */
  | ({ readonly kind: 'again'; readonly service: string | null } & Spanning)
  | { readonly kind: 'diff'; readonly service: string | null }
  | { readonly kind: 'similar' }
  | { readonly kind: 'around'; readonly service: string | null }
  | { readonly kind: 'why'; readonly service: string | null }
  | { readonly kind: 'why-not'; readonly service: string }
  | { readonly kind: 'trace'; readonly traceId: string | null }
  | { readonly kind: 'callers'; readonly service: string }
  | { readonly kind: 'callees'; readonly service: string }
  | { readonly kind: 'blast-radius'; readonly service: string | null }
  | { readonly kind: 'evidence'; readonly evidenceId: string | null }
  | { readonly kind: 'gaps' }
  | { readonly kind: 'status' }
  | { readonly kind: 'help' };

/** The same with services that are there, the most interesting first, so that they can be asked as they stand. */
export function examplesFor(services: readonly string[]): string[] {
  const [first, second = first, third = second] = services;
  const named: Readonly<Record<string, string | undefined>> = { payment: first, cart: second, catalog: third };
  return examples.map((example) => example.replace(/\b(?:payment|cart|catalog)\b/, (name) => named[name] ?? name));
}

interface Spanning {
  readonly span?: Span;
}

/** Shown when a question is not understood; also the help text. */
export const examples = [
  'what is broken',
  'why payment',
  'why not catalog',
  'errors in payment',
  'logs of payment about timeout from 10:00 to 10:20',
  'metrics of payment in the last 30 minutes',
  'show trace 4bf92f3577b34da6a3ce929d0e0e4736',
  'what changed',
  'show diff of payment',
  'map around cart',
  'who calls cart',
  'what does cart call',
  'who is affected',
  'earlier incidents',
  'ask again in the last 5 minutes',
  'what is missing',
] as const;

type Reader = (found: RegExpMatchArray) => Question;

// Every pattern is anchored and made of single-pass parts, so outside text cannot make one backtrack.
const name = '[`"\']?([^\\s`"\'?!,]+)[`"\']?';
const filler = '(?:the |a |service )?';
const grammar: readonly (readonly [RegExp, Reader])[] = [
  [
    new RegExp(
      `^(?:show |get |give me )?(?:me )?(?:the )?(logs?|lines|errors?) (?:of|for|from|in) ${filler}${name}(?: (?:about|with|containing|matching) (.{1,200}))?$`,
    ),
    readLogs,
  ],
  [
    /^(?:show |get |give me )?(?:me )?(?:the )?(logs?|errors?)$/,
    (m) => ({ kind: 'logs', service: null, contains: null, errorsOnly: isErrors(m[1]) }),
  ],
  [
    new RegExp(
      `^(?:what(?:'s| has| was)? changed|what changes|changes|deploys?|deployments?|releases?)(?: (?:in|of|for|on) ${filler}${name})?$`,
    ),
    (m) => ({ kind: 'changes', service: m[1] ?? null }),
  ],
  [
    new RegExp(
      `^(?:show |get |give me )?(?:me )?(?:the )?(?:metrics|measurements|numbers|figures|latency|latencies|error rate|traffic|load|cpu|memory) (?:of|for|from|in|on) ${filler}${name}$`,
    ),
    (m) => ({ kind: 'metrics', service: m[1] ?? null }),
  ],
  [
    /^(?:show |get |give me )?(?:me )?(?:the )?(?:metrics|measurements|numbers|latency|error rate|traffic)$/,
    () => ({ kind: 'metrics', service: null }),
  ],
  [new RegExp(`^how (?:slow|busy|healthy) is ${filler}${name}$`), (m) => ({ kind: 'metrics', service: m[1] ?? null })],
  [new RegExp(`^how (?:is|was) ${filler}${name} doing$`), (m) => ({ kind: 'metrics', service: m[1] ?? null })],
  [
    new RegExp(
      `^(?:show |get |give me )?(?:me )?(?:the )?(?:diffs?|patch|hunk|code change|suspect lines?)(?: (?:of|for|in|to) ${filler}${name})?$`,
    ),
    (m) => ({ kind: 'diff', service: m[1] ?? null }),
  ],
  [new RegExp(`^(?:what|which) lines? changed(?: (?:of|in) ${filler}${name})?$`), (m) => ({ kind: 'diff', service: m[1] ?? null })],
  [
    /^(?:show |any |were there )?(?:me )?(?:the )?(?:earlier|similar|past|previous|like) incidents?(?: like (?:this|it))?$|^(?:has|did|was) (?:this|it) (?:ever )?(?:happen|happened|seen)(?: before)?$|^(?:have you )?seen (?:this |it )?before$|^when did (?:this|it) happen before$/,
    () => ({ kind: 'similar' }),
  ],
  [
    new RegExp(`^(?:show |draw )?(?:me )?(?:the )?(?:map|neighbou?rs|dependencies)(?: (?:around|of|for|near) ${filler}${name})?$`),
    (m) => ({ kind: 'around', service: m[1] ?? null }),
  ],
  [
    new RegExp(`^(?:ask|look|read|check|try)(?: it| them)? again(?: (?:at|for|about|in) ${filler}${name})?$`),
    (m) => ({ kind: 'again', service: m[1] ?? null }),
  ],
  [new RegExp(`^why (?:is it |is |isn't it |isn't )?not ${filler}${name}$`), (m) => ({ kind: 'why-not', service: m[1] ?? '' })],
  [new RegExp(`^why isn't it ${filler}${name}$`), (m) => ({ kind: 'why-not', service: m[1] ?? '' })],
  [/^why$/, () => ({ kind: 'why', service: null })],
  [new RegExp(`^why (?:is it |do you think it is )?${filler}${name}$`), (m) => ({ kind: 'why', service: m[1] ?? null })],
  [/^(?:show |get |open )?(?:me )?(?:the |a )?trace(?: ([0-9a-f]{8,32}))?$/, (m) => ({ kind: 'trace', traceId: m[1] ?? null })],
  [
    new RegExp(`^(?:who|what|which services?) (?:calls?|uses?|depends? on) ${filler}${name}$`),
    (m) => ({ kind: 'callers', service: m[1] ?? '' }),
  ],
  [new RegExp(`^callers of ${filler}${name}$`), (m) => ({ kind: 'callers', service: m[1] ?? '' })],
  [
    new RegExp(`^(?:what|who|which services?) does ${filler}${name} (?:call|use|depend on)$`),
    (m) => ({ kind: 'callees', service: m[1] ?? '' }),
  ],
  [
    new RegExp(`^(?:who|what) (?:is|else is) (?:affected|broken|hit)(?: by ${filler}${name})?$`),
    (m) => ({ kind: 'blast-radius', service: m[1] ?? null }),
  ],
  [new RegExp(`^blast radius(?: of ${filler}${name})?$`), (m) => ({ kind: 'blast-radius', service: m[1] ?? null })],
  [/^(?:show |what is )?(?:the )?evidence(?: (e[0-9a-z]{1,10}))?$/, (m) => ({ kind: 'evidence', evidenceId: m[1] ?? null })],
  [/^(?:show |what is )?(e[0-9a-z]{4,8})$/, (m) => ({ kind: 'evidence', evidenceId: m[1] ?? null })],
  [/^(?:what is missing|gaps|what do you not know|what don't you know)$/, () => ({ kind: 'gaps' })],
  [
    /^(?:status|state|summary|(?:what is|what's) broken(?: right)?(?: now)?|what happened|what is it|(?:what |which )?(?:open )?incidents(?: are open)?(?: right)?(?: now)?)$/,
    () => ({ kind: 'status' }),
  ],
  [/^(?:help|what can i ask(?: you)?|what can you do)$/, () => ({ kind: 'help' })],
];

/** Longer sentences are not questions of this grammar. */
const maxLength = 400;

/** `text` as typed, mentions and all. Null: not understood. */
export function readQuestion(text: string): Question | null {
  const sentence = text
    .replace(/<@[A-Z0-9]+(?:\|[^>]*)?>/g, ' ')
    .slice(0, maxLength)
    .replace(/[’]/g, "'")
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/^(?:please|hey|hi|ok|and)[, ]+/i, '')
    .replace(/[?!. ]+$/, '');
  // Names keep their case: services may be called CartService. Everything else is compared in lower case.
  const whole = sentence.toLowerCase();
  const ending = spanAtEnd(whole);
  const plain = readSentence(sentence, whole);
  // `errors in the last hour` names no service called `the`.
  if (ending === null || (plain !== null && !isSpanning(plain))) return plain;
  const rest = sentence.slice(0, ending.at).trimEnd();
  const question = readSentence(rest, rest.toLowerCase());
  return question !== null && isSpanning(question) ? { ...question, span: ending.span } : plain;
}

function readSentence(sentence: string, lower: string): Question | null {
  for (const [pattern, read] of grammar) {
    const found = lower.match(pattern);
    if (found !== null) return read(withCase(found, sentence, lower));
  }
  return null;
}

type SpanningQuestion = Extract<Question, { readonly kind: 'logs' | 'changes' | 'metrics' | 'again' }>;

function isSpanning(question: Question): question is SpanningQuestion {
  return ['logs', 'changes', 'metrics', 'again'].includes(question.kind);
}

/** Puts the original spelling of each captured part back. */
function withCase(found: RegExpMatchArray, sentence: string, lower: string): RegExpMatchArray {
  if (sentence.length !== lower.length) return found;
  return found.map((part, i) => {
    if (i === 0 || part === undefined) return part;
    const at = lower.lastIndexOf(part);
    return at < 0 || /^(?:logs?|lines|errors?)$/.test(part) ? part : sentence.slice(at, at + part.length);
  }) as RegExpMatchArray;
}

function readLogs(found: RegExpMatchArray): Question {
  return { kind: 'logs', service: found[2] ?? null, contains: found[3] ?? null, errorsOnly: isErrors(found[1]) };
}

function isErrors(word: string | undefined): boolean {
  return word?.startsWith('error') ?? false;
}
