/**
 * Items of a visit that stand for a hollow value in one of its lines (see templates/hollow.ts), beside the item that the line is itself: H,
 * the line's template, and the place in the line (`3`) or the field beside it (`.amount`). A line without such values has none.
 */
import { hollowFieldsIn } from '../log-shape/hollow-fields.ts';
import type { TelemetryWindow } from '../telemetry.ts';
import { hollowPlaces } from '../templates/hollow.ts';
import type { Lexicon } from './lexicon.ts';

const none: readonly number[] = [];
const places = Array.from({ length: hollowPlaces }, (_, place) => place);

/** Answers the hollow items of a log row; each combination of template and places is looked up once. */
export function hollowItemsOf(window: TelemetryWindow, lexicon: Lexicon): (row: number) => readonly number[] {
  const { logs } = window;
  const known = new Map<number, readonly number[]>();
  return (row) => {
    const [bits, fields] = [logs.hollow[row]!, logs.hollowFields[row]!];
    if (bits === 0 && fields < 0) return none;
    // Exact in a double: texts are fewer than 2^20, templates than 2^24.
    const key = (logs.template[row]! * 256 + bits) * 1_048_576 + fields + 1;
    let items = known.get(key);
    if (items === undefined) {
      const text = lexicon.templateText(lexicon.template(window, logs.template[row]!));
      items = hollowIn(bits, window.strings.text(fields)).map((where) => lexicon.id('H', text, where));
      known.set(key, items);
    }
    return items;
  };
}

function hollowIn(bits: number, fields: string): string[] {
  const inLine = places.filter((place) => (bits & (1 << place)) !== 0).map(String);
  return [...inLine, ...hollowFieldsIn(fields).map(({ name }) => `.${name}`)];
}

/** What hollow items are called once templates have become one: `givenUp` and what stays are templates' names. */
export function renamedHollow(items: Iterable<number>, lexicon: Lexicon, givenUp: ReadonlyMap<number, number>): Map<number, number> {
  const texts = new Map([...givenUp].map(([old, kept]) => [lexicon.templateText(old), lexicon.templateText(kept)]));
  const renamed = new Map<number, number>();
  for (const item of items) {
    if (!lexicon.names.text(item).startsWith('H\n')) continue;
    const [, text = '', where = ''] = lexicon.parts(item);
    const kept = texts.get(text);
    if (kept !== undefined) renamed.set(item, lexicon.id('H', kept, where));
  }
  return renamed;
}
