/** The part of a service that something is about: a monolith is many parts under one name. */
import { partNamed } from '../part-name.ts';
import type { Scene } from './scene.ts';

/** The part that writes the line, takes the step or makes the call `item` in visits to `unit`, where one was seen lately. */
export function partBehind({ recent, lexicon }: Scene, unit: number, item: number): string | null {
  const { visits, tree, window } = recent;
  const mark = lexicon.names.text(item)[0]!;
  const isLine = mark === 'E' || mark === 'W' || mark === 'I' || mark === 'H';
  for (let i = 0; i < visits.item.length; i++) {
    if (visits.item[i] !== item || visits.unit[visits.itemVisit[i]!] !== unit) continue;
    const row = visits.itemRow[i]!;
    const calling = mark === 'C' ? tree.parent[row]! : row;
    const component = isLine ? window.logs.component[row]! : calling >= 0 ? window.spans.component[calling]! : -1;
    const part = component >= 0 ? partNamed(window.strings.text(component)) : null;
    if (part !== null) return part;
  }
  return null;
}
