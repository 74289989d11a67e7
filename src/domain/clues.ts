/**
 * What the evidence names that could also stand in source code: files and lines of stack frames, functions, loggers,
 * exception types, configuration keys, routes, and the rarer words of messages. Clues are taken from text as it came;
 * whether one means anything shows only when a change touches it (`suspect-change.ts`).
 */
import { spanStatus, type TelemetryWindow } from './telemetry.ts';

export interface Frame {
  /** As the frame says it, `/` between its parts; Java and Kotlin give the package's folder as well. */
  readonly file: string;
  readonly line: number | null;
}

export interface Clues {
  readonly frames: readonly Frame[];
  /** Functions, classes, loggers, operations, exception types. */
  readonly names: ReadonlySet<string>;
  /** `PAYMENT_TIMEOUT_MS`, `db.pool.max`. */
  readonly keys: ReadonlySet<string>;
  readonly routes: ReadonlySet<string>;
  /** Lower case. */
  readonly words: ReadonlySet<string>;
}

/** What is read of one service: enough for every kind of failure it has, little enough to be read at once. */
const maxTextsPerService = 60;
const maxTextLength = 6_000;
const errorSeverity = 17;

/** Error lines and failed spans of these services, newest first, one of each kind. */
export function troubleTexts(window: TelemetryWindow, services: ReadonlySet<string>): Map<string, string[]> {
  const { strings, logs, spans } = window;
  const wanted = new Map([...services].map((name) => [strings.find(name), name] as const).filter(([id]) => id >= 0));
  const found = new Map([...services].map((name) => [name, [] as string[]]));
  const seen = new Set<string>();
  const take = (service: number, key: string, text: () => string) => {
    const texts = found.get(wanted.get(service) ?? '');
    if (texts === undefined || texts.length >= maxTextsPerService || seen.has(key)) return;
    seen.add(key);
    texts.push(text().slice(0, maxTextLength));
  };
  const named = (column: Int32Array, row: number) => (column[row]! < 0 ? '' : strings.text(column[row]!));
  for (let row = logs.length - 1; row >= 0; row--)
    if (logs.severity[row]! >= errorSeverity && wanted.has(logs.service[row]!))
      take(logs.service[row]!, `${logs.service[row]} ${logs.template[row]}`, () => `${named(logs.component, row)}\n${logs.text(row)}`);
  for (let row = spans.length - 1; row >= 0; row--)
    if (spans.status[row] === spanStatus.error && wanted.has(spans.service[row]!))
      take(spans.service[row]!, `${spans.service[row]} s${spans.operation[row]} ${spans.problem[row]}`, () =>
        [named(spans.component, row), named(spans.operation, row), named(spans.problem, row)].join('\n'),
      );
  return found;
}

/** Begins only where a run of such characters begins, so that no run is walked through twice. */
const codeFile = String.raw`(?<![\w@$.+~/\\-])[\w@$.+~/\\-]{1,240}\.(?:[cm]?[jt]sx?|py|java|kt|scala|go|cs|rb|php|rs|swift|ex|exs|cpp|cc|c|h|clj|vue|svelte)`;
/** `charge.js:42:15`, `Charge.cs:line 42`, `charge.php(42)`, `File "charge.py", line 42`. */
const framePattern = new RegExp(String.raw`(${codeFile})(?:"?,? ?:?line |:|\()(\d{1,7})\b`, 'g');
/** `at charge (`, `at com.acme.Pay.charge(`, `line 42, in charge`, `42:in 'charge'`. */
const functionPattern = /\bat (?:async |new )?([\w$.<>#/]+) ?\(|, in ([\w<>]+)|:in [`']([\w#:.?!]+)'/g;
/** Java names the package before the file: `com.acme.pay.ChargeService.charge(ChargeService.java:42)`. */
const packagePattern =
  /\b((?:[a-z_]\w{0,60}\.){1,16})[A-Z]\w{0,80}(?:\$\w{1,40}){0,4}\.[\w$<>]{1,80}\((\w+\.(?:java|kt|scala)):(\d{1,7})\)/g;

const exceptionPattern = /\b[A-Z]\w*(?:Error|Exception|Refused|Timeout|Failure)\b/g;
const screamingPattern = /\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b/g;
const dottedPattern = /\b[a-z][\w-]{0,60}(?:\.[a-z][\w-]{0,60}){1,8}\b/g;
export const routePattern = /(?<![\w:/.])\/[a-z][\w{}:<>*.-]*(?:\/[\w{}:<>*.-]+)*/gi;
const wordPattern = /[A-Za-z_][A-Za-z0-9_-]{3,40}/g;

/** Words of every log: they would tie any line to any message. */
const commonWords = new Set(
  `about after again also because been before being call called calls cannot code could data does down else error errors exception failed
  failing fails failure fatal from function have http https info into invalid level line lines message method more most name none null
  only over query request requests response result return returned server service should some status than that their them then there
  they this time timeout true false type undefined unexpected value values warn warning what when where which while will with without
  would your test async await const class import export default module file files string number index main java node python`.split(/\s+/),
);

export function cluesIn(texts: readonly string[], ignored: readonly string[] = []): Clues {
  const frames = new Map<string, Frame>();
  const [names, keys, routes, words] = [new Set<string>(), new Set<string>(), new Set<string>(), new Set<string>()];
  const isIgnored = new Set(ignored.map((word) => word.toLowerCase()));
  const addFrame = (file: string, line: string) => void frames.set(`${file}:${line}`, { file, line: Number(line) });
  for (const text of texts.map((each) => each.slice(0, maxTextLength))) {
    for (const [, file = '', line = ''] of text.matchAll(framePattern)) addFrame(file.replaceAll('\\', '/'), line);
    for (const [, folder = '', file = '', line = ''] of text.matchAll(packagePattern)) {
      frames.delete(`${file}:${line}`);
      addFrame(folder.replaceAll('.', '/') + file, line);
    }
    for (const match of text.matchAll(functionPattern)) addNames(match[1] ?? match[2] ?? match[3] ?? '', names);
    for (const [type] of text.matchAll(exceptionPattern)) names.add(type);
    for (const [key] of text.matchAll(screamingPattern)) keys.add(key);
    for (const [key] of text.matchAll(dottedPattern)) keys.add(key);
    for (const [route] of text.matchAll(routePattern)) routes.add(route);
    // The first lines name the logger, the operation and the message; a whole stack would make every class a clue.
    for (const part of text.split('\n', 3)) if (/^[\w$./ -]{4,120}$/.test(part) && !/\s.*\s/.test(part)) addNames(part, names);
    for (const [word] of messageIn(text).matchAll(wordPattern)) {
      const small = word.toLowerCase();
      if (!commonWords.has(small) && !isIgnored.has(small) && !/^[0-9a-f-]{8,}$/.test(small)) words.add(small);
    }
  }
  for (const name of names) if (isIgnored.has(name.toLowerCase()) || commonWords.has(name.toLowerCase())) names.delete(name);
  return { frames: [...frames.values()], names, keys, routes, words };
}

/** A text's first lines, without frames: the words of a path are the frame's business. */
function messageIn(text: string): string {
  return text
    .split('\n', 4)
    .filter((line) => line.search(framePattern) < 0)
    .join(' ');
}

const verbs = /^(GET|PUT|POST|HEAD|PATCH|DELETE|OPTIONS|HTTP|HTTPS)$/i;

/** The last parts of a dotted or slashed name: `oteldemo.CartService/GetCart` names `CartService` and `GetCart`. */
function addNames(written: string, names: Set<string>): void {
  for (const part of written.split(/[^\w$]+/).slice(-2)) if (part.length >= 4 && !verbs.test(part) && !/^\d/.test(part)) names.add(part);
}
