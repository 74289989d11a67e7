/**
 * Names of everything that is counted: entry operations, items of a visit, series. Numbers in a window's string table do
 * not survive a restart, so counters use numbers of this table, which is saved with them.
 */
import { StringTable, type TelemetryWindow } from '../telemetry.ts';
import { wildcard } from '../templates/form.ts';

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

const textLength = 240;
const shortText = (window: TelemetryWindow, template: number): string =>
  window.templateText(template).slice(0, textLength).replaceAll('\n', ' ');

/** Whether a template's text may have come of an earlier one: what it still says must stand there in the same order. */
function hasGrownFrom(earlier: string, text: string): boolean {
  if (text === wildcard) return earlier === wildcard;
  let from = 0;
  // A long text is cut somewhere: its last part is not whole.
  for (const part of text.split(wildcard).slice(0, text.length < textLength ? undefined : -1)) {
    const at = earlier.indexOf(part, from);
    if (at < 0) return false;
    from = at + part.length;
  }
  return true;
}

export const otherPath = 'other';

export class Lexicon {
  readonly names: StringTable;
  /** Template number → its name here. A template's text may generalise later; the name it was first met by stays. */
  readonly #templates = new Map<number, number>();

  readonly #texts = new Map<number, string>();
  readonly #aliases = new Map<string, number>();
  /** Template numbers from before a restart, until the first window shows whether they still mean the same. */
  #restored: { readonly template: number; readonly text: string; readonly name: number }[] = [];

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
    this.#adopt(window);
    let name = this.#templates.get(template);
    if (name === undefined) {
      const text = shortText(window, template);
      name = this.#aliases.get(text) ?? this.id('T', text);
      this.#templates.set(template, name);
      this.#texts.set(template, text);
    }
    return name;
  }

  /** A name from before a restart, by the text its template had last, and by its number where the miner lives on. */
  alias(text: string, name: number, template = -1): void {
    this.#aliases.set(text, name);
    if (template >= 0) this.#restored.push({ template, text, name });
  }

  #adopt(window: TelemetryWindow): void {
    for (const { template, text, name } of this.#restored) {
      if (!hasGrownFrom(text, shortText(window, template))) continue;
      this.#templates.set(template, name);
      this.#texts.set(template, text);
    }
    this.#restored = [];
  }

  /**
   * Templates' texts may have generalised since they were met; the saved state carries the latest. Those that now read the
   * same have become one: answers the names that are given up, with the one that stays, which is the oldest template's.
   */
  refresh(window: TelemetryWindow): Map<number, number> {
    this.#adopt(window);
    const givenUp = new Map<number, number>();
    const byText = new Map<string, number>();
    for (const template of [...this.#templates.keys()].sort((a, b) => a - b)) {
      const text = shortText(window, template);
      // The miner has forgotten it and no longer knows its text.
      if (text === wildcard) continue;
      this.#texts.set(template, text);
      const name = this.#templates.get(template)!;
      const kept = byText.get(text) ?? name;
      byText.set(text, kept);
      if (kept === name) continue;
      this.#templates.set(template, kept);
      givenUp.set(name, kept);
    }
    return givenUp;
  }

  /** Latest text, name and number of every template met; -1 where only its text is known. */
  templates(): [string, number, number][] {
    const numbered = [
      ...this.#restored,
      ...[...this.#templates].map(([template, name]) => ({ template, name, text: this.#texts.get(template) ?? '' })),
    ];
    const texts = new Set(numbered.map(({ text }) => text));
    const others = [...this.#aliases]
      .filter(([text]) => !texts.has(text))
      .map(([text, name]): [string, number, number] => [text, name, -1]);
    return [...others, ...numbered.map(({ text, name, template }): [string, number, number] => [text, name, template])];
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
