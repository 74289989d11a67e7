/** An answer as Slack shows it: as one text, and as the parts of a streamed message. What was read is data, whichever form. */
import type { KnownBlock } from '@slack/types';
import type { Answer } from '../../app.ts';
import { ratingBlock } from '../../domain/answer-rating.ts';
import { escaped, escapedRows, plainLine } from '../../domain/mrkdwn.ts';

/** Together a section holds them: 3,000 characters by Slack. */
const maxText = 1_000;
const maxRows = 1_500;
const maxSources = 6;
/** A section of their own. */
const maxStreamedRows = 2_900;

export function answerText(answer: Answer): string {
  const { text, lines } = answer;
  const parts = [escaped(text, maxText)];
  if (lines.length > 0) parts.push(fencedRows(lines, maxRows));
  const cited = sourcesText(answer);
  if (cited !== null) parts.push(cited);
  return parts.join('\n');
}

function fencedRows(lines: readonly string[], max: number): string {
  return `\`\`\`\n${escapedRows(lines, max)}\n\`\`\``;
}

function sourcesText({ sources }: Answer): string | null {
  const all = [...new Set(sources)];
  // The last one stays: it is the model, where one worded the answer.
  const kept = all.length <= maxSources ? all : [...all.slice(0, maxSources - 1), ...all.slice(-1)];
  const cited = kept.map((source) => escaped(source, 60));
  const rest = all.length - cited.length;
  return cited.length === 0 ? null : `_Read from: ${cited.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}_`;
}

/** The whole of it, for a message that is edited. */
export function answerBlocks(answer: Answer, answerId: string): KnownBlock[] {
  return [section(answerText(answer)), ratingBlock(answerId)];
}

/** The sentence of a streamed message, which is Markdown and becomes its text: what a notification and a screen reader say. */
export function streamedSentence({ text }: Answer): string {
  return plainLine(text, maxText)
    .replace(/[\\`*_[\]#|~]/g, '\\$&')
    .replace(/:\/\/|\bwww\./gi, (start) => `${start.slice(0, -1)}\u200b${start.slice(-1)}`);
}

/** What stands below that sentence. */
export function streamedBlocks(answer: Answer, answerId: string): KnownBlock[] {
  const cited = sourcesText(answer);
  return [
    ...(answer.lines.length === 0 ? [] : [section(fencedRows(answer.lines, maxStreamedRows))]),
    ...(cited === null ? [] : [{ type: 'context' as const, elements: [{ type: 'mrkdwn' as const, text: cited, verbatim: true }] }]),
    ratingBlock(answerId),
  ];
}

function section(text: string): KnownBlock {
  return { type: 'section', text: { type: 'mrkdwn', text, verbatim: true } };
}
