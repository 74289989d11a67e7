import { describe, expect, it } from 'vitest';
import { contextAsItStands } from '../../src/domain/context-as-it-stands.ts';
import { tallies, type Vote } from '../../src/domain/feedback.ts';
import { at, card } from '../adapters/sinks/slack/cards.ts';

const ranked = card();
const first = ranked.report!.context.hypotheses[0]!;
const vote = (person: string, verdict: Vote['verdict']): Vote => ({
  id: person,
  incidentId: 'INC-12',
  hypothesisId: first.id,
  service: first.service,
  verdict,
  person,
  at,
  actualService: null,
  note: null,
});

describe('contextAsItStands', () => {
  it('says state, end and count as they are now, and the standing verdicts', () => {
    const now = contextAsItStands({
      ...ranked,
      incident: { ...ranked.incident, state: 'resolved', resolvedAt: at + 5_000, alertCount: 7 },
      tallies: tallies([vote('ana', 'confirm'), vote('ben', 'confirm'), vote('chris', 'reject')]),
    });
    expect(now?.incident).toEqual({
      ...ranked.report!.context.incident,
      state: 'resolved',
      resolvedAt: new Date(at + 5_000).toISOString(),
      alertCount: 7,
    });
    expect(now?.hypotheses[0]).toEqual({ ...first, feedback: { confirm: 2, reject: 1 } });
    expect(now?.hypotheses.slice(1).every(({ feedback }) => feedback.confirm + feedback.reject === 0)).toBe(true);
  });

  it('is nothing before the first ranking', () => {
    expect(contextAsItStands({ ...ranked, report: null })).toBeNull();
  });
});
