/**
 * How much a card shows. Slack refuses a message past 50 blocks, 3,000 characters in a section, or about 13,200 in all
 * (docs.slack.dev block reference; bolt-js issue 2509), so a card is drawn with all its detail first and with less until
 * it fits: long evidence goes first, what is broken and the verdict buttons never.
 */
import type { KnownBlock } from '@slack/types';

export interface Detail {
  readonly evidence: number;
  readonly against: number;
  /** Characters of one evidence line. */
  readonly line: number;
  readonly summary: number;
  readonly name: number;
  /** Lines of a suspect change's hunk. */
  readonly hunkRows: number;
  readonly hops: number;
  readonly others: number;
  readonly gaps: number;
}

export const details: readonly [Detail, ...Detail[]] = [
  { evidence: 4, against: 2, line: 280, summary: 600, name: 140, hunkRows: 12, hops: 7, others: 12, gaps: 4 },
  { evidence: 3, against: 1, line: 200, summary: 400, name: 90, hunkRows: 8, hops: 5, others: 8, gaps: 3 },
  { evidence: 2, against: 1, line: 140, summary: 240, name: 60, hunkRows: 4, hops: 4, others: 5, gaps: 2 },
  { evidence: 1, against: 0, line: 100, summary: 160, name: 40, hunkRows: 0, hops: 3, others: 3, gaps: 1 },
];

export const limits = { blocks: 50, characters: 12_000, section: 3_000, context: 2_000, text: 3_900, label: 75 } as const;

export function fits(blocks: readonly KnownBlock[]): boolean {
  return blocks.length <= limits.blocks && characters(blocks) <= limits.characters && blocks.every(isWithinBlock);
}

/** Everything a reader could see, counted as Slack counts it: escaped. */
export function characters(blocks: readonly KnownBlock[]): number {
  let total = 0;
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, inner] of Object.entries(value)) {
      if (key === 'text' && typeof inner === 'string') total += inner.length;
      else walk(inner);
    }
  };
  walk(blocks);
  return total;
}

function isWithinBlock(block: KnownBlock): boolean {
  if (block.type === 'section') return (block.text?.text.length ?? 0) <= limits.section;
  if (block.type === 'context')
    return block.elements.length <= 10 && block.elements.every((e) => !('text' in e) || e.text.length <= limits.context);
  return true;
}
