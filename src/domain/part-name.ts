/** Scopes named after the library that made the span, not after the code that ran. */
const isLibrary = (name: string): boolean => /opentelemetry|instrumentation|(^|[./@-])otel([./-]|$)/i.test(name);

/** Asked for every span and line, and mostly about the same few. */
const answers = new Map<string, string | null>();
const maxAnswers = 2_000;

/** What names a part of a service, as it is; null for what names a library. */
export function partNamed(name: string | null): string | null {
  if (name === null || name === '') return null;
  let answer = answers.get(name);
  if (answer === undefined) {
    if (answers.size >= maxAnswers) answers.clear();
    answer = isLibrary(name) ? null : name;
    answers.set(name, answer);
  }
  return answer;
}
