import { describe, expect, it } from 'vitest';
import { answerText } from '../../../src/surfaces/slack/answer-text.ts';

describe('answerText', () => {
  it('shows rows as they are and where they were read', () => {
    expect(answerText({ text: 'Two lines of <cart>:', lines: ['a *b*', 'c ``` d'], sources: ['e1', 'e1', 'logs kept here'] })).toBe(
      "Two lines of &lt;cart&gt;:\n```\na *b*\nc ''' d\n```\n_Read from: e1, logs kept here_",
    );
  });
  it('is short enough for Slack whatever there is to say', () => {
    const much = answerText({
      text: '&'.repeat(9_000),
      lines: Array.from({ length: 500 }, () => '<'.repeat(400)),
      sources: Array.from({ length: 90 }, (_, i) => `${i}${'&'.repeat(90)}`),
    });
    expect(much.length).toBeLessThanOrEqual(3_900);
    expect(much).toMatch(/… \d+ more/);
    expect(much).toContain('and 84 more_');
    expect(much).toMatch(/, 4(?:&amp;)+…, 89(?:&amp;)+… and 84 more_/);
  });
  it('needs neither rows nor sources', () => {
    expect(answerText({ text: 'Nothing.', lines: [], sources: [] })).toBe('Nothing.');
  });
});
