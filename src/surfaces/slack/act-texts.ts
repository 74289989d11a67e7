/** What people are told of their acts, and of how well reports have done. */
import { bold, code, escaped, instant } from '../../domain/mrkdwn.ts';
import type { Ratings } from '../../domain/answer-rating.ts';
import type { Contest, Learning } from '../../domain/learning/contest.ts';
import type { Figures, Statistics } from '../../domain/statistics.ts';
import { duration } from '../../domain/wording.ts';

const shownServices = 8;
const shownWeeks = 4;

export function mutedText(name: string, untilAt: number, silenced: number): string {
  const what =
    silenced === 0
      ? 'Nothing of it is open now.'
      : `${silenced === 1 ? 'One open incident falls' : `${silenced} open incidents fall`} silent.`;
  return `${bold(escaped(name, 120))} is muted until ${instant(untilAt)}. ${what} What still fires then is told.`;
}

export function unmutedText(name: string, woken: number): string {
  return `${bold(escaped(name, 120))} is no longer muted.${woken === 0 ? '' : ` ${woken === 1 ? 'One incident speaks' : `${woken} incidents speak`} again.`}`;
}

export function resolvedText(id: string, isNew: boolean): string {
  return isNew
    ? `${bold(escaped(id, 40))} is resolved. A new occurrence opens it again.`
    : `${bold(escaped(id, 40))} was resolved already.`;
}

export function mutesText(mutes: ReadonlyMap<string, number>): string {
  if (mutes.size === 0) return `Nothing is muted. ${code('/tracepulse mute payment 2h')} would mute payment.`;
  return ['Muted:', ...[...mutes].map(([service, untilAt]) => `• ${bold(escaped(service, 120))} until ${instant(untilAt)}`)].join('\n');
}

export function statisticsText({ total, byService, byWeek, sinceAt, learning, answers }: Statistics): string {
  const learned = [...(learning === undefined ? [] : [learningText(learning)]), ...(answers === undefined ? [] : [answersText(answers)])];
  if (total.incidents === 0) return [`No incident since ${instant(sinceAt)}.`, ...learned].join('\n');
  return [
    `Since ${instant(sinceAt)}: ${figuresText(total)}`,
    ...learned,
    ...byService.slice(0, shownServices).map(([service, figures]) => `• ${bold(escaped(service, 80))}: ${figuresText(figures)}`),
    ...(byService.length > shownServices ? [`… and ${byService.length - shownServices} more services.`] : []),
    ...byWeek
      .slice(0, shownWeeks)
      .map(([week, figures]) => `• Week of ${new Date(week).toISOString().slice(0, 10)}: ${figuresText(figures)}`),
  ].join('\n');
}

function answersText({ helped, didNotHelp }: Ratings): string {
  return `Answers in threads: ${helped} helped, ${didNotHelp} did not.`;
}

/** Which weights rank, and what became of those learned last. */
function learningText({ version, learnedAt, contest }: Learning): string {
  const from = `${contest.incidents} judged incident${contest.incidents === 1 ? '' : 's'} of ${contest.people} ${contest.people === 1 ? 'person' : 'people'}`;
  const live = version === 0 ? 'the ranking uses its built-in weights' : `weights no. ${version} are live, learned ${instant(learnedAt)}`;
  return `Learned from ${from}: ${live}. ${outcomeText(contest)}`;
}

function outcomeText({ outcome, lossInForce, lossLearned, gain, rightInForce, rightLearned, scenarios, scenarioLoss }: Contest): string {
  const gained = gain === undefined ? '' : `, a gain of ${gain.mean.toFixed(3)} ± ${gain.error.toFixed(3)} a verdict`;
  const losses = `(loss ${lossLearned.toFixed(2)} against ${lossInForce.toFixed(2)}${gained})`;
  const ofScenarios =
    scenarioLoss === undefined ? '' : `; loss ${scenarioLoss.learned.toFixed(3)} against ${scenarioLoss.inForce.toFixed(3)}`;
  switch (outcome) {
    case 'went live':
      return `They did better on past incidents ${losses} and on the built-in scenarios.`;
    case 'too few verdicts':
      return 'Too few new verdicts to say whether others would do better.';
    case 'loses on past incidents':
      return `A newer set stays a shadow: on past incidents it is not better by more than chance may make it ${losses}.`;
    case 'loses on scenarios':
      return `A newer set stays a shadow: it does not do better on the built-in scenarios (${rightLearned} right of ${scenarios}, against ${rightInForce}${ofScenarios}).`;
  }
}

/** `12 incidents, report after 2.1 s, 8 judged, 6 confirmed (5 of them first in the list) after 4 min`, medians both. */
function figuresText({ incidents, judged, confirmed, confirmedFirst, toReportMs, toConfirmMs }: Figures): string {
  const parts = [`${incidents} incident${incidents === 1 ? '' : 's'}`];
  if (toReportMs !== null) parts.push(`report after ${spoken(toReportMs)}`);
  if (judged > 0) parts.push(`${judged} judged`);
  if (confirmed > 0)
    parts.push(
      `${confirmed} confirmed (${confirmedFirst} first in the list)${toConfirmMs === null ? '' : ` after ${spoken(toConfirmMs)}`}`,
    );
  return `${parts.join(', ')}.`;
}

/** Medians of minutes read badly in seconds. */
function spoken(ms: number): string {
  if (ms < 120_000) return duration(ms);
  return ms < 7_200_000 ? `${Math.round(ms / 60_000)} min` : `${Math.round(ms / 3_600_000)} h`;
}
