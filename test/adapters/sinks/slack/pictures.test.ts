/** Pictures against the strict workspace: what people see under the card, and what they get where files are refused. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { svgOfDot, pngOfSvg } from '../../../../src/adapters/drawing.ts';
import { slack } from '../../../../src/adapters/sinks/slack/slack.ts';
import { incidentMap } from '../../../../src/domain/incident-map.ts';
import type { Card } from '../../../../src/domain/report.ts';
import type { Sink } from '../../../../src/ports.ts';
import { startWorkspaceServer } from '../../../../src/workspace/server.ts';
import { createWorkspace } from '../../../../src/workspace/workspace.ts';
import manifest from '../../../../manifest.json' with { type: 'json' };
import { illustrated, plainIllustrated } from './illustrated.ts';

const patient = new AbortController().signal;
const logged: string[] = [];
const silent = { debug: () => undefined, info: () => undefined, warn: (text: string) => void logged.push(text), error: () => undefined };

describe('pictures in Slack', () => {
  let server: Awaited<ReturnType<typeof startWorkspaceServer>>;
  let sink: Sink;
  let threadId: string;
  beforeEach(async () => {
    logged.length = 0;
    server = await startWorkspaceServer({
      workspace: createWorkspace({ manifest, tokens: { bot: 'xoxb-workspace', app: 'xapp-workspace' } }),
    });
    const settings = slack.settings.parse({ SLACK_BOT_TOKEN: 'xoxb-workspace', SLACK_API_URL: server.apiUrl });
    sink = slack.create(settings, { fetch: globalThis.fetch, now: Date.now, log: silent });
    const shipment = { kind: 'card', channel: '#debug', card: illustrated, receipt: null } as const;
    threadId = (await sink.deliver(shipment, { mayExist: false, signal: patient })).messageId;
  });
  afterEach(() => server.stop());

  const show = (card: Card = illustrated, mayExist = false) =>
    sink.illustrate!({ id: 'pictures:INC-12:h1aaaaa:slack:#debug', card, threadId }, { mayExist, signal: patient });
  const replies = () => server.workspace.messages('debug').filter(({ ts, threadTs }) => threadTs !== null && ts !== threadTs);
  const inThread = () => replies().map(({ text, files }) => ({ text, files: files.length }));

  it('shows both in one reply with the same in words, as texts and as alt texts', async () => {
    await show();
    expect(inThread()).toHaveLength(1);
    const [reply] = replies();
    expect(reply?.text).toMatch(/^payment is most likely at fault\..*\nFailed calls of payment: at most/);
    const shown = (reply?.files ?? []).map((id) => server.workspace.file(id));
    expect(shown.map((file) => [file?.title, file?.mimetype])).toEqual([
      ['Who calls whom', 'image/png'],
      ['Minute by minute', 'image/png'],
    ]);
    expect(shown.map((file) => file?.altText).join('\n')).toBe(reply?.text);
    expect(
      shown.every(
        (file) =>
          Buffer.from(file?.content ?? '', 'base64')
            .subarray(1, 4)
            .toString() === 'PNG',
      ),
    ).toBe(true);
    expect(server.workspace.refusals()).toEqual([]);
  });

  it('does not show them twice when the answer was lost', async () => {
    server.workspace.faults.inject('files.completeUploadExternal', { kind: 'lost_answer' });
    await expect(show()).rejects.toMatchObject({ isRetryable: true });
    await show(illustrated, true);
    expect(inThread()).toHaveLength(1);
  });

  it('shows them at the second try when the first never arrived', async () => {
    server.workspace.faults.inject('files.completeUploadExternal', { kind: 'lost_request' });
    await expect(show()).rejects.toMatchObject({ isRetryable: true });
    await show(illustrated, true);
    expect(inThread()).toMatchObject([{ files: 2 }]);
  });

  it.each([
    ['files.getUploadURLExternal', 'missing_scope'],
    ['files.completeUploadExternal', 'file_uploads_disabled'],
  ])('says it in words, once, where %s is refused with %s', async (method, error) => {
    server.workspace.faults.inject(method, { kind: 'refuse', error }, 9);
    await show();
    expect(inThread()).toEqual([{ text: expect.stringContaining('payment is most likely at fault.'), files: 0 }]);
    expect(logged).toEqual(['Slack takes no pictures; their words are posted']);
    await show(illustrated, true);
    expect(inThread()).toHaveLength(1);
  });

  it('leaves it to the outbox to wait when Slack is busy or refuses our key', async () => {
    server.workspace.faults.inject('files.getUploadURLExternal', { kind: 'rate_limited', retryAfterSeconds: 7 });
    await expect(show()).rejects.toMatchObject({ code: 'rate_limited', retryAfterMs: 7_000 });
    server.workspace.faults.clear();
    server.workspace.faults.inject('files.completeUploadExternal', { kind: 'refuse', error: 'token_revoked' });
    await expect(illustrateElsewhere()).rejects.toMatchObject({ code: 'unauthorized' });
    expect(inThread()).toEqual([]);
  });

  it('posts nothing where there is nothing to show', async () => {
    await show(plainIllustrated);
    expect(inThread()).toEqual([]);
  });

  /** Another sink, whose count of calls is its own. */
  function illustrateElsewhere() {
    const settings = slack.settings.parse({ SLACK_BOT_TOKEN: 'xoxb-workspace', SLACK_API_URL: server.apiUrl });
    const other = slack.create(settings, { fetch: globalThis.fetch, now: Date.now, log: silent });
    return other.illustrate!({ id: 'p', card: illustrated, threadId }, { mayExist: false, signal: patient });
  }
});

describe('drawing', () => {
  it('draws names that are code, markup, endless, right to left or broken, and no wider than asked', async () => {
    const hostile = ['a"; } digraph { x', '<b>&amp;</b>', '\\N\\G\\', 'x'.repeat(400), 'שירות', '\u0000\u0007\ud800', '🔥👩‍👩‍👧'];
    const { context } = illustrated.report!;
    const edges = hostile.map((caller) => ({ caller, callee: 'payment', calls: 9, errors: 3, p95Ms: 1, sources: ['span' as const] }));
    const { dot } = incidentMap({ ...context, blastRadius: hostile, map: { ...context.map, edges } })!;
    const svg = await svgOfDot(dot);
    // Each of them, the cause and nothing else.
    expect(svg.match(/class="node"/g)).toHaveLength(hostile.length + 1);
    const png = Buffer.from(await pngOfSvg(svg, 900));
    expect(png.subarray(1, 4).toString()).toBe('PNG');
    expect(png.readUInt32BE(16)).toBeLessThanOrEqual(900);
  });
});
