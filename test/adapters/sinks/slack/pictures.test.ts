/** Pictures against the strict workspace: what people see under the card, and what they get where files are refused. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { svgOfDot, pngOfSvg } from '../../../../src/adapters/drawing.ts';
import { slack } from '../../../../src/adapters/sinks/slack/slack.ts';
import { incidentMap } from '../../../../src/domain/incident-map.ts';
import type { Card } from '../../../../src/domain/report.ts';
import { type PicturePart, pictureIds } from '../../../../src/ports/delivery.ts';
import type { Sink } from '../../../../src/ports.ts';
import { startWorkspaceServer } from '../../../../src/workspace/server.ts';
import { createWorkspace } from '../../../../src/workspace/workspace.ts';
import manifest from '../../../../manifest.json' with { type: 'json' };
import { illustrated, longIllustrated, plainIllustrated, withSuspect } from './illustrated.ts';

const patient = new AbortController().signal;
const logged: string[] = [];
const silent = { debug: () => undefined, info: () => undefined, warn: (text: string) => void logged.push(text), error: () => undefined };

describe('pictures in Slack', () => {
  let server: Awaited<ReturnType<typeof startWorkspaceServer>>;
  let sink: Sink;
  let threadId: string;
  let aheadMs = 0;
  beforeEach(async () => {
    logged.length = 0;
    server = await startWorkspaceServer({
      workspace: createWorkspace({ manifest, tokens: { bot: 'xoxb-workspace', app: 'xapp-workspace' } }),
    });
    const settings = slack.settings.parse({ SLACK_BOT_TOKEN: 'xoxb-workspace', SLACK_API_URL: server.apiUrl });
    sink = slack.create(settings, { fetch: globalThis.fetch, now: () => Date.now() + aheadMs, log: silent });
    const shipment = { kind: 'card', channel: '#debug', card: illustrated, receipt: null } as const;
    threadId = (await sink.deliver(shipment, { mayExist: false, signal: patient })).messageId;
  });
  afterEach(() => server.stop());

  const show = (card: Card = illustrated, mayExist = false, part: PicturePart = 'map') =>
    sink.illustrate!({ id: idOf(card, part), part, card, threadId }, { mayExist, signal: patient });
  const idOf = ({ incident, report }: Card, part: PicturePart) => {
    const ids = pictureIds(incident.id, report?.context.hypotheses[0]?.id);
    return part === 'outdated' ? 'outdated:INC-12:7:slack:#debug' : `${ids[part]}slack:#debug`;
  };
  const replies = () => server.workspace.messages('debug').filter(({ ts, threadTs }) => threadTs !== null && ts !== threadTs);
  const inThread = () => replies().map(({ text, files }) => ({ text, files: files.length }));

  it('shows both as files in one reply where the chart would leave out a mark, with the same in words, as texts and as alt texts', async () => {
    await show(longIllustrated);
    await show(longIllustrated, false, 'minutes');
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
    expect(inThread()).toMatchObject([{ files: 1 }]);
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

  it('shows the minutes as a chart of Slack, below the same in words', async () => {
    await show();
    await show(illustrated, false, 'minutes');
    expect(replies().map(({ files }) => files.map((id) => server.workspace.file(id)?.title))).toEqual([['Who calls whom'], []]);
    const reply = replies().at(-1);
    expect(reply?.text).toMatch(/^Failed calls of payment: at most .* Times: release v2.4.1 .* begun .* alert /);
    expect(reply?.blocks).toEqual([
      expect.objectContaining({ type: 'section', text: { type: 'mrkdwn', text: reply?.text, verbatim: true } }),
      expect.objectContaining({ type: 'data_visualization' }),
    ]);
    expect(server.workspace.refusals()).toEqual([]);
  });

  it('does not show the chart twice when the answer was lost', async () => {
    server.workspace.faults.inject('chat.postMessage', { kind: 'lost_answer' });
    await expect(show(illustrated, false, 'minutes')).rejects.toMatchObject({ isRetryable: true });
    await show(illustrated, true, 'minutes');
    expect(inThread()).toHaveLength(1);
  });

  it('sends a picture where Slack does not like the chart, and words where it takes no picture either', async () => {
    server.workspace.faults.inject('chat.postMessage', { kind: 'refuse', error: 'invalid_blocks' });
    await show(illustrated, false, 'minutes');
    expect(replies().map(({ files }) => files.map((id) => server.workspace.file(id)?.title))).toEqual([['Minute by minute']]);
    await show(illustrated, true, 'minutes');
    expect(inThread()).toHaveLength(1);
    server.workspace.faults.inject('chat.postMessage', { kind: 'refuse', error: 'invalid_blocks' });
    server.workspace.faults.inject('files.completeUploadExternal', { kind: 'refuse', error: 'file_uploads_disabled' });
    await show(illustrated, false, 'minutes');
    expect(inThread().at(-1)).toEqual({ text: expect.stringMatching(/^Failed calls of payment/), files: 0 });
  });

  it('marks pictures of who is not the first any more, and no longer when that is the first again, without a word more', async () => {
    const other = withSuspect('billing', 'h2bbbbb');
    const marked = () => replies().map(({ text }) => /^_Out of date: (.*) is more likely now\._\n/.exec(text)?.[1] ?? null);
    const both = async (card: Card) => {
      aheadMs += 60_000; // what may be asked a minute is asked anew
      await show(card, true);
      await show(card, true, 'minutes');
      await show(card, false, 'outdated');
    };
    await both(illustrated);
    const before = replies();
    expect(marked()).toEqual([null, null]);
    await both(other);
    expect(marked()).toEqual(['billing', 'billing', null, null]);
    await both(other); // again changes nothing
    expect(marked()).toEqual(['billing', 'billing', null, null]);
    await both(illustrated);
    expect(marked()).toEqual([null, null, 'payment', 'payment']);
    expect(
      replies()
        .slice(0, 2)
        .map(({ text, blocks, files }) => ({ text, blocks, files })),
    ).toEqual(before.map(({ text, blocks, files }) => ({ text, blocks, files })));
    // The mark stands in what people see, not only in the notification.
    expect(JSON.stringify(replies().at(-1)?.blocks[0])).toContain('Out of date: payment is more likely now.');
    expect(replies().at(-1)?.blocks).toHaveLength(2);
  });

  it('says it once in the thread where Slack lets pictures not be edited', async () => {
    await show();
    server.workspace.faults.inject('chat.update', { kind: 'refuse', error: 'cant_update_message' }, 2);
    const other = withSuspect('billing', 'h2bbbbb');
    await show(other, false, 'outdated');
    await show(other, true, 'outdated');
    expect(
      inThread()
        .map(({ text }) => text)
        .slice(1),
    ).toEqual(['billing is more likely now: pictures of others here are out of date.']);
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
    return other.illustrate!({ id: 'p', part: 'map', card: illustrated, threadId }, { mayExist: false, signal: patient });
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
