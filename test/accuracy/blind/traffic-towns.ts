/** The systems whose traffic is made: who calls whom for which operation, what stores they have, and in which dialect they log. */
export type Via = 'http' | 'grpc' | 'sql' | 'cache' | 'queue' | 'outside';
export interface Step {
  readonly to: string;
  readonly via: Via;
  readonly operation: string;
  readonly share: number;
  readonly tries: number;
}
export interface Work {
  readonly service: string;
  readonly operation: string;
  readonly own: number;
  readonly steps: readonly Step[];
}
export interface Town {
  readonly name: string;
  readonly half: 'open' | 'closed';
  readonly form: 'metrics' | 'logs';
  readonly dialect: keyof typeof dialects;
  readonly stores: Readonly<Record<string, string>>;
  readonly entries: readonly string[];
  readonly works: readonly Work[];
}

/** `pay.Charge 12 > grpc ledger.Post, sql pay-db "INSERT charge" 0.9 x2`: own milliseconds, then calls with their share and tries. */
function works(text: string): Work[] {
  return text
    .trim()
    .split('\n')
    .map((row) => {
      const [head, tail = ''] = row.trim().split(/\s*>\s*/);
      const [place, own] = head!.split(' ');
      const [service, operation] = place!.split('.');
      const steps = tail
        .split(';')
        .map((step) => step.trim())
        .filter((step) => step !== '')
        .map((step) => {
          const parts = /^(\w+) ([\w-]+)(?:\.(\w+))?(?: "([^"]+)")?(?: ([\d.]+))?(?: x(\d))?$/.exec(step);
          if (parts === null) throw new Error(`not a step: ${step}`);
          return {
            via: parts[1] as Via,
            to: parts[2]!,
            operation: parts[3] ?? parts[4] ?? 'call',
            share: Number(parts[5] ?? 1),
            tries: Number(parts[6] ?? 1),
          };
        });
      return { service: service!, operation: operation!, own: Number(own), steps };
    });
}

export const dialects = {
  pipes: (level: string, service: string, text: string, fields: string) => `${level}|${service}|worker-3|${text}|${fields}`,
  nested: (level: string, service: string, text: string, fields: string) =>
    JSON.stringify({ '@timestamp': '-', log: { level }, service: { name: service }, message: `${text} ${fields}` }),
  syslog: (level: string, service: string, text: string, fields: string) =>
    `<${level === 'error' ? 131 : 134}>1 - node7 ${service} 1 - - ${text} (${fields})`,
  brackets: (level: string, service: string, text: string, fields: string) =>
    `[${level[0]!.toUpperCase()}] {${service}} ${text} :: ${fields}`,
} as const;

export const towns: readonly Town[] = [
  {
    name: 'harvest',
    half: 'open',
    form: 'metrics',
    dialect: 'pipes',
    entries: ['edge.Browse', 'edge.Buy'],
    stores: { 'lots-pg': 'postgresql', 'bids-pg': 'postgresql', hot: 'redis', auctions: 'kafka' },
    works: works(`
      edge.Browse 4 > grpc lots.List; grpc profile.Get 0.7
      edge.Buy 5 > grpc bids.Place x2; grpc profile.Get
      lots.List 9 > sql lots-pg "SELECT lots"; cache hot "GET" ; http images.Sign 0.5
      bids.Place 11 > sql bids-pg "INSERT bid"; grpc risk.Check; queue auctions.Placed
      risk.Check 14 > cache hot "HGETALL"; outside scoring-vendor "POST /score" 0.6
      profile.Get 6 > sql bids-pg "SELECT user"
      images.Sign 3 >
      settle.Placed 16 > sql bids-pg "UPDATE bid"; grpc mailer.Send 0.5
      mailer.Send 7 >`),
  },
  {
    name: 'orbit',
    half: 'closed',
    form: 'metrics',
    dialect: 'pipes',
    entries: ['gateway.Search', 'gateway.Reserve'],
    stores: { 'search-es': 'elasticsearch', 'resv-mysql': 'mysql', memo: 'memcached', jobs: 'rabbitmq' },
    works: works(`
      gateway.Search 5 > http search.Query; http geo.Locate 0.6
      gateway.Reserve 6 > http reserve.Create; http loyalty.Points 0.5
      search.Query 12 > sql search-es "POST _search"; cache memo "get"; http prices.Quote
      prices.Quote 8 > cache memo "get"; http fx.Rate 0.4 x2
      fx.Rate 3 > outside rates-vendor "GET /latest" 0.3
      reserve.Create 13 > sql resv-mysql "INSERT reservation"; http prices.Quote; http cards.Authorize; queue jobs.Confirm
      cards.Authorize 10 > outside card-network "POST /auth"
      loyalty.Points 5 > sql resv-mysql "SELECT points"
      geo.Locate 4 >
      confirm.Confirm 15 > sql resv-mysql "UPDATE reservation"; http notices.Push 0.7
      notices.Push 6 >`),
  },
  {
    name: 'atelier',
    half: 'open',
    form: 'logs',
    dialect: 'nested',
    entries: ['studio.Open', 'studio.Save'],
    stores: { 'works-pg': 'postgresql', sessions: 'redis', renders: 'rabbitmq' },
    works: works(`
      studio.Open 5 > http canvas.Load; http people.Who
      studio.Save 6 > http canvas.Store; queue renders.Render
      canvas.Load 9 > sql works-pg "SELECT work"; http fonts.List 0.5
      canvas.Store 12 > sql works-pg "INSERT work"; http quota.Check
      people.Who 4 > cache sessions "GET"
      quota.Check 5 > sql works-pg "SELECT quota"
      fonts.List 3 >
      renderer.Render 30 > http canvas.Load; http bucket.Put
      bucket.Put 8 >`),
  },
  {
    name: 'quarry',
    half: 'closed',
    form: 'logs',
    dialect: 'syslog',
    entries: ['kiosk.Order', 'kiosk.Track'],
    stores: { 'stock-my': 'mysql', route: 'redis', trucks: 'kafka' },
    works: works(`
      kiosk.Order 6 > grpc orders.Create; grpc prices.Get 0.6
      kiosk.Track 4 > grpc trucks-api.Where
      orders.Create 12 > sql stock-my "INSERT order"; grpc stock.Hold; queue trucks.Dispatch
      stock.Hold 8 > sql stock-my "UPDATE stock" x2
      prices.Get 5 > cache route "GET"
      trucks-api.Where 7 > cache route "HGET"; grpc maps.Eta 0.6
      maps.Eta 9 >
      dispatch.Dispatch 14 > grpc maps.Eta; sql stock-my "SELECT order"`),
  },
];
