/** Rounds that were played, one a line, so that a run of an hour can be cut short and go on, or be shared by machines. */
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { stopWithinMs } from './product.ts';
import type { RoundResult } from './round.ts';

/** A round of this many kills takes a minute or two. */
export const killsARound = 25;

export interface Played extends RoundResult {
  readonly seed: string;
}

export interface Plan {
  readonly seed: string;
  readonly kills: number;
}

/** The rounds that make up so many kills, and of these the shard's own: `2/4` has the second, sixth, tenth … */
export function planOf({ engine, seed, kills, shard }: { engine: string; seed: string; kills: number; shard: string }): Plan[] {
  const [, own = '1', of = '1'] = /^(\d+)\/(\d+)$/.exec(shard) ?? [];
  const [place, shards] = [Number(own), Number(of)];
  if (!/^\d+\/\d+$/.test(shard) || place < 1 || place > shards) throw new Error(`--shard ${shard} is not K/N with K from 1 to N`);
  const rounds = Math.ceil(kills / killsARound);
  return Array.from({ length: rounds }, (_, i) => ({
    seed: `${engine}-${seed}-${i + 1}`,
    kills: Math.min(killsARound, kills - i * killsARound),
  })).filter((_, i) => i % shards === place - 1);
}

/** A last line that was cut off is a round that was not played. */
export function playedIn(file: string): Played[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line) => {
      try {
        return [JSON.parse(line) as Played];
      } catch {
        return [];
      }
    });
}

export function remember(file: string, played: Played): void {
  mkdirSync(dirname(file), { recursive: true });
  appendFileSync(file, `${JSON.stringify(played)}\n`);
}

/** What a round shows that must not be. */
export function faultsOf({ lost, twice, wrongAnswers, deadLetters, stop }: RoundResult): string[] {
  return [
    ...lost.map((what) => `lost: ${what}`),
    ...twice.map((what) => `twice: ${what}`),
    ...wrongAnswers.map((what) => `answered ${what}`),
    ...deadLetters.map((what) => `dead letter: ${what}`),
    ...(stop.code === 0 && stop.ms <= stopWithinMs ? [] : [`SIGTERM: exit ${stop.code} after ${stop.ms} ms`]),
  ];
}

export function tableOf(rounds: readonly RoundResult[]): string {
  const sum = (of: (round: RoundResult) => number) => rounds.reduce((total, round) => total + of(round), 0);
  const moments = [...new Set(rounds.flatMap(({ killedAt }) => Object.keys(killedAt)))].sort();
  const rows: [string, string | number][] = [
    ['rounds', rounds.length],
    ['kills (SIGKILL)', sum(({ kills }) => kills)],
    ...moments.map((moment): [string, number] => [`  ${moment}`, sum(({ killedAt }) => killedAt[moment] ?? 0)]),
    ['requests', sum(({ requests }) => requests)],
    ['  that got no answer', sum(({ unanswered }) => unanswered)],
    ['alerts accepted', sum(({ accepted }) => accepted)],
    ['button presses acknowledged', sum(({ presses }) => presses)],
    ['incidents', sum(({ incidents }) => incidents)],
    ['root messages', sum(({ messages }) => messages)],
    ['letters', sum(({ letters }) => letters)],
    ['  sent again under the same Message-ID', sum(({ sentAgain }) => sentAgain)],
    ['issues', sum(({ issues }) => issues)],
    ['lost (alerts, presses, messages, letters, issues)', sum(({ lost }) => lost.length)],
    ['twice (messages, letters, issues)', sum(({ twice }) => twice.length)],
    ['dead letters', sum(({ deadLetters }) => deadLetters.length)],
    ['longest wait for what was still to come, s', Math.max(0, ...rounds.map(({ waitedMs }) => Math.round(waitedMs / 1_000)))],
    ['longest SIGTERM, ms', Math.max(0, ...rounds.map(({ stop }) => stop.ms))],
  ];
  return ['| what | how many |', '|---|---|', ...rows.map(([what, count]) => `| ${what} | ${count} |`)].join('\n');
}
