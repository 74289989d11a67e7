/**
 * Pictures of an incident in its card's thread: who calls whom around it, and what happened minute by minute, each with the same
 * in words above it. The minutes are a chart of Slack's own where it holds them, else a file beside the map; words alone stand
 * where Slack takes no file from us.
 */
import type { SectionBlock } from '@slack/types';
import type { WebClient } from '@slack/web-api';
import type { Log } from '../../../adapter.ts';
import { Failure } from '../../../domain/failure.ts';
import { incidentMap } from '../../../domain/incident-map.ts';
import { escaped } from '../../../domain/mrkdwn.ts';
import type { Card } from '../../../domain/report.ts';
import { readPlace, slackNames, type SlackPlace } from '../../../domain/slack-names.ts';
import { timelineChart } from '../../../domain/timeline-chart.ts';
import { pictureIds } from '../../../ports/delivery.ts';
import type { Illustration } from '../../../ports.ts';
import { pngOfSvg, svgOfDot } from '../../drawing.ts';
import { findFileInThread, findInThread } from './earlier.ts';
import { blockWords, failureFrom, goneWords, refusalWord } from './failures.ts';
import { type ChartBlock, minutesBlock, wordsBlock } from './minutes.ts';
import { markOutdated } from './outdated.ts';

/** A thread shows a picture about 360 points wide, opened up to the screen's width. */
const maxWidthPx = 1_800;
const maxWords = 1_400;

const maxNamed = 120;

const whats = ['map', 'timeline'] as const;
type What = (typeof whats)[number];

interface Sketch {
  readonly name: string;
  readonly title: string;
  readonly words: string;
  svg(): Promise<string>;
}

interface Picture extends Sketch {
  readonly png: Uint8Array;
}

export interface Upload {
  readonly fetch: typeof globalThis.fetch;
  /** Files go to Slack's own hosts, or to where the Web API is. */
  readonly apiUrl: string;
  readonly signal: AbortSignal;
}

export interface PictureTools {
  readonly client: WebClient;
  readonly upload: Upload;
  readonly log: Log;
}

export async function showPictures(tools: PictureTools, illustration: Illustration, mayExist: boolean): Promise<void> {
  const { id, card, threadId, part } = illustration;
  const root = readPlace(threadId);
  if (root === null) throw new Error(`a card cannot stand at ${threadId}`);
  if (part === 'outdated') return markOthers(tools, root, illustration);
  const { map, minutes, chart } = sketched(card);
  if (part === 'minutes') {
    if (minutes === null || chart === null || (mayExist && (await isShown(tools.client, root, id, minutes.name)))) return;
    if (await postChart(tools.client, root, id, [wordsBlock(inWords([minutes])), chart])) return;
    tools.log.warn('Slack takes no chart; it is sent as a picture', { incident: card.incident.id });
    return showFiles(tools, root, id, [minutes]);
  }
  const sketches = [map, chart === null ? minutes : null].filter((sketch) => sketch !== null);
  const [first] = sketches;
  if (first === undefined || (mayExist && (await isShown(tools.client, root, id, first.name)))) return;
  return showFiles(tools, root, id, sketches);
}

async function showFiles(tools: PictureTools, root: SlackPlace, id: string, sketches: readonly Sketch[]): Promise<void> {
  const pictures = await Promise.all(sketches.map(async (sketch) => ({ ...sketch, png: await pngOfSvg(await sketch.svg(), maxWidthPx) })));
  try {
    await share(tools, root, pictures);
  } catch (error) {
    if (goneWords.has(refusalWord(error) ?? '')) return;
    if (!isOfFiles(error)) throw error;
    tools.log.warn('Slack takes no pictures; their words are posted', { failure: String(failureFrom(error, 'upload a picture')) });
    await postWords(tools.client, root, id, inWords(pictures));
  }
}

/** What there is to see. Nothing is drawn yet: that takes most of the time. */
function sketched({ incident, report }: Card): { map: Sketch | null; minutes: Sketch | null; chart: ChartBlock | null } {
  if (report === null) return { map: null, minutes: null, chart: null };
  const { context, timeline } = report;
  const map = incidentMap(context);
  const picture = timeline === undefined ? null : timelineChart(context, timeline);
  const name = (what: What) => fileName(incident.id, what, context.hypotheses[0]?.id ?? '');
  return {
    map: map === null ? null : { name: name('map'), title: 'Who calls whom', words: map.words, svg: () => svgOfDot(map.dot) },
    minutes:
      picture === null ? null : { name: name('timeline'), title: 'Minute by minute', words: picture.words, svg: async () => picture.svg },
    chart: picture === null ? null : minutesBlock(picture.plot),
  };
}

function fileName(incidentId: string, what: What, suspect: string): string {
  return `${incidentId}-${what}-${suspect}.png`.replace(/[^\w.-]/g, '-');
}

async function markOthers({ client }: PictureTools, root: SlackPlace, { id, card: { incident, report } }: Illustration): Promise<void> {
  const suspect = report?.context.hypotheses[0];
  if (suspect === undefined) return;
  const starts = (of?: string) => [
    ...Object.values(pictureIds(incident.id, of)),
    ...whats.map((what) => fileName(incident.id, what, of ?? '').slice(0, of === undefined ? -'.png'.length : undefined)),
  ];
  const isMarked = await markOutdated(client, root, {
    isOf: (name) => starts().some((start) => name.startsWith(start)),
    isCurrent: (name) => starts(suspect.id).some((start) => name.startsWith(start)),
    service: suspect.service,
  });
  if (isMarked || (await findInThread(client, root, textMark(id))) !== null) return;
  await postWords(client, root, id, `${escaped(suspect.service, maxNamed)} is more likely now: pictures of others here are out of date.`);
}

/** False where Slack does not like the block. */
async function postChart(
  client: WebClient,
  { channel, ts }: SlackPlace,
  id: string,
  blocks: readonly [SectionBlock, ChartBlock],
): Promise<boolean> {
  try {
    await client.chat.postMessage({
      channel,
      thread_ts: ts,
      text: blocks[0].text?.text ?? '',
      blocks: [...blocks],
      metadata: { event_type: slackNames.textMetadata, event_payload: { id } },
      unfurl_links: false,
      unfurl_media: false,
    });
    return true;
  } catch (error) {
    const word = refusalWord(error) ?? '';
    if (goneWords.has(word)) return true;
    if (!blockWords.has(word)) throw error;
    return false;
  }
}

const textMark = (id: string) => ({ type: slackNames.textMetadata, key: 'id', value: id });

async function isShown(client: WebClient, root: SlackPlace, id: string, name: string): Promise<boolean> {
  return (await findFileInThread(client, root, name)) !== null || (await findInThread(client, root, textMark(id))) !== null;
}

async function share({ client, upload }: PictureTools, { channel, ts }: SlackPlace, pictures: readonly Picture[]): Promise<void> {
  const [first, ...rest] = await Promise.all(
    pictures.map(async (picture) => ({ id: await uploaded(client, upload, picture), title: picture.title })),
  );
  if (first === undefined) return;
  await client.files.completeUploadExternal({
    files: [first, ...rest],
    channel_id: channel,
    thread_ts: ts,
    initial_comment: inWords(pictures),
  });
}

async function uploaded(client: WebClient, { fetch, apiUrl, signal }: Upload, { name, words, png }: Picture): Promise<string> {
  // `alt_txt` in the documentation, `alt_text` in the types of the client.
  const about = { filename: name, length: png.byteLength, alt_text: words, alt_txt: words };
  const { upload_url: url = '', file_id: fileId = '' } = await client.files.getUploadURLExternal(about);
  if (fileId === '' || !isSlacks(url, apiUrl))
    throw new Failure('rejected', 'slack', 'upload a picture', { hint: 'the answer names no place of Slack to upload to' });
  const answer = await fetch(url, {
    method: 'POST',
    body: new Blob([new Uint8Array(png)]),
    headers: { 'content-type': 'application/octet-stream' },
    redirect: 'error',
    signal,
  });
  await answer.arrayBuffer();
  if (!answer.ok) throw new Failure('rejected', 'slack', 'upload a picture', { hint: `the upload was answered HTTP ${answer.status}` });
  return fileId;
}

function isSlacks(url: string, apiUrl: string): boolean {
  if (!URL.canParse(url)) return false;
  const { origin, protocol, hostname } = new URL(url);
  return origin === new URL(apiUrl).origin || (protocol === 'https:' && /\.slack(?:-files|-gov)?\.com$/.test(hostname));
}

/** Whatever keeps us from showing files, short of Slack being away or refusing our key: people still get the words. */
function isOfFiles(error: unknown): boolean {
  if (refusalWord(error) === 'missing_scope') return true;
  const failure = failureFrom(error, 'upload a picture');
  return failure instanceof Failure && failure.code === 'rejected';
}

async function postWords(client: WebClient, root: SlackPlace, id: string, text: string): Promise<void> {
  await client.chat.postMessage({
    channel: root.channel,
    thread_ts: root.ts,
    text,
    metadata: { event_type: slackNames.textMetadata, event_payload: { id } },
    unfurl_links: false,
    unfurl_media: false,
  });
}

function inWords(pictures: readonly Sketch[]): string {
  return pictures.map(({ words }) => escaped(words, maxWords)).join('\n');
}
