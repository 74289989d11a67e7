/**
 * Pictures of an incident in its card's thread: who calls whom around it, and what happened minute by minute. One message
 * with both, and the same in words above them; words alone where Slack takes no file from us.
 */
import type { WebClient } from '@slack/web-api';
import type { Log } from '../../../adapter.ts';
import { Failure } from '../../../domain/failure.ts';
import { incidentMap } from '../../../domain/incident-map.ts';
import { escaped } from '../../../domain/mrkdwn.ts';
import type { Card } from '../../../domain/report.ts';
import { readPlace, slackNames, type SlackPlace } from '../../../domain/slack-names.ts';
import { timelineChart } from '../../../domain/timeline-chart.ts';
import type { Illustration } from '../../../ports.ts';
import { pngOfSvg, svgOfDot } from '../../drawing.ts';
import { findFileInThread, findInThread } from './earlier.ts';
import { failureFrom, goneWords, refusalWord } from './failures.ts';

/** A thread shows a picture about 360 points wide, opened up to the screen's width. */
const maxWidthPx = 1_800;
const maxWords = 1_400;

interface Picture {
  readonly name: string;
  readonly title: string;
  readonly words: string;
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

export async function showPictures(tools: PictureTools, { id, card, threadId }: Illustration, mayExist: boolean): Promise<void> {
  const root = readPlace(threadId);
  if (root === null) throw new Error(`a card cannot stand at ${threadId}`);
  const pictures = await drawn(card);
  const [first] = pictures;
  if (first === undefined) return;
  if (mayExist && (await isShown(tools.client, root, id, first.name))) return;
  try {
    await share(tools, root, pictures);
  } catch (error) {
    if (goneWords.has(refusalWord(error) ?? '')) return;
    if (!isOfFiles(error)) throw error;
    tools.log.warn('Slack takes no pictures; their words are posted', { failure: String(failureFrom(error, 'upload a picture')) });
    await postWords(tools.client, root, id, pictures);
  }
}

async function drawn({ incident, report }: Card): Promise<Picture[]> {
  if (report === null) return [];
  const { context, timeline } = report;
  const suspect = context.hypotheses[0]?.id ?? '';
  const map = incidentMap(context);
  const chart = timeline === undefined ? null : timelineChart(context, timeline);
  const named = (what: string) => `${incident.id}-${what}-${suspect}.png`.replace(/[^\w.-]/g, '-');
  return [
    ...(map === null
      ? []
      : [{ name: named('map'), title: 'Who calls whom', words: map.words, png: await pngOfSvg(await svgOfDot(map.dot), maxWidthPx) }]),
    ...(chart === null
      ? []
      : [{ name: named('timeline'), title: 'Minute by minute', words: chart.words, png: await pngOfSvg(chart.svg, maxWidthPx) }]),
  ];
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

async function postWords(client: WebClient, root: SlackPlace, id: string, pictures: readonly Picture[]): Promise<void> {
  await client.chat.postMessage({
    channel: root.channel,
    thread_ts: root.ts,
    text: inWords(pictures),
    metadata: { event_type: slackNames.textMetadata, event_payload: { id } },
    unfurl_links: false,
    unfurl_media: false,
  });
}

function inWords(pictures: readonly Picture[]): string {
  return pictures.map(({ words }) => escaped(words, maxWords)).join('\n');
}
