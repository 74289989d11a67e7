/** Seven running systems: who calls whom, how often it is measured, and in the naming of which monitoring stack. */
import type { stylists } from './metric-styles.ts';

export interface Fleet {
  readonly name: string;
  readonly half: 'open' | 'closed';
  readonly style: keyof typeof stylists;
  readonly everyMs: number;
  readonly calls: Readonly<Record<string, readonly string[]>>;
}

export const fleets: readonly Fleet[] = [
  {
    name: 'parcel',
    half: 'open',
    style: 'gauges',
    everyMs: 60_000,
    calls: {
      gate: ['track', 'book'],
      track: ['events', 'geo'],
      book: ['price', 'slots', 'pay'],
      price: ['geo'],
      slots: [],
      pay: ['ledger'],
      ledger: [],
      events: [],
      geo: [],
    },
  },
  {
    name: 'news',
    half: 'open',
    style: 'istio',
    everyMs: 30_000,
    calls: {
      front: ['articles', 'comments', 'ads'],
      articles: ['media', 'tags'],
      comments: ['users', 'tags'],
      ads: ['users'],
      media: [],
      tags: [],
      users: [],
    },
  },
  {
    name: 'lessons',
    half: 'open',
    style: 'prometheus',
    everyMs: 30_000,
    calls: { site: ['courses', 'exams'], courses: ['video', 'people'], exams: ['people', 'grades'], video: [], people: [], grades: [] },
  },
  {
    name: 'stays',
    half: 'closed',
    style: 'gauges',
    everyMs: 60_000,
    calls: {
      home: ['rooms', 'reviews'],
      rooms: ['rates', 'photos'],
      reviews: ['guests'],
      rates: ['taxes', 'currency'],
      taxes: [],
      currency: [],
      guests: [],
      photos: [],
    },
  },
  {
    name: 'fleet',
    half: 'closed',
    style: 'otel',
    everyMs: 30_000,
    calls: {
      console: ['trips', 'drivers'],
      trips: ['maps', 'fuel'],
      drivers: ['docs', 'shifts'],
      maps: [],
      fuel: [],
      docs: [],
      shifts: [],
    },
  },
  {
    name: 'tickets',
    half: 'closed',
    style: 'datadog',
    everyMs: 60_000,
    calls: { box: ['seats', 'cart'], seats: ['venue'], cart: ['promo', 'charge'], charge: ['fraud'], venue: [], promo: [], fraud: [] },
  },
  {
    name: 'garden',
    half: 'closed',
    style: 'linkerd',
    everyMs: 30_000,
    calls: {
      shop: ['plants', 'basket'],
      plants: ['images', 'care'],
      basket: ['stock', 'delivery'],
      images: [],
      care: [],
      stock: [],
      delivery: [],
    },
  },
];
