/** The map around the incident and its minutes, as parts of the letter itself: nothing is fetched to show them. */
import { createHash } from 'node:crypto';
import type { Log } from '../../../adapter.ts';
import { incidentMap } from '../../../domain/incident-map.ts';
import type { Card } from '../../../domain/report.ts';
import { timelineChart } from '../../../domain/timeline-chart.ts';
import { pngOfSvg, svgOfDot } from '../../drawing.ts';

/** Twice the width of the sheet, for sharp screens. */
const maxWidthPx = 1_184;
/** What a screen reader reads of a picture; the letter says the rest. */
const maxWords = 600;

export interface Picture {
  /** Content-ID, without the domain. */
  readonly cid: string;
  readonly title: string;
  readonly words: string;
  readonly png: Uint8Array;
}

export type Draw = (card: Card) => Promise<readonly Picture[]>;

/** Letters about one report go to several addresses: it is drawn once. Without pictures a letter still says everything. */
export function createDraw(log: Log): Draw {
  let last: { readonly key: string; readonly pictures: Promise<readonly Picture[]> } | null = null;
  return async (card) => {
    const { incident, report } = card;
    const key = `${incident.id} ${incident.openedAt} ${report?.round ?? 0}`;
    if (last?.key !== key) last = { key, pictures: drawn(card) };
    try {
      return await last.pictures;
    } catch (error) {
      log.warn('a letter goes without its pictures', { incident: incident.id, error: String(error) });
      return [];
    }
  };
}

async function drawn({ report }: Card): Promise<readonly Picture[]> {
  if (report === null) return [];
  const pictures: Picture[] = [];
  const add = (what: string, title: string, words: string, png: Uint8Array) => {
    const cid = `${what}.${createHash('sha256').update(png).digest('hex').slice(0, 16)}`;
    pictures.push({ cid, title, words: words.slice(0, maxWords).toWellFormed(), png });
  };
  const map = incidentMap(report.context);
  if (map !== null) add('map', 'Who calls whom', map.words, await pngOfSvg(await svgOfDot(map.dot), maxWidthPx));
  const chart = report.timeline === undefined ? null : timelineChart(report.context, report.timeline);
  if (chart !== null) add('minutes', 'Minute by minute', chart.words, await pngOfSvg(chart.svg, maxWidthPx));
  return pictures;
}
