/** The few words the miner knows by heart: units, names of days and months, values that stand for a choice, endings of states. */
import { hashWord } from './characters.ts';

const units =
  'b bytes byte kb mb gb tb kib mib gib tib kbytes mbytes bit bits ns us µs ms msec msecs millis milliseconds millisecond s sec secs second ' +
  'seconds m min mins minute minutes h hr hrs hour hours d day days hz khz mhz ghz px am pm utc gmt';
const dates =
  'Mon Tue Wed Thu Fri Sat Sun Jan Feb Mar Apr May Jun Jul Aug Sep Sept Oct Nov Dec Monday Tuesday Wednesday Thursday Friday Saturday ' +
  'Sunday January February March April June July August September October November December';
const choices = 'true false True False TRUE FALSE null NULL Null nil None undefined NaN';

/** Words that only matter after a number: `12 KB` and `3 seconds` are one value each. */
export const unitWords: ReadonlySet<string> = new Set(units.split(' '));
/** Words that are part of a time when a number or another of them is next to them. */
export const dateWords: ReadonlySet<string> = new Set(dates.split(' '));
/** Words that are a value wherever they stand. */
export const choiceWords: ReadonlySet<string> = new Set(choices.split(' '));

/** Those of them that say that nothing is there. */
export const absentWords: ReadonlySet<string> = new Set([...choiceWords].filter((word) => word.toLowerCase() !== 'true'));

/** Longest of all of them: a longer word needs no look. */
export const longestKnownWord = 12;

const choiceEnds = new Uint8Array(256);
for (const word of choiceWords) choiceEnds[hashWord(word).hash1 & 0xff] = 1;

/** Whether a word with this first hash may be a value wherever it stands: others need no look. */
export const mayBeChoice = (hash1: number): boolean => choiceEnds[hash1 & 0xff] === 1;

/** First letters of units and dates by their length, a bit each. */
const firstLetters = new Int32Array(longestKnownWord + 1);
for (const word of [...unitWords, ...dateWords]) firstLetters[word.length]! |= 1 << (word.charCodeAt(0) & 31);

/** Whether a word of this length and first letter may be a unit or a date: others need no look. */
export function mayBeKnown(length: number, first: number): boolean {
  return (firstLetters[length]! & (1 << (first & 31))) !== 0;
}

/** Words after which a person is named: two different ones are enough to see that the place varies. */
export const personNouns: ReadonlySet<string> = new Set(['user', 'User', 'username', 'USER']);

/** Started, stopping, LOOKING: a word that says what happened rather than to whom. */
export function isStateWord(word: string): boolean {
  const ending = word.slice(-3).toLowerCase();
  return (
    ending === 'ing' ||
    (ending.endsWith('ed') && word.length > 3) ||
    (word.length > 1 && word === word.toUpperCase() && word !== word.toLowerCase())
  );
}
