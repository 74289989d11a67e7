/**
 * How many different words at one place of a template show that the place varies. One number would not do: four states of a
 * machine are four templates, three names of people are one.
 */
import type { Form } from './form.ts';
import { isStateWord, personNouns } from './words.ts';

/** Chosen on the sample logs between 4 (four states of one machine are still apart) and 6 (six account names must be together). */
export const defaultFewWords = 5;
/** A line's first word names what happened. */
const firstWordFactor = 6;
/** A key's values are often few choices (`mode=fast`), a word after a colon the head of a message. */
const choiceFactor = 2;
/** Words like `started` say what happened. */
const stateFactor = 4;

export function wordsNeeded(form: Form, place: number, few: number): number {
  const { tokens } = form;
  if (place === 0) return few * firstWordFactor;
  const before = place > 1 && isQuoteText(tokens[place - 1]!) ? place - 2 : place - 1;
  let needed = few;
  if (personNouns.has(tokens[before]!)) needed = 2;
  else if (tokens[before] === '=' || tokens[before] === ':') {
    needed = personNouns.has(tokens[before - 1] ?? '') ? few : few * choiceFactor;
  }
  return isStateWord(tokens[place]!) ? needed * stateFactor : needed;
}

/** Whether a word goes to a template that has a mask at its place: a name among numbered ones does, `closed` beside a number does not. */
export function joinsMask(form: Form, place: number): boolean {
  return place > 0 && !isStateWord(form.tokens[place]!);
}

function isQuoteText(token: string): boolean {
  return token === '"' || token === "'" || token === '`';
}
