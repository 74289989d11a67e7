/** What the shop's people did in the last week: harmless, every bit of it. */
export interface Author {
  readonly name: string;
  readonly email: string;
}

const author = (name: string): Author => ({
  name,
  email: `${name.toLowerCase().normalize('NFD').replace(/\p{M}/gu, '').replaceAll(' ', '.')}@shop.example`,
});

export const authors = {
  mara: author('Mara Lindqvist'),
  tomas: author('Tomás Reyes'),
  aiko: author('Aiko Tanaka'),
  jonas: author('Jonas Weber'),
} as const;

export interface PlainCommit {
  readonly author: Author;
  readonly hoursAgo: number;
  readonly service: string;
  readonly title: string;
  readonly edit: readonly [from: string, to: string];
}

/** Oldest first; the first commit of all, which brings the code, lies before them. */
export const commits: readonly PlainCommit[] = [
  {
    author: authors.aiko,
    hoursAgo: 141,
    service: 'catalog',
    title: 'catalog: list only what can be bought',
    edit: ["'SELECT products');", "'SELECT products', { onSale: true });"],
  },
  {
    author: authors.jonas,
    hoursAgo: 122,
    service: 'notification',
    title: 'notification: say when a mail bounced',
    edit: [
      '  if (!bounced) log.info',
      "  if (bounced) log.error('mail to ' + query.get('user') + ' bounced, will retry');\n  else log.info",
    ],
  },
  {
    author: authors.mara,
    hoursAgo: 98,
    service: 'session',
    title: 'session: tell visitors why they must log in again',
    edit: [
      "  if (!known) throw new Refusal(401, 'expired');",
      "  if (!known) {\n    log.warn('session of ' + query.get('user') + ' expired');\n    throw new Refusal(401, 'session expired');\n  }",
    ],
  },
  {
    author: authors.tomas,
    hoursAgo: 93,
    service: 'cart',
    title: 'cart: keep baskets for a week',
    edit: ['const keptHours = 24;', 'const keptHours = 7 * 24;'],
  },
  {
    author: authors.aiko,
    hoursAgo: 71,
    service: 'recommendation',
    title: 'recommendation: two suggestions are enough, but good ones',
    edit: ['model.rank(skus).slice(0, 2)', 'model.rank(skus, { leastScore: 0.4 }).slice(0, 2)'],
  },
  {
    author: authors.jonas,
    hoursAgo: 66,
    service: 'checkout',
    title: 'checkout: an empty basket is an error of its own',
    edit: [
      "  if (basket.articles === 0) throw new Error('nothing to order');",
      "  if (basket.articles === 0) {\n    log.error('basket of ' + query.get('user') + ' is empty, cannot place an order');\n    throw new Refusal(500, 'empty basket');\n  }",
    ],
  },
  {
    author: authors.mara,
    hoursAgo: 47,
    service: 'storefront',
    title: 'storefront: ask for product, price and stock at once',
    edit: [
      "  const article = await call('catalog', '/article', query);\n  const price = await call('pricing', '/quote', query);\n  const stock = await call('inventory', '/stock', query);",
      "  const [article, price, stock] = await Promise.all([\n    call('catalog', '/article', query),\n    call('pricing', '/quote', query),\n    call('inventory', '/stock', query),\n  ]);",
    ],
  },
  {
    author: authors.tomas,
    hoursAgo: 44,
    service: 'payment',
    title: 'payment: a charge is worth a line with its currency',
    edit: ["'charged ' + query.get('user'));", "'charged ' + query.get('user') + ' in ' + wallet.currency);"],
  },
  {
    author: authors.jonas,
    hoursAgo: 26,
    service: 'shipping',
    title: 'shipping: no pickups on Sundays',
    edit: ['carriers.next();', "carriers.next({ except: 'Sunday' });"],
  },
  {
    author: authors.aiko,
    hoursAgo: 21,
    service: 'inventory',
    title: 'inventory: say how much was reserved',
    edit: ['return { reserved: true };', 'return { reserved: true, count: 1 };'],
  },
  {
    author: authors.tomas,
    hoursAgo: 5,
    service: 'catalog',
    title: 'catalog: names without blanks around them',
    edit: ['name: product.name }', 'name: product.name.trim() }'],
  },
  {
    author: authors.mara,
    hoursAgo: 1.5,
    service: 'storefront',
    title: 'storefront: advice may wait no longer than half a second',
    edit: ["'/for', query)", "'/for', query, { timeoutMs: 500 })"],
  },
];
