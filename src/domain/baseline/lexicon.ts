/**
 * Names of everything that is counted: entry operations, items of a visit, series. Numbers in a window's string table do
 * not survive a restart, so counters use numbers of this table, which is saved with them.
 */
import { StringTable, type TelemetryWindow } from '../telemetry.ts';

/** What varies in an operation: ids, numbers, hex. `/orders/8f14e45f/items/7` and `/orders/{id}/items/{n}` read the same. */
export function maskOperation(operation: string): string {
  if (!/[\d{:]/.test(operation)) return operation.length > 160 ? operation.slice(0, 160) : operation;
  return operation
    .slice(0, 400)
    .split('?', 1)[0]!
    .split('/')
    .map((part) => (/^\{[^{}]*\}$|^:\w+$|^[\da-f-]{8,}$|\d{3,}|^\d+$|^[A-Z]\d+$/i.test(part) && !/^v\d+$/.test(part) ? '*' : part))
    .join('/')
    .slice(0, 160);
}

const errorWords =
  /\b(error|exception|fail(ed|ure|s)?|fatal|panic|refused|timed? ?out|unable|cannot|denied|unavailable)\b|(Error|Exception)\b/i;

/** `E`, `W` or `I`: from the severity, or from the words where the source gives none. */
export function gradeOf(severity: number, text: string): 'E' | 'W' | 'I' {
  if (severity >= 17) return 'E';
  if (severity >= 13) return 'W';
  if (severity > 0) return 'I';
  return errorWords.test(text) ? 'E' : 'I';
}

const shortText = (window: TelemetryWindow, template: number): string => window.templateText(template).slice(0, 240).replaceAll('\n', ' ');

export const otherPath = 'other';

export class Lexicon {
  readonly names: StringTable;
  /** Template number → its name here. A template's text may generalise later; the name it was first met by stays. */
  readonly #templates = new Map<number, number>();

  readonly #texts = new Map<number, string>();
  readonly #aliases = new Map<string, number>();

  constructor(names = new StringTable()) {
    this.names = names;
  }

  id(...parts: string[]): number {
    return this.names.id(parts.join('\n'));
  }

  /** A way to go through a unit; `otherPath` for those too rare to be kept apart. */
  path(unit: number, mark: string): number {
    return this.names.id(`K${this.names.text(unit).slice(1)}\n${mark}`);
  }

  unitOf(path: number): number {
    const text = this.names.text(path);
    return this.names.id(`U${text.slice(1, text.lastIndexOf('\n'))}`);
  }

  /** The parts a name was made of. */
  parts(id: number): string[] {
    return this.names.text(id).split('\n');
  }

  template(window: TelemetryWindow, template: number): number {
    let name = this.#templates.get(template);
    if (name === undefined) {
      const text = shortText(window, template);
      name = this.#aliases.get(text) ?? this.id('T', text);
      this.#templates.set(template, name);
      this.#texts.set(template, text);
    }
    return name;
  }

  /** A name from before a restart, by the text its template had last. */
  alias(text: string, name: number): void {
    this.#aliases.set(text, name);
  }

  /** Templates' texts may have generalised since they were met; the saved state carries the latest. */
  refresh(window: TelemetryWindow): void {
    for (const template of this.#templates.keys()) this.#texts.set(template, shortText(window, template));
  }

  /** Latest text and name of every template met. */
  templates(): [string, number][] {
    const latest = new Map(this.#aliases);
    for (const [template, name] of this.#templates) latest.set(this.#texts.get(template) ?? '', name);
    return [...latest];
  }

  templateText(name: number): string {
    return this.names.text(name).slice(2);
  }
}

/** Numbers of one window's strings in a lexicon, each looked up once. */
export function translator(window: TelemetryWindow, make: (text: string) => number): (id: number) => number {
  const known = new Int32Array(window.strings.size).fill(-1);
  return (id) => {
    if (id < 0) return make('');
    let name = known[id] ?? -1;
    if (name < 0) {
      name = make(window.strings.text(id));
      known[id] = name;
    }
    return name;
  };
}
