/**
 * The shop's code as it stood a week ago, a file per service: what its people would have committed. Plain text, never run;
 * the running shop in src/demo/shop does the same things.
 */
const session = `/** Every page asks first whether the visitor's session still holds. */
export async function verify({ query, store, log }) {
  const known = await store('redis', 'GET session', query.get('user'));
  if (!known) throw new Refusal(401, 'expired');
  log.info('session of ' + query.get('user') + ' is valid');
  return { valid: true };
}
`;

const storefront = `export async function home({ query, call, log }) {
  await call('session', '/verify', query);
  const list = await call('catalog', '/list');
  const advice = await call('recommendation', '/for', query).catch(() => ({ skus: [] }));
  log.info('home page for ' + query.get('user') + ' with ' + list.skus.length + ' products');
  return { ...list, advice };
}

export async function product({ query, call, log }) {
  await call('session', '/verify', query);
  const article = await call('catalog', '/article', query);
  const price = await call('pricing', '/quote', query);
  const stock = await call('inventory', '/stock', query);
  log.info('product page ' + query.get('sku'));
  return { article, price, stock };
}
`;

const catalog = `export async function list({ store, log }) {
  const products = await store('postgresql', 'SELECT products');
  log.info('listed ' + products.length + ' products');
  return { skus: products.map((product) => product.sku) };
}

export async function article({ query, store, log }) {
  const product = await store('postgresql', 'SELECT product', query.get('sku'));
  log.info('read product ' + query.get('sku'));
  return { sku: product.sku, name: product.name };
}
`;

const pricing = `export async function quote({ query, prices, log }) {
  const price = prices.of(query.get('sku'));
  log.info('quoted ' + query.get('sku'));
  return { cents: price.cents, currency: price.currency };
}
`;

const inventory = `export async function stock({ query, store, log }) {
  const row = await store('postgresql', 'SELECT stock', query.get('sku'));
  log.info('stock of ' + query.get('sku') + ' read');
  return { left: row.left, warehouse: row.warehouse };
}

export async function reserve({ query, store, log }) {
  await store('postgresql', 'UPDATE stock', query.get('sku'));
  log.info('reserved ' + query.get('sku'));
  return { reserved: true };
}
`;

const recommendation = `export async function advise({ call, model, log }) {
  if (!model.isWarm) {
    log.warn('model not warm, answering without advice');
    throw new Refusal(503, 'no advice right now');
  }
  const { skus } = await call('catalog', '/list');
  return { skus: model.rank(skus).slice(0, 2) };
}
`;

const cart = `const keptHours = 24;

export async function add({ query, call, store, log }) {
  const article = await call('catalog', '/article', query);
  await store('redis', 'HSET cart', query.get('user'), article.sku, { hours: keptHours });
  log.info('added ' + query.get('sku') + ' to the basket of ' + query.get('user'));
  return { added: true };
}

export async function read({ query, store, log }) {
  const articles = await store('redis', 'HGETALL cart', query.get('user'));
  log.info('read the basket of ' + query.get('user'));
  return { articles: articles.length };
}
`;

const checkout = `export async function place({ query, call, store, log }) {
  const basket = await call('cart', '/read', query);
  if (basket.articles === 0) throw new Error('nothing to order');
  const price = await call('pricing', '/quote', query);
  await call('inventory', '/reserve', query);
  await call('payment', '/charge', query);
  const order = await store('postgresql', 'INSERT order', price);
  await call('shipping', '/schedule', query);
  log.info('order ' + order.id + ' stored');
  return { order: order.id };
}
`;

const payment = `export async function charge({ query, store, wallets, gateway, log }) {
  const wallet = wallets.of(query.get('user'));
  await store('postgresql', 'INSERT charge', query.get('user'));
  await gateway.charge(wallet.card, wallet.currency);
  log.info('charged ' + query.get('user'));
  return { charged: true };
}
`;

const shipping = `export async function schedule({ query, call, carriers, log }) {
  const pickup = carriers.next();
  await call('notification', '/send', query);
  log.info('parcel for ' + query.get('user') + ' scheduled');
  return { scheduled: true, pickup };
}
`;

const notification = `export async function send({ query, mail, log }) {
  const bounced = await mail.send(query.get('user'));
  if (!bounced) log.info('mail to ' + query.get('user') + ' sent');
  return { sent: !bounced };
}
`;

export interface ServiceSource {
  readonly service: string;
  /** Of its file in the repository. */
  readonly path: string;
  readonly version: string;
  readonly text: string;
}

const source = (service: string, file: string, version: string, text: string): ServiceSource => ({
  service,
  path: `services/${service}/src/${file}.js`,
  version,
  text,
});

/** Versions are those that run when the shop opens. */
export const sources: readonly ServiceSource[] = [
  source('storefront', 'pages', '3.2.0', storefront),
  source('session', 'verify', '1.9.2', session),
  source('catalog', 'products', '2.7.1', catalog),
  source('pricing', 'quote', '1.4.0', pricing),
  source('inventory', 'stock', '4.0.3', inventory),
  source('recommendation', 'advice', '0.8.0', recommendation),
  source('cart', 'basket', '2.2.5', cart),
  source('checkout', 'place', '5.1.0', checkout),
  source('payment', 'charge', '1.12.4', payment),
  source('shipping', 'schedule', '1.0.9', shipping),
  source('notification', 'mail', '0.3.1', notification),
];

/** What stands beside the code: a deployment builds the version that is written there. */
export function packageText(service: string, version: string): string {
  return `${JSON.stringify({ name: `@shop/${service}`, version, private: true, type: 'module' }, null, 2)}\n`;
}

export function packagePath(service: string): string {
  return `services/${service}/package.json`;
}
