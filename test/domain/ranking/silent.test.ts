/** Services that come up together and write lines, but for some that never do; nothing is known of the past. */
import { describe, expect, it } from 'vitest';
import { rank, type Ranking } from '../../../src/domain/ranking/rank.ts';
import { alertAt, inputOf } from './made-metrics.ts';
import { learnFrom } from './recorded-case.ts';
import { flatten, Tables, windowOf } from './window-from-otlp.ts';

const names = ['door', 'desk', 'shelf', 'vault'];

function rankWith(silent: readonly string[], listed: readonly string[] = names, last: readonly string[] = [], hasPast = false): Ranking {
  const logs = names
    .filter((name) => !silent.includes(name))
    .map((name) => {
      const logRecords = Array.from({ length: hasPast ? 900 : 30 }, (_, i) => ({
        timeUnixNano: `${alertAt - (hasPast ? 1_830_000 : 90_000) + i * 2_000}000000`,
        severityNumber: 9,
        body: { stringValue: `${name} handled ${i}` },
      }));
      if (name === 'desk')
        for (const [i, text] of last.entries())
          logRecords.push({ timeUnixNano: `${alertAt - 30_000 + i * 10_000}000000`, severityNumber: 17, body: { stringValue: text } });
      const resource = { attributes: [{ key: 'service.name', value: { stringValue: name } }] };
      return { resourceLogs: [{ resource, scopeLogs: [{ logRecords }] }] };
    });
  const [flat, tables] = [flatten({ traces: [], logs, metrics: [] }), new Tables()];
  const learned = hasPast ? { baseline: learnFrom(flat, tables, alertAt) } : {};
  const window = windowOf(flat, tables, alertAt - 11 * 60_000, alertAt + 1);
  return rank({ ...inputOf([]), window, ...learned, directory: listed.map((name, i) => ({ name, addresses: [], ports: [7_000 + i] })) });
}

describe('the one listed service that says nothing', () => {
  it('is worth a look, and not accused', () => {
    const { verdict, hypotheses, evidence } = rankWith(['vault']);
    expect(verdict).toBe('inconclusive');
    expect(hypotheses.map(({ service }) => service)).toEqual(['vault']);
    expect(hypotheses[0]!.confidence).toBeLessThan(0.3);
    expect(evidence.map(({ text }) => text)).toContain('vault is listed and has said nothing at all, while all others have.');
  });

  it.each([
    ['two are silent', ['vault', 'shelf'], names],
    ['none is', [], names],
    ['it is on no list', ['vault'], ['door', 'desk', 'shelf']],
    ['it said nothing before either', ['vault'], names, true],
  ])('is nobody where %s', (_, silent, listed, hasPast = false) => expect(rankWith(silent, listed, [], hasPast).hypotheses).toEqual([]));

  const refused = (port: number) => Array.from({ length: 3 }, () => `dial tcp vault:${port}: connect: connection refused`);

  it('is named where it is not reached besides, a few times', () => {
    const { hypotheses } = rankWith(['vault'], names, refused(7_003));
    expect(hypotheses.map(({ service }) => service)).toEqual(['vault']);
    expect(hypotheses[0]!.confidence).toBeGreaterThan(0.85);
  });

  it('adds nothing where another is suspected', () => {
    const { hypotheses } = rankWith(['vault'], names, refused(7_009));
    expect(hypotheses.map(({ service }) => service)).toEqual(['desk']);
  });
});
