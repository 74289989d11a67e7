/** Secrets in whatever is read come out at no door: log lines, spans, alerts, commit messages and diffs, through the whole product. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRedactor } from '../../src/domain/redact.ts';
import { createLog } from '../../src/log.ts';
import type { Model, ModelQuestion } from '../../src/ports/model.ts';
import { Failure } from '../../src/domain/failure.ts';
import { type Case, corpus, leaked } from '../domain/redaction/corpus.ts';
import { ordinaryLines } from '../domain/redaction/ordinary-lines.ts';
import { doorsOf } from './doors.ts';
import { alertAt, culprit, incidentWith, type World } from './world.ts';

const cases = corpus();
const { redact, redactDeep } = createRedactor({ key: 'test' });
const inPlaces = (...places: string[]) => cases.filter(({ place }) => places.includes(place));

/** Takes every question and answers none. */
const questions: ModelQuestion<unknown>[] = [];
const listening: Model = {
  async answer(question) {
    questions.push(question);
    throw new Failure('unavailable', 'model', 'answer');
  },
  costOf: () => null,
};

let world: World;
let doors: Map<string, string>;
beforeAll(async () => {
  const spans = cases.map(({ line, mark }, i) =>
    i % 3 === 0
      ? { name: `call ${mark}`, problem: line }
      : i % 3 === 1
        ? { name: line }
        : { name: `query ${mark}`, attributes: { 'db.statement': line } },
  );
  const alerts = inPlaces('text', 'logfmt', 'stack trace').map(({ line, mark }, i) =>
    i % 4 === 0
      ? { labels: { alertname: line, ...(i < 20 ? { service: `part-${i}` } : {}) } }
      : {
          labels: { alertname: `Alarm ${Math.floor(i / 4)}`, [i % 4 === 1 ? 'pod' : 'team']: line },
          annotations: { summary: line, description: line, [mark]: line },
        },
  );
  world = await incidentWith(
    {
      lines: [
        ...cases.map(({ line }) => ({ text: line, attributes: { detail: line } })),
        // Whoever starts a process may name it so.
        ...inPlaces('text')
          .slice(0, 60)
          .map(({ line }) => ({ text: 'started', service: line })),
      ],
      traces: Array.from({ length: Math.ceil(spans.length / 400) }, (_, n) => spans.slice(n * 400, (n + 1) * 400)),
      alerts: [{}, ...alerts],
      changes: inPlaces('diff', 'text').slice(0, 120).map(changeOf),
    },
    { model: listening },
  );
  const marks = Array.from({ length: Math.ceil(cases.length / 10) }, (_, n) => `case${String(n).padStart(4, '0')}`);
  doors = await doorsOf(world, { marks, traces: Math.ceil(spans.length / 400), service: culprit });
  doors.set('model', JSON.stringify(questions));
  doors.set('log', logOf(cases));
});
afterAll(() => world?.end());

function changeOf({ line, mark }: Case, i: number) {
  return {
    kind: i % 2 === 0 ? 'deployment' : 'commit',
    service: culprit,
    startedAt: alertAt - 60_000 - i * 1_000,
    steps: [],
    version: null,
    sha: `${String(i).padStart(4, '0')}fffe1234567890abcdef1234567890abcdef`,
    url: null,
    title: line,
    files: [`src/${mark}.ts`],
    patches: [{ file: `src/${mark}.ts`, patch: line }],
  } as const;
}

function logOf(planted: readonly Case[]): string {
  const written: string[] = [];
  const log = createLog({ level: 'debug', now: () => 0, redact: redactDeep, write: (line) => void written.push(line) });
  for (const { line } of planted) log.warn('a source does not answer', { error: line, body: { nested: [line] } });
  return written.join('');
}

/** Codes of three digits stand in any text: they count where their name stands before them. */
function seenAt(text: string, planted: Case): string[] {
  const { secrets } = planted;
  if (secrets.some((secret) => secret.length > 6)) return leaked(text, planted);
  return secrets.filter((secret) => new RegExp(`(?:otp|cvv|cvc)(?:[^\\w[\\]]|value){1,24}${secret}(?![0-9])`, 'i').test(text));
}

describe('every door', () => {
  it('gives out no secret', () => {
    const leaks = [...doors].flatMap(([door, text]) =>
      cases.flatMap((planted) => seenAt(text, planted).map((secret) => `${door}: ${planted.format} in ${planted.place} (${secret})`)),
    );
    const lines = ordinaryLines();
    const changed = lines.filter((line) => redact(line).count > 0).length;
    const planted = cases.flatMap(({ secrets }) => secrets).length;
    console.log(
      `redaction: ${leaks.length} of ${planted} secrets leaked at ${doors.size} doors; ${changed} of ${lines.length} ordinary lines changed`,
    );
    expect(leaks.slice(0, 50)).toEqual([]);
    expect(changed / lines.length).toBeLessThan(0.01);
  });

  it('gave out what stood around them, so that this says something', () => {
    const seen = (door: string) => cases.filter(({ mark }) => doors.get(door)?.includes(mark)).length;
    const counts = Object.fromEntries([...doors.keys()].map((door) => [door, seen(door)]));
    console.log(`redaction: planted lines seen at each door: ${JSON.stringify(counts)}`);
    // Of lines in JSON the product keeps the message.
    expect(counts['MCP: search_logs']).toBeGreaterThan(1_200);
    expect(counts['answers in threads']).toBeGreaterThan(1_000);
  });
});
