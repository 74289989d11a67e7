import { describe, expect, it } from 'vitest';
import type { FilePatch } from '../../src/domain/change.ts';
import { cluesIn } from '../../src/domain/clues.ts';
import { suspectIn } from '../../src/domain/suspect-change.ts';

/** A change of a payment service: five files, one of which is to be found each time. */
const charge: FilePatch = {
  file: 'services/payment/src/charge.js',
  patch: [
    '@@ -10,4 +10,5 @@ function readCard(body) {',
    '   const number = body.number;',
    '-  return number;',
    '+  if (!number) return null;',
    '+  return number.trim();',
    ' }',
    '@@ -40,6 +41,6 @@ async function chargeCard(card) {',
    '   const client = gateway();',
    '-  const answer = await client.charge(card, { retries: 3 });',
    '+  const answer = await client.charge(card, { retries: 0 });',
    '   return answer.reference;',
    ' }',
  ].join('\n'),
};
const settings: FilePatch = {
  file: 'services/payment/src/settings.js',
  patch:
    "@@ -1,2 +1,2 @@\n-export const timeoutMs = Number(env.PAYMENT_TIMEOUT_MS ?? 3000);\n+export const timeoutMs = Number(env.PAYMENT_TIMEOUT_MS ?? 300);\n export const region = 'eu';",
};
const routes: FilePatch = {
  file: 'services/payment/src/routes.js',
  patch:
    "@@ -5,2 +5,3 @@\n app.get('/health', ok);\n-app.post('/payments/:id/capture', capture);\n+app.post('/payments/:id/capture', strict, capture);\n+app.use(limits);",
};
const ledger: FilePatch = {
  file: 'services/payment/src/main/java/com/acme/pay/LedgerWriter.java',
  patch:
    '@@ -70,3 +70,3 @@ class LedgerWriter {\n   void write(Entry entry) {\n-    store.append(entry);\n+    store.append(entry.withCurrency(currencyOf(entry)));\n   }',
};
const manual: FilePatch = {
  file: 'docs/payment.md',
  patch: '@@ -1,1 +1,2 @@\n # Payment\n+Set PAYMENT_TIMEOUT_MS and call chargeCard; insufficient merchant reserve is refused.',
};
const change = [manual, charge, settings, routes, ledger];

const find = (...texts: string[]) => suspectIn(change, cluesIn(texts, ['payment']));

describe('suspectIn', () => {
  it.each([
    {
      name: 'a frame of a stack in JavaScript',
      text: 'TypeError: x is undefined\n    at chargeCard (/app/services/payment/src/charge.js:42:15)\n    at process (node:internal:1:1)',
      file: charge.file,
      holds: 'retries: 0',
      why: 'line 42',
    },
    {
      name: 'another line of the same file, so its other hunk',
      text: 'TypeError: x is undefined\n    at readCard (file:///srv/payment/src/charge.js:12:3)',
      file: charge.file,
      holds: 'number.trim()',
      why: 'line 12',
    },
    {
      name: 'a frame in Java, whose file has no folder of its own',
      text: 'java.lang.NullPointerException: null\n\tat com.acme.pay.LedgerWriter.write(LedgerWriter.java:71)\n\tat java.lang.Thread.run(Thread.java:1)',
      file: ledger.file,
      holds: 'currencyOf',
      why: 'line 71',
    },
    {
      name: 'a configuration key',
      text: 'gateway gave up after PAYMENT_TIMEOUT_MS=300',
      file: settings.file,
      holds: '?? 300',
      why: 'PAYMENT_TIMEOUT_MS',
    },
    {
      name: 'a route with a parameter',
      text: 'POST /api/payments/{id}/capture\n422',
      file: routes.file,
      holds: 'strict',
      why: '/api/payments/{id}/capture',
    },
    { name: 'a logger', text: 'com.acme.pay.LedgerWriter\ncannot go on', file: ledger.file, holds: 'withCurrency', why: 'LedgerWriter' },
    { name: 'a function that a span names', text: 'chargeCard', file: charge.file, holds: 'retries: 0', why: 'chargeCard' },
  ])('finds the hunk by $name', ({ text, file, holds, why }) => {
    const suspect = find(text);
    expect(suspect?.file).toBe(file);
    expect(suspect?.hunk).toContain(holds);
    expect(suspect?.hunk).toMatch(/^@@ /);
    expect(suspect?.why).toContain(why);
  });

  it('finds it by several rare words of a message', () => {
    expect(find('append refused: currencyOf gave nothing withCurrency')?.file).toBe(ledger.file);
  });

  it.each([
    ['nothing was said', []],
    ['what was said is in no line', ['connection to db:orders refused (ECONNREFUSED)']],
    ['only words of every log agree', ['ERROR request failed with status 500']],
    ['only the name of the service agrees', ['payment payment payment']],
    ['the file of the frame is called like any other', ['at f (/app/index.js:6:1)']],
  ])('names none where %s', (_, texts) => expect(find(...texts)).toBeNull());

  it('does not take a frame of compiled code for a line of the source', () => {
    const compiled = { ...charge, file: 'services/payment/src/charge.ts' };
    const suspect = suspectIn([compiled], cluesIn(['Error: x\n    at f (/app/services/payment/src/charge.js:42:15)']));
    expect(suspect?.why).not.toContain('line');
  });

  it('prefers code to the document that says the same', () => {
    expect(find('chargeCard\nPAYMENT_TIMEOUT_MS')?.file).not.toBe(manual.file);
  });

  it('cuts a long hunk around the line that the frame points at', () => {
    const lines = Array.from({ length: 300 }, (_, i) => `+  step(${i + 1});`);
    const long = { file: 'src/steps.py', patch: `@@ -0,0 +1,300 @@\n${lines.join('\n')}` };
    const { hunk } = suspectIn([long], cluesIn(['Traceback\n  File "/srv/src/steps.py", line 250, in step\nValueError: no']))!;
    expect(hunk).toContain('step(250)');
    expect(hunk.split('\n').length).toBeLessThan(45);
  });

  it('gives the same answer for the same input, and one for input that is no diff', () => {
    expect(find('PAYMENT_TIMEOUT_MS')).toEqual(find('PAYMENT_TIMEOUT_MS'));
    expect(
      suspectIn(
        [
          { file: 'a.js', patch: 'not a diff' },
          { file: 'b.js', patch: '@@ nonsense @@' },
        ],
        cluesIn(['nonsense a.js:1']),
      ),
    ).toBeNull();
  });

  it('reads text made to be slow in no more steps than any other', () => {
    const hostile = [
      'a'.repeat(6_000),
      'a.'.repeat(3_000),
      'A_'.repeat(3_000),
      '/a'.repeat(3_000),
      'a-'.repeat(3_000),
      'at '.repeat(2_000),
    ];
    for (const text of hostile) expect(cluesIn([text]).frames).toEqual([]);
  });
});
