/** Services that were never seen before start; all is well but for what one of them says. */
import { describe, expect, it } from 'vitest';
import { rank } from '../../../src/domain/ranking/rank.ts';
import { alertAt, inputOf } from './made-metrics.ts';
import { flatten, Tables, windowOf } from './window-from-otlp.ts';

/** What `desk` says, a line every 100 ms, as it starts; the others start and go on. */
function found(opening: readonly string[]): string {
  const logs = ['door', 'desk', 'shelf'].map((name) => {
    const lines = name === 'desk' ? opening : ['starting', `${name} listening`];
    const records = [...lines, ...Array.from({ length: 40 }, (_, i) => `${name} handled ${i}`)].map((line, i) => ({
      timeUnixNano: `${alertAt - 60_000 + i * 100 + (i < lines.length ? 0 : i * 1000)}000000`,
      severityNumber: 9,
      body: { stringValue: line },
    }));
    const resource = { attributes: [{ key: 'service.name', value: { stringValue: name } }] };
    return { resourceLogs: [{ resource, scopeLogs: [{ logRecords: records }] }] };
  });
  const window = windowOf(flatten({ traces: [], logs, metrics: [] }), new Tables(), alertAt - 20 * 60_000, alertAt + 1);
  return rank({ ...inputOf([]), window })
    .evidence.map(({ text }) => text)
    .join(' ');
}

const head = 'info: Hosting.Lifetime';

describe('a service that starts', () => {
  it.each(['Application started. Press Ctrl+C to shut down.', 'Desk running on port 7000 (Press CTRL+C to exit)'])(
    'has not stopped where it says how it can be: %s',
    (hint) => expect(found([head, 'Now listening', head, hint, head, 'Environment: production'])).not.toContain('started'),
  );

  it('has where it says so, and starts again', () => {
    expect(found([head, 'Now listening', 'Shutting down', head, 'Now listening'])).toContain('desk started 2 times');
  });
});
