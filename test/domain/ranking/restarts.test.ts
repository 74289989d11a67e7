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

/** What `desk` says each 15 s, if anything, beside two that start and go on. */
function gaveUp(lines: readonly string[], besides: readonly string[] = []): string {
  const record = (at: number, text: string) => ({ timeUnixNano: `${alertAt - 90_000 + at}000000`, body: { stringValue: text } });
  const of = (name: string, logRecords: readonly object[]) => ({
    resourceLogs: [{ resource: { attributes: [{ key: 'service.name', value: { stringValue: name } }] }, scopeLogs: [{ logRecords }] }],
  });
  const desk = [0, 15_000, 30_000, 45_000].flatMap((at) => lines.map((text, i) => record(at + i, text)));
  const others = ['door', 'shelf'].map((name) =>
    of(
      name,
      ['starting', `${name} listening`, 'handled 1', 'handled 2'].map((text, i) => record(i * 1_000, text)),
    ),
  );
  const logs = [of('desk', [...desk, ...besides.map((text, i) => record(70_000 + i, text))]), ...others];
  const window = windowOf(flatten({ traces: [], logs: logs as never, metrics: [] }), new Tables(), alertAt - 20 * 60_000, alertAt + 1);
  return rank({ ...inputOf([]), window })
    .evidence.map(({ text }) => text)
    .join(' ');
}

describe('a service that says the same again and again', () => {
  const aborting = ['rake aborted!', "Don't know how to build task 'desk:rnu'"];

  it('starts again and gives up, where it says that it does', () => {
    expect(gaveUp(aborting)).toContain('desk started 4 times');
  });

  it('does not where it says nothing of the kind, or goes on with its work', () => {
    expect(gaveUp(['looking for work', 'no work'])).not.toContain('started');
    expect(gaveUp(['cpu usage: 12 %', 'jobs: 7 done, 0 aborted, 0 fatal'])).not.toContain('started');
    expect(gaveUp(['Unhandled event type PING, ignored', 'panic mode off'])).not.toContain('started');
    expect(gaveUp(aborting, ['letter 7 sent', 'parcel 8 was taken'])).not.toContain('started');
  });
});
