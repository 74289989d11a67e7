/** Signs that are not seen but change what is: terminals obey some, and others make text read in another order than it stands. */

/** Overrides and isolates of writing direction. */
export const bidiControls = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** One line of text, safe to print. */
export function withoutControls(text: string): string {
  return text.replace(bidiControls, '').replace(/\p{Cc}+/gu, ' ');
}
