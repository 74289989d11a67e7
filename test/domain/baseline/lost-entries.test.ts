import { describe, expect, it } from 'vitest';
import { callTree } from '../../../src/domain/baseline/call-tree.ts';
import { Counts } from '../../../src/domain/baseline/counts.ts';
import { Lexicon } from '../../../src/domain/baseline/lexicon.ts';
import { lostEntries, noteCallers, stepsWithin } from '../../../src/domain/baseline/lost-entries.ts';
import { createTelemetry } from '../../../src/telemetry.ts';
import { minute, type SpanWords, start, traces } from '../../adapters/telemetry/bodies.ts';

/** A visit to stock: its entry, a step and a step within that. Without a caller's span of its own. */
const visit = (trace: number): SpanWords[] => [
  { trace, span: 2, parent: 1, name: '/level', at: trace * 1000 + 100, lasts: 50 },
  { trace, span: 3, parent: 2, name: 'Levels.find', at: trace * 1000 + 110, lasts: 30 },
  { trace, span: 4, parent: 3, name: 'SELECT', at: trace * 1000 + 115, lasts: 10 },
];
const root = (trace: number): SpanWords => ({ trace, span: 1, name: '/', at: trace * 1000, lasts: 200 });

async function windowOf(spans: (trace: number) => SpanWords[], hasRoot: (trace: number) => boolean = () => true) {
  const telemetry = createTelemetry({ file: null, now: () => start + minute, windowMinutes: 60, maxBytes: 2 ** 28 });
  for (let trace = 1; trace <= 9; trace++)
    await telemetry.ingest('traces', traces({ shop: hasRoot(trace) ? [root(trace)] : [], stock: spans(trace) }), 'json');
  return telemetry.window({ fromMs: start - minute, toMs: start + minute });
}

async function named(
  spans: (trace: number) => SpanWords[],
  hasRoot?: (trace: number) => boolean,
  lexicon = new Lexicon(),
  past = new Counts(1),
) {
  const window = await windowOf(spans, hasRoot);
  const tree = callTree(window);
  const entries = lostEntries(window, tree, lexicon, past);
  const rows = [...tree.entry.keys()].filter((row) => tree.entry[row] === row && window.spans.service[row] !== window.strings.find('shop'));
  const nameOf = (row: number) => {
    const entry = entries?.[row] ?? -1;
    return entry < 0 ? window.strings.text(window.spans.operation[row]!) : lexicon.parts(entry)[2];
  };
  const callers: boolean[] = [];
  noteCallers(window, tree, (_, isLost) => void callers.push(isLost));
  return { names: rows.map(nameOf), lost: callers.filter(Boolean).length / callers.length };
}

describe('visits whose entry was lost', () => {
  it('are named after the entry that their steps lead up to', async () => {
    const { names, lost } = await named((trace) => visit(trace).filter((_, i) => i !== (trace % 3) - 1));
    expect(names).toEqual(Array(9).fill('/level'));
    expect(lost).toBeCloseTo(6 / 21, 5);
  });

  it('keep their own name while they may still be under way: no root yet, and just now', async () => {
    const { names } = await named(
      (trace) => visit(trace).slice(1),
      (trace) => trace <= 7,
    );
    expect(names.slice(0, 7)).toEqual(names.slice(0, 7).map(() => 'Levels.find'));
    const known = await named(
      (trace) => (trace <= 6 ? visit(trace) : visit(trace).slice(1)),
      (trace) => trace <= 7,
    );
    expect(known.names).toEqual([...Array(7).fill('/level'), 'Levels.find', 'Levels.find']);
  });

  it('keep their own name where everything is there, and where a step is taken within this and that', async () => {
    expect(await named(visit)).toEqual({ names: Array(9).fill('/level'), lost: 0 });
    const { names } = await named((trace) =>
      visit(trace)
        .map((span) => (span.name === '/level' ? { ...span, name: `/level/${trace % 2 ? 'a' : 'b'}` } : span))
        .filter((_, i) => trace < 9 || i === 2),
    );
    expect(names.at(-1)).toBe('SELECT');
  });

  it('are named as it was before where this window never shows the step in its place', async () => {
    const lexicon = new Lexicon();
    const whole = await windowOf(visit);
    const past = stepsWithin(whole, callTree(whole), lexicon);
    const stepAlone = (trace: number) => visit(trace).slice(1, 2);
    expect((await named(stepAlone)).names).toEqual(Array(9).fill('Levels.find'));
    expect((await named(stepAlone, undefined, lexicon, past)).names).toEqual(Array(9).fill('/level'));
  });
});
