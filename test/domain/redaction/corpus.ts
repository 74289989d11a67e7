/**
 * Every format in places where secrets turn up: log lines of several dialects, configuration, addresses, diffs and stack
 * traces. Made from a seed; each case has a mark by which it is found again at the doors.
 */
import { createMaker } from './made.ts';
import { type Format, formats, type Made } from './formats.ts';

export interface Case {
  /** Stands in the line, and looks like nothing. */
  readonly mark: string;
  readonly format: string;
  readonly place: string;
  readonly line: string;
  /** What must not be seen afterwards, as it was written. */
  readonly secrets: readonly string[];
}

/** How a place writes a value, and so the secrets in it. */
type Write = (text: string) => string;
const asIs: Write = (text) => text;
const inJson: Write = (text) => JSON.stringify(text).slice(1, -1);
const oneLine: Write = (text) => text.replaceAll('\n', '\\n');

interface Place {
  readonly id: string;
  readonly write: Write;
  /** Not for text of several lines. */
  readonly isShort?: boolean;
  line(mark: string, name: string | null, value: string): string;
}

const snake = (name: string) =>
  name
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .replaceAll('-', '_')
    .toUpperCase();

const places: readonly Place[] = [
  {
    id: 'text',
    write: asIs,
    line: (mark, name, value) =>
      `2026-11-25T12:00:00Z ERROR [${mark}] upstream refused ${name === null ? value : `${name}=${value}`} after 3 attempts`,
  },
  {
    id: 'JSON',
    write: inJson,
    line: (mark, name, value) => `{"level":"error","case":"${mark}","msg":"login failed","${name ?? 'detail'}":"${value}","port":8080}`,
  },
  {
    id: 'JSON in JSON',
    write: (text) => inJson(inJson(text)),
    line: (mark, name, value) =>
      `{"case":"${mark}","log":"{\\"user\\":\\"app\\",\\"${name ?? 'detail'}\\":\\"${value}\\",\\"try\\":2}","stream":"stderr"}`,
  },
  {
    id: 'logfmt',
    write: inJson,
    line: (mark, name, value) => `level=warn case=${mark} msg="login failed" ${name ?? 'detail'}="${value}" port=8080`,
  },
  {
    id: 'YAML',
    write: oneLine,
    line: (mark, name, value) => `# ${mark}\nserver:\n  port: 8080\n  ${name ?? 'detail'}: ${quotedYaml(value)}\n`,
  },
  {
    id: 'environment',
    write: oneLine,
    isShort: true,
    line: (mark, name, value) => `HOME=/root CASE=${mark} ${snake(name ?? 'detail')}=${value}\nPATH=/usr/bin:/bin`,
  },
  {
    id: 'query',
    write: encodeURIComponent,
    isShort: true,
    line: (mark, name, value) => `GET /api/v1/orders?case=${mark}&${name ?? 'detail'}=${value}&page=2 HTTP/1.1 200 12ms`,
  },
  {
    id: 'header',
    write: oneLine,
    isShort: true,
    line: (mark, name, value) => `> X-Case: ${mark}\n> ${name ?? 'X-Detail'}: ${value}\n> Accept: */*`,
  },
  {
    id: 'diff',
    write: oneLine,
    line: (mark, name, value) =>
      `@@ -1,4 +1,4 @@ ${mark}\n   retries: 3\n-  ${name ?? 'detail'}: unset\n+  ${name ?? 'detail'}: "${value}"\n   port: 8080`,
  },
  {
    id: 'stack trace',
    write: asIs,
    line: (mark, name, value) =>
      `java.lang.IllegalStateException: ${mark} cannot log in with ${name === null ? value : `${name}=${value}`}\n\tat com.shop.Login.open(Login.java:42)\n\tat com.shop.Main.main(Main.java:7)`,
  },
  {
    id: 'Python',
    write: oneLine,
    line: (mark, name, value) => `ValueError: ${mark} {'user': 'app', '${name ?? 'detail'}': '${value}', 'tries': 2}`,
  },
  {
    id: 'Java object',
    write: oneLine,
    isShort: true,
    line: (mark, name, value) => `${mark} Config{host=db-1, ${name ?? 'detail'}=${value}, port=5432}`,
  },
  {
    id: 'name and value',
    write: inJson,
    line: (mark, name, value) =>
      `{"case":"${mark}","env":[{"name":"HOME","value":"/root"},{"name":"${snake(name ?? 'detail')}","value":"${value}"}]}`,
  },
  {
    id: 'XML',
    write: oneLine,
    isShort: true,
    line: (mark, name, value) => `<case id="${mark}"><${name ?? 'detail'}>${value}</${name ?? 'detail'}></case>`,
  },
  {
    id: 'command',
    write: oneLine,
    isShort: true,
    line: (mark, name, value) =>
      `${mark} exec: /usr/bin/app --retries 3 --${(name ?? 'detail').replaceAll('_', '-')} ${quotedYaml(value)} --port 80`,
  },
];

function quotedYaml(value: string): string {
  return /[\s:#]/.test(value) ? `"${value}"` : value;
}

/** Each format in each place that can hold it. */
export function corpus(seed = 7): Case[] {
  const maker = createMaker(seed);
  const cases: Case[] = [];
  for (const format of formats) {
    const { below } = maker;
    for (const place of places) {
      if (format.isLong && place.isShort) continue;
      const made = format.make(maker);
      const name = format.names === null ? null : (format.names[below(format.names.length)] ?? null);
      cases.push(caseOf(format, place, name, made, `case${String(cases.length).padStart(5, '0')}x`));
    }
  }
  return cases;
}

function caseOf(format: Format, place: Place, name: string | null, made: Made, mark: string): Case {
  return {
    mark,
    format: format.id,
    place: place.id,
    line: place.line(mark, name, place.write(made.value)),
    secrets: (made.secrets ?? [made.value]).map((secret) => place.write(secret)),
  };
}

/** What of a secret is in a text: the whole of it, or so much of its end that the rest could be guessed. */
export function leaked(text: string, { secrets }: Pick<Case, 'secrets'>): string[] {
  return secrets.filter((secret) => text.includes(secret.length > 12 ? secret.slice(-8) : secret));
}
