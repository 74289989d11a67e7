/** Services that come up together and write lines, but for some that never do; nothing is known of the past. */
import { describe, expect, it } from 'vitest';
import { rank, type Ranking } from '../../../src/domain/ranking/rank.ts';
import { alertAt, inputOf } from './made-metrics.ts';
import { flatten, Tables, windowOf } from './window-from-otlp.ts';

const names = ['door', 'desk', 'shelf', 'vault'];

function rankWith(silent: readonly string[], listed: readonly string[] = names, last: readonly string[] = []): Ranking {
  const logs = names
    .filter((name) => !silent.includes(name))
    .map((name) => {
      const logRecords = Array.from({ length: 30 }, (_, i) => ({
        timeUnixNano: `${alertAt - 90_000 + i * 2_000}000000`,
        severityNumber: 9,
        body: { stringValue: `${name} handled ${i}` },
      }));
      if (name === 'desk')
        for (const [i, text] of last.entries())
          logRecords.push({ timeUnixNano: `${alertAt - 30_000 + i * 10_000}000000`, severityNumber: 17, body: { stringValue: text } });
      const resource = { attributes: [{ key: 'service.name', value: { stringValue: name } }] };
      return { resourceLogs: [{ resource, scopeLogs: [{ logRecords }] }] };
    });
  const window = windowOf(flatten({ traces: [], logs, metrics: [] }), new Tables(), alertAt - 20 * 60_000, alertAt + 1);
  return rank({ ...inputOf([]), window, directory: listed.map((name, i) => ({ name, addresses: [], ports: [7_000 + i] })) });
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
  ])('is nobody where %s', (_, silent, listed) => expect(rankWith(silent, listed).hypotheses).toEqual([]));

  const refused = (port: number) => Array.from({ length: 3 }, () => `dial tcp vault:${port}: connect: connection refused`);

  it('is named where it is not reached besides, a few times', () => {
    const { verdict, hypotheses } = rankWith(['vault'], names, refused(7_003));
    expect(verdict).toBe('cause');
    expect(hypotheses.map(({ service }) => service)).toEqual(['vault']);
  });

  it('adds nothing where another is suspected', () => {
    const { hypotheses } = rankWith(['vault'], names, refused(7_009));
    expect(hypotheses.map(({ service }) => service)).toEqual(['desk']);
  });
});
