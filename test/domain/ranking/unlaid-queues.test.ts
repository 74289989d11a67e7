/** Clients of a broker that miss queues there. */
import { describe, expect, it } from 'vitest';
import { causeOf, type Line, rankLines, working } from './lines-only.ts';

const times = (text: string, until = 195): Line[] => Array.from({ length: Math.floor(until / 12) }, (_, i): Line => [6 + i * 12, text, 17]);
const ports = { desk: 7000, door: 7001, shelf: 7002, post: 5672 };
const directory = Object.entries(ports).map(([name, port], i) => ({ name, addresses: [`10.7.0.${i + 2}`], ports: [port] }));

function cause(said: Readonly<Record<string, readonly Line[]>>, hasPast = false): string | null {
  const printed = Object.keys(ports).map((name) => [name, [...working(name), ...(said[name] ?? [])]]);
  return causeOf(rankLines(Object.fromEntries(printed), { directory, hasPast }));
}

const publisher = times("channel error; reply-code=404, reply-text=NOT_FOUND - no exchange 'letters' in vhost '/'");
const consumer = times('Failed to declare queue: letters');
const broker = times("operation basic.publish caused a channel exception not_found: no exchange 'letters' in vhost '/'");

describe('a broker without the queues its clients ask for', () => {
  it('is at fault where several miss what they ask for', () =>
    expect(cause({ desk: publisher, door: consumer, post: broker })).toBe('post'));

  it.each([
    ['one client alone misses it', { desk: publisher, post: broker }],
    ['the broker says nothing of it', { desk: publisher, door: consumer }],
    ['it is so at the start alone', { desk: publisher.slice(0, 4), door: consumer.slice(0, 4), post: broker.slice(0, 4) }],
  ])('is not where %s', (_, said) => expect(cause(said)).not.toBe('post'));

  it('is not where it was so while all was well', () => expect(cause({ desk: publisher, door: consumer, post: broker }, true)).toBeNull());
});
