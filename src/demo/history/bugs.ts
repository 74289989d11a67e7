/**
 * Releases that break their service: what was changed, and the exception that follows from it. The file and the line in the
 * exception's stack are those of the released code, as they would be.
 */
import { sources } from './sources.ts';

export interface Bug {
  readonly service: string;
  readonly version: string;
  readonly title: string;
  readonly body: string;
  /** The change to the service's file. */
  readonly edit: readonly [from: string, to: string];
  /** What throws, and with which words. */
  readonly error: { readonly name: 'TypeError' | 'TimeoutError'; readonly message: string };
  /** As it stands in the released code, in which function; the stack leads to where `points` begins in it. */
  readonly expression: string;
  readonly points: string;
  readonly within: string;
}

export const bugs: readonly Bug[] = [
  {
    service: 'pricing',
    version: '1.5.0',
    title: 'pricing: campaign prices take precedence',
    body: 'Quotes come from the running campaign, so that marketing can change them without a release.',
    edit: [
      `  const price = prices.of(query.get('sku'));
  log.info('quoted ' + query.get('sku'));
  return { cents: price.cents, currency: price.currency };`,
      `  const { campaign } = prices.of(query.get('sku'));
  const price = campaign.offers.find((offer) => offer.until > Date.now());
  log.info('quoting ' + query.get('sku') + ' in ' + price.currency);
  return { cents: price.cents, currency: price.currency };`,
    ],
    ...readingUndefined('price.currency'),
    within: 'quote',
  },
  {
    service: 'payment',
    version: '1.13.0',
    title: 'payment: charge the wallet the customer marked as default',
    body: 'Customers may keep several wallets now; the default one is charged.',
    edit: [
      `  const wallet = wallets.of(query.get('user'));
  await store`,
      `  const wallet = wallets.of(query.get('user')).find((candidate) => candidate.isDefault);
  gateway.prepare(wallet.currency);
  await store`,
    ],
    ...readingUndefined('wallet.currency'),
    within: 'charge',
  },
  {
    service: 'inventory',
    version: '4.1.0',
    title: 'inventory: answer from the nearest warehouse',
    body: 'Stock is kept per warehouse; the one nearest to the visitor is asked first.',
    edit: [
      `  const row = await store('postgresql', 'SELECT stock', query.get('sku'));
  log`,
      `  const rows = await store('postgresql', 'SELECT stock', query.get('sku'));
  const row = rows.find((candidate) => candidate.region === query.get('region'));
  if (row.warehouse === null) throw new Refusal(404, 'not kept anywhere');
  log`,
    ],
    ...readingUndefined('row.warehouse'),
    within: 'stock',
  },
  {
    service: 'session',
    version: '1.10.0',
    title: 'session: ask the nearest replica',
    body: 'Sessions are read from the replica next to the visitor, which answers at once; whoever is slower is not waited for.',
    edit: [
      `await store('redis', 'GET session', query.get('user'));`,
      `await store('redis', 'GET session', query.get('user'), { replica: 'nearest', timeoutMs: 3 });`,
    ],
    error: { name: 'TimeoutError', message: 'GET session: no answer from the replica within 3 ms' },
    expression: `store('redis', 'GET session', query.get('user'), {`,
    points: 'store',
    within: 'verify',
  },
];

/** As V8 words it. */
function readingUndefined(expression: string): Pick<Bug, 'error' | 'expression' | 'points'> {
  const points = expression.split('.')[1] ?? '';
  return { error: { name: 'TypeError', message: `Cannot read properties of undefined (reading '${points}')` }, expression, points };
}

/** The service's file with one change made to it. */
export function edited(text: string, [from, to]: readonly [string, string]): string {
  if (!text.includes(from)) throw new Error(`the code has no ${JSON.stringify(from)} to change`);
  return text.replace(from, () => to);
}

/** With a stack that leads to the line of the released file. */
export function exceptionOf(bug: Bug): Error {
  const source = sources.find(({ service }) => service === bug.service);
  if (source === undefined) throw new Error(`${bug.service} has no code`);
  const before = edited(source.text, bug.edit).split(bug.expression)[0]?.split('\n') ?? [];
  const column = (before.at(-1)?.length ?? 0) + bug.expression.lastIndexOf(bug.points) + 1;
  const error = new Error(bug.error.message);
  error.name = bug.error.name;
  error.stack = [
    `${error.name}: ${error.message}`,
    `    at ${bug.within} (/srv/shop/${source.path}:${before.length}:${column})`,
    '    at async serve (/srv/shop/node_modules/@shop/http/serve.js:41:18)',
  ].join('\n');
  return error;
}
