import { describe, expect, it } from 'vitest';
import type { IncidentContext } from '../../src/domain/incident-context.ts';
import { type Past, similarTo } from '../../src/domain/similar-incidents.ts';
import { context, evidence, hypothesis } from '../adapters/sinks/slack/cards.ts';

function incident(id: string, ids: readonly string[], over: Partial<IncidentContext> = {}): IncidentContext {
  const base = context({ evidence: Object.fromEntries(ids.map((name) => [name, evidence()])), ...over });
  return { ...base, incident: { ...base.incident, id, startedAt: `2026-03-0${id.slice(-1)}T12:00:00.000Z` } };
}
const past = (told: IncidentContext, over: Partial<Past> = {}): Past => ({ context: told, confirmed: null, notes: [], ...over });

describe('similarTo', () => {
  const now = incident('INC-9', ['e1', 'e2', 'e3']);

  it('finds what has the same evidence and suspect, most alike first', () => {
    const found = similarTo(now, [past(incident('INC-1', ['e1', 'x', 'y'])), past(incident('INC-2', ['e1', 'e2', 'e3'])), past(now)], 5);
    expect(found.map(({ context: { incident: told } }) => told.id)).toEqual(['INC-2', 'INC-1']);
    expect(found[0]?.likeness).toBeGreaterThan(0.85);
    expect(found[0]?.shared).toEqual(['e1', 'e2', 'e3']);
  });

  it('does not find what merely suffers alike, or is of another service with other evidence', () => {
    const other = incident('INC-3', ['z1'], { hypotheses: [hypothesis({ service: 'search' })] });
    expect(similarTo(now, [past(other)], 5)).toEqual([]);
  });

  it('goes by what people said it was, over what was suspected', () => {
    const told = incident('INC-4', ['e1', 'x', 'y', 'z'], { hypotheses: [hypothesis({ service: 'search' })] });
    expect(similarTo(now, [past(told)], 5)).toEqual([]);
    expect(similarTo(now, [past(told, { confirmed: 'payment', notes: ['the pool size'] })], 5)).toMatchObject([
      { confirmed: 'payment', notes: ['the pool size'] },
    ]);
  });

  it('of those as alike gives the latest, and no more than asked', () => {
    const twins = ['INC-1', 'INC-3', 'INC-2'].map((id) => past(incident(id, ['e1', 'e2', 'e3'])));
    expect(similarTo(now, twins, 2).map(({ context: { incident: told } }) => told.id)).toEqual(['INC-3', 'INC-2']);
  });
});
