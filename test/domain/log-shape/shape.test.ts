import { describe, expect, it } from 'vitest';
import { shapedText } from '../../../src/domain/log-shape/shape.ts';
import { sampleLines, sampleNames } from '../templates/sample-logs.ts';
import { receivedAt, samples } from './sample-lines.ts';

describe('the shape of a line', () => {
  it('is tried on enough of them', () => expect(samples.length).toBeGreaterThan(90));

  it.each(samples)('is recognised: $from: $line', ({ line, severity, text, also = {} }) => {
    expect(shapedText(line, receivedAt)).toMatchObject({ severity, text, ...also });
  });
});

/** Runs of what patterns repeat, each a megabyte in one line; a pattern that backtracks over them never ends. */
describe('a line of a megabyte', () => {
  const million = 2 ** 20;
  const heads = [
    '',
    '2026-08-20 10:00:00 ',
    '[2026-08-20 10:00:00',
    '<1>1 ',
    'level=error ',
    '{"a":',
    'ERROR ',
    '2026-08-20T10:00:00Z stdout F ',
  ];
  const runs = [
    'a',
    'a.',
    ' ',
    '[',
    '[]',
    '-',
    '1',
    '1 ',
    '"',
    '\\\\',
    'a=b ',
    ':',
    '\t',
    '|',
    '{"a":',
    'Error',
    'ERROR ',
    '(',
    '\n',
    'at x\n',
  ];

  it.each(runs)('of %j is read at once', (run) => {
    const filling = run.repeat(Math.ceil(million / run.length));
    for (const head of heads) expect(shapedText(head + filling, receivedAt).text.length).toBeGreaterThanOrEqual(0);
  });
});

describe.skipIf(sampleNames.length === 0)('public log samples (skipped: none beside the project)', () => {
  const headers = [
    '2026-08-20 10:00:00,000 ERROR [main] c.a.Cart - ',
    '17/06/09 20:10:40 ERROR executor.Backend: ',
    'Jun 14 15:16:01 combo app[7]: ',
  ];

  it.each(sampleNames)('%s: messages come out as they are', (name) => {
    // sshd's own `error: ` is a level, as winston's is.
    const lines = sampleLines(name).map(({ content }) => content.trim().replace(/^error: /, ''));
    const altered = lines.filter((line) => shapedText(line, receivedAt).text !== line);
    expect(altered.length / lines.length, altered[0]).toBeLessThan(0.01);
    for (const header of headers) {
      const wrong = lines.filter((line) => shapedText(header + line, receivedAt).text !== line);
      expect(wrong.length / lines.length, wrong[0]).toBeLessThan(0.01);
    }
  });
});
