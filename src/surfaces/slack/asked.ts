/** What a command is given, and how names in it are read. */
import type { App } from '../../app.ts';
import { bold, code, escaped } from '../../domain/mrkdwn.ts';
import { nearestName } from '../../domain/near-name.ts';

export interface Asked {
  readonly app: App;
  readonly words: readonly string[];
  readonly person: string;
  readonly now: () => number;
  /** Where people reach the product's own pages; null where that is not known. */
  readonly url: string | null;
}

/** People say `12` or `inc12`; null where no number can be read. */
export function incidentIdIn(typed: string): string | null {
  const number = /^(?:inc-?)?(\d+)$/i.exec(typed)?.[1];
  return number === undefined ? null : `INC-${number}`;
}

/**
 * Null when the name stands on the map, or is near nothing there. Correlation ids hold digits and are close to service
 * names only by accident, so they are never asked back.
 */
export async function didYouMean(app: App, typed: string, again: (name: string) => string): Promise<string | null> {
  const names = (await app.map()).services.map((service) => service.name);
  const near = nearestName(typed, names);
  if (near === null || near.toLowerCase() === typed.toLowerCase() || /\d/.test(typed)) return null;
  return `I know no service ${code(escaped(typed, 80))}. Did you mean ${bold(escaped(near, 120))}? ${code(escaped(again(near), 200))}`;
}
