import { describe, expect, it } from 'vitest';
import { emptyEntry } from '../../../src/domain/log-entry.ts';
import { entriesOf } from '../../../src/domain/log-shape/lines.ts';
import { receivedAt } from './sample-lines.ts';

function read(lines: readonly string[], times: readonly number[] = []) {
  const shipped = lines.map((text, i) => ({
    stream: 's',
    reading: { entry: { ...emptyEntry, text, timeMs: times[i] ?? null }, guess: { severity: 0, service: null } },
  }));
  return entriesOf(shipped, receivedAt);
}

const after = '2026-08-20 10:00:01,000 INFO [main] c.a.Cart - next';

/** Each is one entry, between two others. */
const traces = [
  {
    from: 'Java',
    severity: 17,
    text: `2026-08-20 10:00:00,000 ERROR [main] c.a.Cart - Boom
java.lang.IllegalStateException: no cart
	at c.a.Cart.pay(Cart.java:12)
	... 3 common frames omitted
	Suppressed: java.io.IOException: x
		at a.b(C.java:1)
Caused by: java.net.ConnectException: Connection refused
	at java.base/sun.nio.ch.Net.connect(Net.java:1)
	... 31 more`,
  },
  { from: 'Java, alone', severity: 17, text: 'Exception in thread "main" java.lang.NullPointerException: x\n\tat a.B.main(B.java:3)' },
  {
    from: 'Python',
    severity: 17,
    text: `2026-08-20 10:00:00,000 - cart - ERROR - could not pay
Traceback (most recent call last):
  File "/app/pay.py", line 3, in pay
    charge(card)
KeyError: 'card'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/app/pay.py", line 5, in pay
    raise PaymentError("no")
cart.errors.PaymentError: no`,
  },
  {
    from: 'Python, alone',
    severity: 17,
    text: 'Traceback (most recent call last):\n  File "a.py", line 1, in <module>\n    f()\nValueError: bad',
  },
  {
    from: 'Node',
    severity: 17,
    text: `Error: connect ECONNREFUSED 10.0.0.7:5432
    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1495:16) {
  errno: -111,
  code: 'ECONNREFUSED'
}`,
  },
  {
    from: 'Node, uncaught',
    severity: null,
    text: `/app/pay.js:3
    throw new Error('no');
    ^

Error: no
    at pay (/app/pay.js:3:9)

Node.js v24.1.0`,
  },
  {
    from: 'Go',
    severity: 21,
    text: `panic: runtime error: invalid memory address or nil pointer dereference
[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x47]

goroutine 1 [running]:
main.(*Cart).Pay(0xc000012345, {0x1, 0x2})
	/app/main.go:12 +0x1d
created by main.main in goroutine 1
	/app/main.go:5 +0x2b
exit status 2`,
  },
  {
    from: '.NET',
    severity: 17,
    text: `fail: Cart.Payments[12]
      Declined
      System.InvalidOperationException: no card
       ---> System.IO.IOException: reset
         at Cart.Net.Send() in /src/Net.cs:line 3
         --- End of inner exception stack trace ---
         at Cart.Payments.Pay() in /src/Pay.cs:line 12`,
  },
  {
    from: '.NET, Serilog',
    severity: 17,
    text: `2026-08-20 10:00:00.000 +00:00 [ERR] Declined
System.InvalidOperationException: no card
   at Cart.Payments.Pay() in /src/Pay.cs:line 12
--- End of stack trace from previous location ---
   at Cart.Api.Post()`,
  },
  {
    from: 'Ruby',
    severity: null,
    text: `app/pay.rb:3:in 'charge': no card (RuntimeError)
	from app/pay.rb:9:in 'pay'
	from app.rb:1:in '<main>'`,
  },
  {
    from: 'Rails',
    severity: 21,
    text: `F, [2026-08-20T10:00:00.123456 #7] FATAL -- : NoMethodError (undefined method 'x')
app/pay.rb:3:in 'charge'
app/pay.rb:9:in 'pay'`,
  },
  {
    from: 'PHP',
    severity: 21,
    text: `[20-Aug-2026 10:00:00 UTC] PHP Fatal error:  Uncaught Exception: no in /app/a.php:3
Stack trace:
#0 /app/b.php(3): pay()
#1 {main}
  thrown in /app/a.php on line 3`,
  },
  { from: 'a statement over lines', severity: 17, text: '2026-08-20 10:00:00.000 UTC [77] ERROR:  syntax error\n\tSELECT *\n\t  FROM x' },
];

describe('lines of one stream', () => {
  it.each(traces)('are joined: $from', ({ text, severity }) => {
    const entries = read(['INFO: before', ...text.split('\n'), after]);
    expect(entries.map((entry) => entry.text.split('\n')[0])).toHaveLength(3);
    expect(entries[2]?.text).toBe('next');
    const lines = text.split('\n');
    expect(entries[1]?.text.endsWith(lines.slice(-2).join('\n').trim())).toBe(true);
    if (severity !== null) expect(entries[1]?.severity).toBe(severity);
  });

  it.each(traces)('are joined under what a container runtime puts around them: $from', ({ text }) => {
    const wrapped = [...text.split('\n'), after].map((line) => `2026-08-20T10:00:00.000000000Z stdout F ${line}`);
    expect(read(wrapped)).toHaveLength(2);
    const docker = [...text.split('\n'), after].map((line) =>
      JSON.stringify({ log: `${line}\n`, stream: 'stdout', time: '2026-08-20T10:00:00Z' }),
    );
    expect(read(docker)).toHaveLength(2);
  });

  it('stay apart where each says something of its own', () => {
    const lines = [
      'ERROR one',
      'ERROR two',
      'starting',
      'done: ok',
      'java.lang.Foo is loaded',
      'INFO three',
      'Error: four',
      '{"msg":"five"}',
      '{"msg":"six"}',
    ];
    expect(read(lines).map(({ text }) => text)).toEqual([
      'one',
      'two',
      'starting',
      'done: ok',
      'java.lang.Foo is loaded',
      'three',
      'four',
      'five',
      'six',
    ]);
  });

  it('stay apart when time passed between them', () => {
    expect(read(['ERROR one', '    at x'], [receivedAt, receivedAt + 100])).toHaveLength(1);
    expect(read(['ERROR one', '    at x'], [receivedAt, receivedAt + 5_000])).toHaveLength(2);
  });

  it('go on over an empty line, and end without one', () => {
    expect(read(['ERROR one', '', '    at x', '', 'INFO two', '']).map(({ text }) => text)).toEqual(['one\n\n    at x', 'two']);
  });

  it('do not join a record, nor what follows one', () => {
    const lines = ['ERROR one', '{"msg":"two"}', '    at x', '    at y'];
    expect(read(lines).map(({ text }) => text)).toEqual(['one', 'two', '    at x\n    at y']);
  });

  it('are not joined across streams', () => {
    const guess = { severity: 0, service: null };
    const entries = entriesOf(
      [
        { stream: 'a', reading: { entry: { ...emptyEntry, text: 'ERROR one' }, guess } },
        { stream: 'b', reading: { entry: { ...emptyEntry, text: 'two' }, guess } },
        { stream: 'a', reading: { entry: { ...emptyEntry, text: '    at x' }, guess } },
      ],
      receivedAt,
    );
    expect(entries.map(({ text }) => text)).toEqual(['one\n    at x', 'two']);
  });

  it('are put together again where a runtime cut one', () => {
    const lines = ['2026-08-20T10:00:00Z stdout P {"level":"error","msg":"a long', '2026-08-20T10:00:00Z stdout F  line"}'];
    expect(read(lines)).toMatchObject([{ severity: 17, text: 'a long line' }]);
  });

  it('are cut where a trace has no end', () => {
    const entries = read(['ERROR one', ...Array.from({ length: 2_000 }, (_, i) => `\tat f${i}`)]);
    expect(entries.length).toBeGreaterThan(3);
    expect(entries.reduce((sum, { text }) => sum + text.split('\n').length, 0)).toBe(2_001);
  });
});
