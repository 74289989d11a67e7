/** What the demo tells while it runs: the shop's news as they come, then what appears in the channel, with its times. */
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import type { Breakage } from './shop/faults.ts';
import type { ShopNews } from './shop/shop.ts';
import type { Product } from './product.ts';
import type { Started } from './processes.ts';

export type Tell = (text: string) => void;

/** Reads the shop's news up to its alarm, and answers when that was raised. `onBroke` is called when something was changed. */
export async function untilAlarm(shop: Started, wellMs: number, tell: Tell, onBroke: (at: number) => void = () => {}): Promise<number> {
  if (shop.child.stdout === null) throw new Error('the shop has no voice');
  for await (const line of createInterface({ input: shop.child.stdout })) {
    const news = JSON.parse(line) as ShopNews;
    switch (news.said) {
      case 'ready':
        tell(`A shop of ${news.services.length} services is open: ${news.services.join(', ')}.`);
        tell(`Visitors come, all is well; TracePulse has ${Math.round(wellMs / 1_000)} s to learn what is usual.`);
        break;
      case 'broke':
        onBroke(news.at);
        tell(`After ${news.visits} visits something in the shop has just been broken. TracePulse is not told what.`);
        break;
      case 'alarm':
        tell(`The shop's own watch raises an alarm: ${news.summary}.`);
        return news.at;
      case 'told':
        tell(`The service itself says so, with high priority, through debug-queue: ${news.summary}. No alarm is raised.`);
        return news.at;
      case 'quiet':
        throw new Error("the shop's watch saw nothing wrong; this machine may be too busy for the demo");
    }
  }
  throw new Error(await shop.ended);
}

export interface Told {
  readonly isRight: boolean;
  readonly firstMessageMs: number | null;
  readonly reportMs: number | null;
}

const lookEveryMs = 50;

/** Watches the channel as people do, until its message names the broken service or time is up. */
export async function untilReport(
  product: Product,
  broken: Breakage,
  { alarmAt, until, signal }: { readonly alarmAt: number; readonly until: number; readonly signal: AbortSignal },
  tell: Tell,
): Promise<Told> {
  let firstMessageMs: number | null = null;
  let reportMs: number | null = null;
  let said = '';
  while (Date.now() < until) {
    const text = (await product.messages()).at(-1)?.text ?? '';
    const afterMs = Date.now() - alarmAt;
    if (text !== '' && firstMessageMs === null) {
      firstMessageMs = afterMs;
      tell(`First message in the channel, ${inSeconds(afterMs)} after the alarm.`);
    }
    const verdict = verdictIn(text);
    if (verdict !== null && verdict !== said) {
      tell(`${reportMs === null ? 'Report' : 'Ranked again'}, ${inSeconds(afterMs)} after the alarm: ${verdict}`);
      reportMs ??= afterMs;
      said = verdict;
    }
    if (names(text, broken.service)) return { isRight: true, firstMessageMs, reportMs };
    await wait(lookEveryMs, undefined, { signal });
  }
  return { isRight: false, firstMessageMs, reportMs };
}

/** `Critical incident INC-1 (…): the most likely cause is pricing (errors), …` → from `the` on; null while it investigates. */
function verdictIn(text: string): string | null {
  return /\): (.+)$/s.exec(text)?.[1] ?? null;
}

export function names(text: string, service: string): boolean {
  return text.includes(`the most likely cause is ${service} (`);
}

function inSeconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
