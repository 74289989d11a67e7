/**
 * What `maxTokens` keeps: in every scenario, and every recorded release where there are some, the first failing line is still
 * there at 2,000 tokens, and so are the guilty file and its hunk. Recordings hold no diffs, so the hunks that the shop's own
 * releases would show are laid to the change of the first hypothesis; and the widest one that a report may hold.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { replay } from '../../src/cli/replay.ts';
import { bugs } from '../../src/demo/history/bugs.ts';
import { cursorPromptLink } from '../../src/domain/agent-links.ts';
import { firstFailing, fitContext, tokensIn } from '../../src/domain/fit-context.ts';
import type { ContextChange, IncidentContext } from '../../src/domain/incident-context.ts';

const own = fileURLToPath(new URL('.', import.meta.url));
const recorded = fileURLToPath(new URL('../../../shared/incidents/crca', import.meta.url));
const foldersIn = (folder: string) =>
  existsSync(folder)
    ? readdirSync(folder).flatMap((name) => (existsSync(join(folder, name, 'alert.json')) ? [join(folder, name)] : []))
    : [];
const folders = [...foldersIn(own), ...foldersIn(recorded)];
const quiet = { debug() {}, info() {}, warn() {}, error() {} };
const offline = { fetch: () => Promise.reject(new Error('an offline investigation asks nobody')), now: () => 0, log: quiet };
const contexts = await Promise.all(folders.map(async (folder) => (await replay(folder, offline)).context));
const limit = 2_000;

const row = (sign: string, i: number) =>
  `${sign}  const step${i} = await store('postgresql', 'SELECT "stock"', query.get('sku'), { retries: ${i} });`;
/** As wide as a report shows one: 40 lines, the changed ones in their midst. */
const widest = [
  '@@ -101,36 +101,38 @@ export async function stock({ query, store, log }) {',
  ...Array.from({ length: 40 }, (_, i) => row(i === 19 ? '-' : i === 20 || i === 21 ? '+' : ' ', i)),
].join('\n');
const hunks = [
  ...bugs.map(({ service, edit: [from, to] }) => ({
    file: `services/${service}/src/${service}.js`,
    hunk: ['@@ -1,9 +1,9 @@', ...from.split('\n').map((line) => `-${line}`), ...to.split('\n').map((line) => `+${line}`)].join('\n'),
  })),
  { file: 'services/warehouse/src/stock.js', hunk: widest },
];

function withHunk(context: IncidentContext, { file, hunk }: (typeof hunks)[number]): IncidentContext {
  const suspect = { file, hunk, why: 'a stack frame points at line 120, which lies in it' };
  const changed = (change: ContextChange): ContextChange => ({ ...change, files: [file, 'package.json'], suspect });
  const made = {
    kind: 'release',
    service: 'x',
    startedAt: context.incident.alertAt,
    version: '1',
    sha: null,
    url: null,
    title: null,
    files: [],
  } as const;
  return {
    ...context,
    changes: context.changes.map(changed),
    hypotheses: context.hypotheses.map((h) => ({ ...h, change: changed(h.change ?? { ...made, files: [], service: h.service }) })),
  };
}

function lineOf(context: IncidentContext): string | null {
  const [id] = firstFailing(context);
  return id === undefined ? null : (context.evidence[id]?.text ?? null);
}

describe('in a link to Cursor', () => {
  it('the guilty file and the changed lines of a release of the usual size are there', () => {
    const usual = hunks.slice(0, -1);
    let cases = 0;
    for (const plain of contexts.filter(({ hypotheses }) => hypotheses.length > 0))
      for (const planted of usual) {
        const link = cursorPromptLink(withHunk(plain, planted), 'https://pulse.example/open/INC-1');
        const prompt = new URL(link?.url ?? '').searchParams.get('text') ?? '';
        const { hypotheses } = JSON.parse(/```json\n([\s\S]*?)\n```/.exec(prompt)?.[1] ?? '') as IncidentContext;
        const suspect = hypotheses[0]?.change?.suspect;
        expect(suspect?.file).toBe(planted.file);
        expect(suspect?.hunk).toBe(planted.hunk);
        cases++;
      }
    console.info(`guilty file and hunk kept in a link of 8,000 characters: ${cases} of ${cases}`);
    expect(cases).toBeGreaterThan(40);
  });
});

describe('at 2,000 tokens', () => {
  it('the first failing line is there in every scenario that has one', () => {
    const withLine = contexts.filter((context) => lineOf(context) !== null);
    const kept = withLine.filter((context) => lineOf(fitContext(context, limit)) === lineOf(context));
    console.info(`first failing line kept at ${limit} tokens: ${kept.length} of ${withLine.length}`);
    expect(kept.length).toBe(withLine.length);
    expect(withLine.length).toBeGreaterThan(8);
    for (const context of contexts) expect(tokensIn(fitContext(context, limit))).toBeLessThanOrEqual(limit);
  });

  it('the guilty file, its changed lines and the first failing line are there, whatever release is behind the first hypothesis', () => {
    const suspected = contexts.filter(({ hypotheses }) => hypotheses.length > 0);
    let cases = 0;
    for (const [i, plain] of suspected.entries())
      for (const planted of hunks) {
        const full = withHunk(plain, planted);
        const fitted = fitContext(full, limit);
        const suspect = fitted.hypotheses[0]?.change?.suspect;
        expect(tokensIn(fitted), `${i}`).toBeLessThanOrEqual(limit);
        expect(suspect?.file, `${i}`).toBe(planted.file);
        const changed = planted.hunk.split('\n').filter((line) => /^[+-]/.test(line));
        expect(suspect?.hunk.split('\n'), `${i}`).toEqual(expect.arrayContaining(changed));
        expect(lineOf(fitted)).toBe(lineOf(full));
        cases++;
      }
    console.info(
      `guilty file, hunk and first failing line kept at ${limit} tokens: ${cases} of ${cases}, from ${suspected.length} incidents`,
    );
    expect(cases).toBeGreaterThan(40);
  });

  it('what went is named, and what is left is whole', () => {
    const wide = contexts.filter((context) => tokensIn(context) > limit);
    expect(wide.length).toBeGreaterThan(0);
    for (const context of wide) {
      const fitted = fitContext(context, limit);
      expect(fitted.flags.truncated.length).toBeGreaterThan(context.flags.truncated.length);
      for (const { evidence, against } of fitted.hypotheses)
        for (const id of [...evidence, ...against]) expect(fitted.evidence[id]).toBeDefined();
    }
  });
});
