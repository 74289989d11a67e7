import { describe, expect, it } from 'vitest';
import { createMiner, type Miner, restoreMiner } from '../../../src/domain/templates/miner.ts';
import { choiceWords, dateWords, unitWords } from '../../../src/domain/templates/words.ts';

function textsOf(bodies: readonly string[], miner: Miner = createMiner()): string[] {
  const numbers = bodies.map((body) => miner.add(body));
  return [...new Set(numbers.map((number) => miner.text(number)))];
}

const users = ['alice', 'bob', 'carol', 'dora', 'emil', 'fay', 'gus'];

describe('what is masked', () => {
  it.each([
    { name: 'numbers and ids', bodies: ['order 12 of cart a9f3 done', 'order 7 of cart 00bc1 done'], text: 'order <*> of cart <*> done' },
    {
      name: 'addresses with and without a port',
      bodies: ['dial 10.0.0.1:80 failed', 'dial db.internal:5432 failed', 'dial ::ffff:10.1.2.3 failed'],
      text: 'dial <*> failed',
    },
    { name: 'times and dates', bodies: ['started at Fri Jun 17 07:07:00 2005', 'started at 2024-02-03T04:05:06Z'], text: 'started at <*>' },
    { name: 'hex without a digit', bodies: ['flags deadbeef set', 'flags ffffffff set'], text: 'flags <*> set' },
    {
      name: 'paths',
      bodies: ['cannot open /etc/hosts', 'cannot open /var/lib/x/y', 'cannot open C:\\Windows\\Temp'],
      text: 'cannot open <*>',
    },
    { name: 'requests with a query', bodies: ['"GET /v1/a HTTP/1.1" ok', '"GET /v1/b?x=1&y=a:b,c HTTP/1.1" ok'], text: '"GET <*>" ok' },
    { name: 'quoted words', bodies: ["no such user 'alice'", "no such user 'bob'"], text: "no such user '<*>'" },
    {
      name: 'lists of any length',
      bodies: ['peers 10.0.0.1:1, 10.0.0.2:1', 'peers 10.0.0.1:1, 10.0.0.2:1, 10.0.0.3:1'],
      text: 'peers <*>',
    },
    { name: 'sizes in two units', bodies: ['sent 12 bytes', 'sent 1345 bytes (1.31 KB)'], text: 'sent <*>' },
    { name: 'truth values', bodies: ['ready=true', 'ready=false'], text: 'ready=<*>' },
    {
      name: 'letters beyond ASCII beside them',
      bodies: ['größe 12 überschritten', 'größe 13 überschritten'],
      text: 'größe <*> überschritten',
    },
  ])('$name', ({ bodies, text }) => expect(textsOf(bodies)).toEqual([text]));

  it('every unit, also in capitals, every date and every truth value', () => {
    const upper = [...unitWords].filter((word) => /^\w+$/.test(word)).map((word) => word.toUpperCase());
    for (const word of [...unitWords, ...upper, ...dateWords]) expect([word, ...textsOf([`took 12 ${word}`])]).toEqual([word, 'took <*>']);
    for (const word of choiceWords) expect([word, ...textsOf([`ready ${word} now`])]).toEqual([word, 'ready <*> now']);
  });

  it.each([
    {
      name: 'lists of words, whatever their length',
      bodies: ['stops=[york, leeds, hull]', 'stops=[york, leeds]'],
      text: 'stops=[<*>]',
    },
    {
      name: 'lists of quoted words',
      bodies: ["ids=['a', 'b', 'c']", "ids=['d', 'e']"],
      text: "ids=['<*>']",
    },
    {
      name: 'repeated groups',
      bodies: ['got [Seat(no=1, row=x), Seat(no=2, row=x)]', 'got [Seat(no=4, row=x), Seat(no=5, row=x), Seat(no=6, row=x)]'],
      text: 'got [Seat(no=<*>, row=x)]',
    },
    {
      name: 'keys of JSON stay, its numbers do not',
      bodies: ['{"level":"info","message":"cart 12 saved","ms":3}', '{"level":"info","message":"cart 13 saved","ms":41}'],
      text: '{"level":"info","message":"cart <*> saved","ms":<*>}',
    },
    {
      name: 'the place in the code stays',
      bodies: ['12:01:02 INFO a.b.OrderController#45 order 12 read', '12:01:03 INFO a.b.OrderController#45 order 13 read'],
      text: '<*> INFO a.b.OrderController#45 order <*> read',
    },
    { name: 'dots that fill a line', bodies: ['cache parity......0', 'cache parity.........12'], text: 'cache parity......<*>' },
    { name: 'an apostrophe is no quote', bodies: ["can't reach node 1, won't try"], text: "can't reach node <*>, won't try" },
  ])('$name', ({ bodies, text }) => expect(textsOf(bodies)).toEqual([text]));

  it('tells two places in the code apart', () => {
    expect(textsOf(['a.b.OrderController#45 ok', 'a.b.OrderController#46 ok'])).toHaveLength(2);
  });

  it('keeps apart what says different things', () => {
    expect(textsOf(['disk 1 full', 'disk 1 failed', 'session opened', 'session closed', ''])).toHaveLength(5);
  });
});

describe('words that vary', () => {
  it('stay apart while there are few of them', () => {
    const miner = createMiner();
    expect(new Set(users.slice(0, 3).map((user) => miner.add(`login of ${user} refused`))).size).toBe(3);
  });

  it('become one template once there are many, under the oldest number and id', () => {
    const miner = createMiner();
    const numbers = users.map((user) => miner.add(`login of ${user} refused`));
    const id = createMiner();
    id.add('login of alice refused');
    expect(new Set(numbers.map((number) => miner.canonical(number)))).toEqual(new Set([0]));
    expect(miner.text(0)).toBe('login of <*> refused');
    expect(miner.stableId(0)).toBe(id.stableId(0));
    expect(miner.add('login of somebody-new refused')).toBe(0);
  });

  it('that say what happened stay apart longer than names', () => {
    const states = ['Started', 'Paused', 'Resumed', 'Stopped', 'Suspended', 'Crashed'];
    expect(textsOf(states.map((state) => `machine 12 was ${state} by its owner`))).toHaveLength(6);
    expect(textsOf(['port 80 refused', 'port closed refused'])).toHaveLength(2);
  });

  it('after `user` are names as soon as there are two', () => {
    const miner = createMiner();
    const numbers = ['ann', 'bob'].map((user) => miner.add(`session opened for user ${user} by (uid=0)`));
    expect(miner.canonical(numbers[0]!)).toBe(miner.canonical(numbers[1]!));
  });

  it('vary at two places', () => {
    const miner = createMiner();
    for (const user of users)
      for (const place of users) miner.add(`${user} said hello: user ${user} went to ${place} today`.slice(user.length + 1));
    expect(miner.text(miner.add('said hello: user nobody went to nowhere today'))).toBe('said hello: user <*> went to <*> today');
  });

  it('join a template that has a mask at their place, whichever came first', () => {
    expect(textsOf(['login of u1 refused', 'login of root refused'])).toEqual(['login of <*> refused']);
    const miner = createMiner();
    const word = miner.add('login of root refused');
    const masked = miner.add('login of u1 refused');
    expect(miner.canonical(word)).toBe(miner.canonical(masked));
  });
});

describe('odd lines', () => {
  it('goes by the unindented lines of a body with stack frames', () => {
    const frames = (n: number) => Array.from({ length: n }, (_, i) => `\tat a.b.C.m${'x'.repeat(i)}(C.java:${i})`).join('\n');
    expect(textsOf([`boom for id 1\n${frames(3)}\nCaused by: io`, `boom for id 2\n${frames(9)}\nCaused by: io`])).toEqual([
      'boom for id <*> Caused by: io',
    ]);
  });

  it('reads a megabyte line by its beginning', () => {
    const miner = createMiner();
    const number = miner.add(`import failed: ${'x '.repeat(600_000)}`);
    expect(miner.add(`import failed: ${'x '.repeat(500_000)}`)).toBe(number);
    expect(miner.text(number).length).toBeLessThan(2100);
  });

  it('takes empty, blank and broken text', () => {
    const miner = createMiner();
    expect(miner.add('')).toBe(miner.add(' \n\t '));
    expect(miner.text(miner.add('\ud800 broken \udc00'))).toContain('broken');
    expect(miner.text(99)).toBe('<*>');
  });
});

describe('memory', () => {
  it('keeps at most the given number of templates and never gives a number twice', () => {
    const miner = createMiner({ maxTemplates: 50 });
    const word = (n: number) => n.toString(26).replace(/\d/g, (digit) => 'qrstuvwxyz'[Number(digit)]!);
    const seen = new Set<number>();
    for (let n = 0; n < 2000; n++) {
      const number = miner.add(`${word(n)} ${word(n * 7 + 1)} ${word(n * 13 + 2)} happened ${'again '.repeat(n % 7)}`);
      expect(seen.has(number)).toBe(false);
      seen.add(number);
    }
    expect((miner.snapshot() as { forms: unknown[] }).forms.length).toBeLessThanOrEqual(50);
  });

  it('keeps what is in use and forgets what is not', () => {
    const miner = createMiner({ maxTemplates: 8 });
    const kept = miner.add('heartbeat ok');
    for (const user of [...users, ...users.map((user) => `${user}${user}`)]) {
      miner.add(`${user} ${user} ${user}`);
      expect(miner.add('heartbeat ok')).toBe(kept);
    }
  });
});

describe('snapshot', () => {
  it('carries on where it was, through JSON', () => {
    const miner = createMiner();
    for (const user of users) miner.add(`login of ${user} refused`);
    const other = miner.add('cache warm');
    const restored = restoreMiner(JSON.parse(JSON.stringify(miner.snapshot())));
    expect(restored.add('login of zoe refused')).toBe(0);
    expect(restored.add('cache warm')).toBe(other);
    expect(restored.stableId(0)).toBe(miner.stableId(0));
    expect(restored.canonical(3)).toBe(0);
    expect(restored.add('something else')).toBe(miner.size);
  });

  it('remembers words seen before it', () => {
    const miner = createMiner();
    for (const user of users.slice(0, 4)) miner.add(`login of ${user} refused`);
    const restored = restoreMiner(JSON.parse(JSON.stringify(miner.snapshot())));
    expect(restored.text(restored.add('login of emil refused'))).toBe('login of <*> refused');
  });

  it.each([null, undefined, 3, {}, { version: 2 }, { version: 1, forms: 'x' }])('starts afresh from %j', (snapshot) => {
    expect(restoreMiner(snapshot).add('x')).toBe(0);
  });
});
