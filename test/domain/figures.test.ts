import { expect, it } from 'vitest';
import { numbersIn, spelledNumbersIn } from '../../src/domain/figures.ts';

it('finds figures, also those in words', () => {
  expect(numbersIn('2.4.1 lost 1,200 at 10:02:41')).toEqual(['2.4.1', '1,200', '10:02:41']);
  expect(spelledNumbersIn('Forty of a Hundred calls, one service, twofold; constructor')).toEqual([
    { word: 'forty', figure: '40' },
    { word: 'hundred', figure: '100' },
  ]);
});
