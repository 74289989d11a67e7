/**
 * What people ask in a thread, read without a model: a small grammar over plain English. Pure; answers are looked up in
 * `pipeline/answer.ts`. A sentence that fits nothing is said to fit nothing, with what can be asked.
 */
export type Question =
  | { readonly kind: 'logs'; readonly service: string | null; readonly contains: string | null; readonly errorsOnly: boolean }
  | { readonly kind: 'changes'; readonly service: string | null }
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

/** Shown when a question is not understood; also the help text. */
export const examples = [
  'logs of payment',
  'errors in payment',
  'logs of payment about timeout',
  'what changed',
  'why payment',
  'why not catalog',
  'show trace 4bf92f3577b34da6a3ce929d0e0e4736',
  'who calls cart',
  'what does cart call',
  'who is affected',
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
  [/^(?:status|state|summary|what is broken|what happened|what is it)$/, () => ({ kind: 'status' })],
  [/^(?:help|what can i ask|what can you do)$/, () => ({ kind: 'help' })],
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
  const lower = sentence.toLowerCase();
  for (const [pattern, read] of grammar) {
    const found = lower.match(pattern);
    if (found !== null) return read(withCase(found, sentence, lower));
  }
  return null;
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
