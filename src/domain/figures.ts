/** What a model may not make up: figures, and ways to reach somebody. */

/** `2.4.1`, `1,200`, `10:02:41`: figures as they are written. */
export function numbersIn(text: string): string[] {
  return text.match(/\d+(?:[.,:]\d+)*/g) ?? [];
}

const spelled: Readonly<Record<string, string>> = {
  three: '3',
  four: '4',
  five: '5',
  six: '6',
  seven: '7',
  eight: '8',
  nine: '9',
  ten: '10',
  eleven: '11',
  twelve: '12',
  thirteen: '13',
  fourteen: '14',
  fifteen: '15',
  sixteen: '16',
  seventeen: '17',
  eighteen: '18',
  nineteen: '19',
  twenty: '20',
  thirty: '30',
  forty: '40',
  fifty: '50',
  sixty: '60',
  seventy: '70',
  eighty: '80',
  ninety: '90',
  hundred: '100',
  hundreds: '100',
  thousand: '1000',
  thousands: '1000',
  million: '1000000',
  millions: '1000000',
  dozen: '12',
  dozens: '12',
  half: '50',
  twice: '2',
  double: '2',
  doubled: '2',
  tripled: '3',
};

/** Figures in words, each as the word and as the figure; `one` and `two` are words like others. */
export function spelledNumbersIn(text: string): { readonly word: string; readonly figure: string }[] {
  return (text.toLowerCase().match(/[a-z]+/g) ?? []).flatMap((word) => {
    const figure = Object.hasOwn(spelled, word) ? spelled[word] : undefined;
    return figure === undefined ? [] : [{ word, figure }];
  });
}

/** Addresses and mentions: a model makes no links and calls nobody. */
export function reachesOut(text: string): boolean {
  return /[a-z][a-z0-9+.-]{0,40}:\/\/|\bwww\.|mailto:|<[!@#]|@(?:channel|here|everyone)\b|\]\(/i.test(text);
}
