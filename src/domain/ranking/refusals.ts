/**
 * Visits that answered "you may not" or "that makes no sense": they did as they should, and what was asked is their caller's
 * doing. A code says so, the words of the request, or the line of who refused, where neither a status nor a code does.
 *
 * Not so where whoever refused says that it has no key for the token it was brought: nobody brings other tokens than before, it
 * holds old keys. Nor where it refuses since it was started anew or released itself (`stricter.ts`).
 */
import { lacksKey, refusedInWords } from '../baseline/failure-text.ts';
import { refusalCodes } from '../baseline/refusal-text.ts';
import { spanKind } from '../telemetry.ts';
import type { Scene } from './scene.ts';
import { stricterOf } from './stricter.ts';

/** WARN in OTLP's numbers. */
const warning = 13;
/** A message stands at the front of its line. */
const headLength = 400;

export interface Refusals {
  readonly all: ReadonlySet<number>;
  /** Those that called nobody else, and so refused by themselves: who calls on may have been refused, and pass that on. */
  readonly own: ReadonlySet<number>;
  /** Those that refused for a key that they lack themselves; in neither of the others. */
  readonly keyless: ReadonlySet<number>;
  /** Those of whoever has become stricter; in neither of the others. */
  readonly stricter: ReadonlySet<number>;
  /** Those whose caller sends no spans, though there is one: what it asked nobody can see. */
  readonly unseen: ReadonlySet<number>;
}

const memo = new WeakMap<Scene, Refusals>();

export function refusals(scene: Scene): Refusals {
  const known = memo.get(scene);
  if (known) return known;
  const { visits, tree, window, origins } = scene.recent;
  const all = new Set<number>();
  for (const { why, row, service } of origins.votes) {
    if (why !== 'refused') continue;
    const refusing = refusingVisit(scene, row, service);
    if (refusing >= 0) all.add(refusing);
  }
  const unseen = new Set<number>();
  const isCalled = new Map<number, boolean>();
  for (let visit = 0; visit < visits.count; visit++) {
    const row = visits.entryRow[visit]!;
    if (row < 0 || !refusalCodes.has(window.spans.statusCode[row]!)) continue;
    if (tree.parent[row]! >= 0) all.add(visit);
    else if (window.spans.kind[row] === spanKind.server) {
      const service = window.spans.service[row]!;
      if (!isCalled.has(service)) isCalled.set(service, scene.known.callers(window.strings.text(service)).length > 0);
      if (isCalled.get(service)) unseen.add(visit);
    }
  }
  const said = sayingSo(scene, refusedInWords);
  const keyless = sayingSo(scene, lacksKey);
  const isCalling = all.size + said.size > 0 ? callingOn(scene) : new Uint8Array(0);
  for (const visit of said) if (isCalling[visit] !== 1) all.add(visit);
  for (const visit of keyless) all.delete(visit);
  const stricter = stricterOf(scene, all);
  for (const visit of stricter) all.delete(visit);
  const found = { all, stricter, own: new Set([...all].filter((visit) => isCalling[visit] !== 1)), keyless, unseen };
  memo.set(scene, found);
  return found;
}

/** The visit that refused what `service` asked, by the span that says so; -1: it left no trace. */
export function refusingVisit({ recent: { visits, tree, window } }: Scene, row: number, service: number): number {
  // The caller's account of it may be all that says so: who refused is who took that call.
  const refusing = window.spans.service[row] === service ? tree.firstChild[row]! : row;
  return refusing >= 0 && window.spans.service[refusing] !== service ? visits.ofSpan[refusing]! : -1;
}

/** Visits of services that were called, with a line that says it. */
function sayingSo({ recent: { visits, tree, window } }: Scene, words: RegExp): Set<number> {
  const { logs } = window;
  const found = new Set<number>();
  for (let row = 0; row < logs.length; row++) {
    const visit = visits.ofLog[row]!;
    if (visit < 0 || logs.severity[row]! < warning || !words.test(logs.text(row).slice(0, headLength))) continue;
    const entry = visits.entryRow[visit]!;
    if (entry >= 0 && tree.parent[entry]! >= 0) found.add(visit);
  }
  return found;
}

/** 1 for visits beneath which another service was called. */
function callingOn({ recent: { visits, tree, window } }: Scene): Uint8Array {
  const { spans } = window;
  const calling = new Uint8Array(visits.count);
  for (let row = 0; row < spans.length; row++) {
    const parent = tree.parent[row]!;
    if (parent >= 0 && spans.service[parent] !== spans.service[row] && visits.ofSpan[parent]! >= 0) calling[visits.ofSpan[parent]!] = 1;
  }
  return calling;
}
