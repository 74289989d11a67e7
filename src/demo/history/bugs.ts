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
  /** What is read from undefined, as it stands in the released code, and in which function. */
  readonly expression: string;
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
    expression: 'price.currency',
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
    expression: 'wallet.currency',
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
    expression: 'row.warehouse',
    within: 'stock',
  },
];

/** The service's file with one change made to it. */
export function edited(text: string, [from, to]: readonly [string, string]): string {
  if (!text.includes(from)) throw new Error(`the code has no ${JSON.stringify(from)} to change`);
  return text.replace(from, () => to);
}

/** As V8 words it, with a stack that leads to the line of the released file. */
export function exceptionOf(bug: Bug): TypeError {
  const source = sources.find(({ service }) => service === bug.service);
  if (source === undefined) throw new Error(`${bug.service} has no code`);
  const before = edited(source.text, bug.edit).split(bug.expression)[0]?.split('\n') ?? [];
  const property = bug.expression.split('.')[1] ?? '';
  const column = (before.at(-1)?.length ?? 0) + bug.expression.length - property.length + 1;
  const error = new TypeError(`Cannot read properties of undefined (reading '${property}')`);
  error.stack = [
    `TypeError: ${error.message}`,
    `    at ${bug.within} (/srv/shop/${source.path}:${before.length}:${column})`,
    '    at async serve (/srv/shop/node_modules/@shop/http/serve.js:41:18)',
  ].join('\n');
  return error;
}
