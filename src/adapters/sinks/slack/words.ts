/** The words and signs of a card. A sign never stands without its word: not everybody sees colours. */
import type { Severity } from '../../../domain/alert.ts';
import { severityNames } from '../../../domain/wording.ts';

export const severityMarks: Readonly<Record<Severity, { emoji: string; word: string }>> = {
  critical: { emoji: ':red_circle:', word: severityNames.critical },
  warning: { emoji: ':large_orange_circle:', word: severityNames.warning },
  info: { emoji: ':large_blue_circle:', word: severityNames.info },
};
