/** What a model may not make up: figures, and ways to reach somebody. */

/** `2.4.1`, `1,200`, `10:02:41`: figures as they are written. */
export function numbersIn(text: string): string[] {
  return text.match(/\d+(?:[.,:]\d+)*/g) ?? [];
}

/** Addresses and mentions: a model makes no links and calls nobody. */
export function reachesOut(text: string): boolean {
  return /[a-z][a-z0-9+.-]{0,40}:\/\/|\bwww\.|mailto:|<[!@#]|@(?:channel|here|everyone)\b|\]\(/i.test(text);
}
