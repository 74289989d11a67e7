import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { IncidentContext } from '../../src/domain/incident-context.ts';
import { createRedactor, redact, redactContext, redactDeep } from '../../src/domain/redact.ts';
import { ordinary } from './redaction/ordinary.ts';
import { planted } from './redaction/planted.ts';

const anyPlaceholder = /\[(?:secret|email|ip):[0-9a-f]{4}\]/;

describe('redact', () => {
  it('has a corpus worth its name', () => {
    expect(planted.length).toBeGreaterThanOrEqual(150);
    expect(planted.flatMap(({ secrets }) => secrets).length).toBeGreaterThanOrEqual(170);
    for (const { line, secrets } of planted) for (const secret of secrets) expect(line).toContain(secret.slice(0, 3));
  });

  it.each(planted)('leaks nothing: $line', ({ line, secrets }) => {
    const { text, count } = redact(line);
    expect(secrets.filter((secret) => text.includes(secret))).toEqual([]);
    // Nor a good part of it.
    expect(secrets.filter((secret) => secret.length > 12 && text.includes(secret.slice(-8)))).toEqual([]);
    expect(text).toMatch(anyPlaceholder);
    expect(count).toBeGreaterThan(0);
  });

  it.each(ordinary.map((line) => ({ line })))('leaves alone: $line', ({ line }) => {
    expect(redact(line)).toEqual({ text: line, count: 0 });
  });

  it('leaves the rest of a line as it is', () => {
    const shown = (line: string) => redact(line).text.replaceAll(/\[secret:[0-9a-f]{4}\]/g, '…');
    expect(shown('user=app, password=hunter2, host=db-1')).toBe('user=app, password=…, host=db-1');
    expect(shown('{"password":"hunter2","retries":3}')).toBe('{"password":"…","retries":3}');
    expect(shown('(password=hunter2).')).toBe('(password=…).');
    expect(shown('postgres://app:hunter2@db-1:5432/orders')).toBe('postgres://app:…@db-1:5432/orders');
    expect(shown('Cookie: sid=abcdef; theme=dark')).toBe('Cookie: sid=…; theme=…');
    expect(shown('Set-Cookie: sid=abcdef; Path=/; HttpOnly')).toBe('Set-Cookie: sid=…; Path=/; HttpOnly');
    expect(shown('GET /a?access_token=abc&page=2 200')).toBe('GET /a?access_token=…&page=2 200');
    expect(shown('GET /a Authorization: Bearer abcdef0123 status=200')).toBe('GET /a Authorization: Bearer … status=200');
    expect(shown('password=a,b7c,host=x')).toBe('password=…,host=x');
  });

  it('keeps JSON well-formed, nested JSON too', () => {
    for (const { line } of planted) {
      if (!isJson(line)) continue;
      expect([line, isJson(redact(line).text)]).toEqual([line, true]);
    }
  });

  it('gives one secret one placeholder wherever it stands, and another secret another', () => {
    const placeholders = (text: string) => redact(text).text.match(/\[secret:[0-9a-f]{4}\]/g);
    const [first, second, third] = placeholders('password=hunter2 https://app:hunter2@host/ {"password":"hunter2"}') ?? [];
    expect(first).toBeDefined();
    expect([second, third]).toEqual([first, first]);
    expect(placeholders('password=hunter3')).not.toEqual([first]);
  });

  it('gives the same placeholders for the same key only', () => {
    const line = 'password=hunter2 token=abc123def api_key=k-998877';
    expect(createRedactor({ key: 'a' }).redact(line)).toEqual(createRedactor({ key: 'a' }).redact(line));
    expect(createRedactor({ key: 'a' }).redact(line).text).not.toBe(createRedactor({ key: 'b' }).redact(line).text);
  });

  it('spreads placeholders: a thousand secrets give nearly as many', () => {
    const { text } = redact(Array.from({ length: 1_000 }, (_, i) => `password=secret${i}`).join('\n'));
    // 65,536 values, so about eight pairs are expected to coincide.
    expect(new Set(text.match(/\[secret:[0-9a-f]{4}\]/g)).size).toBeGreaterThan(970);
  });

  it('changes nothing the second time', () => {
    for (const { line } of planted) {
      const once = redact(line).text;
      expect(redact(once)).toEqual({ text: once, count: 0 });
    }
  });

  it('changes nothing the second time in lines made of pieces either', () => {
    const pieces = [
      ...planted.map(({ line }) => line),
      ...ordinary,
      '"',
      "'",
      '\\"',
      '=',
      ': ',
      ',',
      '&',
      ';',
      ')',
      '[',
      ']',
      'password=',
      'Bearer ',
      '@',
      '://',
      '\n',
    ];
    let state = 7;
    const next = (below: number) => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    for (let i = 0; i < 3_000; i++) {
      const line = Array.from({ length: 2 + next(5) }, () => {
        const piece = pieces[next(pieces.length)] ?? '';
        return next(3) === 0 ? piece.slice(next(piece.length + 1)) : piece;
      }).join(next(2) === 0 ? '' : ' ');
      const once = redact(line).text;
      expect({ line, text: redact(once).text }).toEqual({ line, text: once });
    }
  });

  it('takes out e-mail and IP addresses only when asked', () => {
    const line = 'mail to ann.other+x@mail.example.com from 10.0.0.7 and 2001:db8::8a2e:370:7334 at 12:30:05, version 1.2.3.4-rc1';
    expect(redact(line).count).toBe(0);
    const personal = createRedactor({ key: 'k', emailAddresses: true, ipAddresses: true }).redact(line);
    expect(personal.text.replaceAll(/:[0-9a-f]{4}\]/g, ']')).toBe('mail to [email] from [ip] and [ip] at 12:30:05, version 1.2.3.4-rc1');
    expect(createRedactor({ key: 'k', emailAddresses: true, ipAddresses: true }).redact(personal.text).count).toBe(0);
  });

  it.each(
    [
      'eyJ',
      'password=',
      'password="',
      '\\"password\\":\\"',
      '-----BEGIN RSA PRIVATE KEY-----',
      '://a:',
      '://',
      'Cookie: a=',
      'a=b;',
      'mysql ',
      'mysql a -p',
      'curl -u ',
      'Bearer ',
      'basic ',
      'authorization: ',
      'login a ',
      '<password>',
      '4111 ',
      '1.',
      'a:',
      'a@',
      'a.',
      'token',
      '&key=',
      '--password ',
      'xoxb-',
      'identified with x ',
      ',',
      '&',
      ';',
      '-',
      '"',
      '\\',
      ' ',
      'a',
      'A',
      '7',
      '[secret:',
      'digest username=',
    ].map((piece) => ({ piece })),
  )('is done with 300 kB of $piece', ({ piece }) => {
    const text = piece.repeat(Math.ceil(300_000 / piece.length));
    const all = createRedactor({ key: 'k', emailAddresses: true, ipAddresses: true });
    // A pattern that walks back would take hours here; the runner's own deadline is the check.
    expect(all.redact(text).text.length).toBeGreaterThan(0);
    expect(all.redact(`${text}\n!`).text.endsWith('!')).toBe(true);
  });

  it.runIf(existsSync(loghubFolder()))('alters less than 1 % of public logs, which hold no secrets', () => {
    const altered = new Map<string, number>();
    let lines = 0;
    for (const name of readdirSync(loghubFolder()).filter((file) => file.endsWith('.jsonl.gz'))) {
      const texts = gunzipSync(readFileSync(`${loghubFolder()}/${name}`))
        .toString()
        .split('\n')
        .filter(Boolean);
      for (const text of texts) {
        lines++;
        const { content } = JSON.parse(text) as { content: string };
        if (redact(content).count > 0) altered.set(content, (altered.get(content) ?? 0) + 1);
      }
    }
    const count = [...altered.values()].reduce((sum, n) => sum + n, 0);
    const leaks = planted.filter(({ line, secrets }) => secrets.some((secret) => redact(line).text.includes(secret)));
    console.log(`redact: ${leaks.length} of ${planted.length} planted lines leak; ${count} of ${lines} public log lines altered`);
    expect(lines).toBeGreaterThan(1_000);
    expect(count / lines).toBeLessThan(0.01);
  });
});

describe('redactDeep', () => {
  it('hides nothing twice under a name that hides a secret, whatever digits stand for it', () => {
    for (let key = 0; key < 500; key++) {
      const redactor = createRedactor({ key: `k${key}` });
      const once = redactor.redactDeep({ 'password=hunter2': 'name' }).value;
      expect(redactor.redactDeep(once)).toEqual({ value: once, count: 0 });
    }
  });

  it('looks into every text, and at the names around them', () => {
    const value = {
      at: 12,
      none: null,
      list: ['password=hunter2', true, { note: 'fine' }],
      headers: { authorization: 'abc', Cookie: 'theme', 'X-Api-Key': 'open sesame' },
      tokens: 5,
      token: 'null',
      'password=hunter2': 'name',
    };
    const { value: shown, count } = redactDeep(value);
    expect(count).toBe(5);
    expect(JSON.stringify(shown)).not.toMatch(/hunter2|abc|"theme"|sesame/);
    expect(shown).toMatchObject({ at: 12, none: null, tokens: 5, token: 'null' });
    expect(shown.list.slice(1)).toEqual([true, { note: 'fine' }]);
    expect(redactDeep(shown)).toEqual({ value: shown, count: 0 });
    expect(value.list[0]).toBe('password=hunter2');
  });

  it('is not overcome by depth', () => {
    let value: unknown = 'password=hunter2';
    for (let i = 0; i < 5_000; i++) value = [value];
    expect(JSON.stringify(redactDeep(value).value)).not.toContain('hunter2');
  });
});

describe('redactContext', () => {
  it('counts what it took out, and leaves ids alone', () => {
    const context = {
      schemaVersion: '1',
      summary: 'checkout fails: password=hunter2',
      evidence: {
        e1x2y3: { text: 'Authorization: Bearer abcdef0123456789', traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' },
      },
      flags: { truncated: [], omitted: [], redacted: 1, missing: [] },
    } as unknown as IncidentContext;
    const shown = redactContext(context);
    expect(shown.flags.redacted).toBe(3);
    expect(shown.evidence['e1x2y3']).toMatchObject({ traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' });
    expect(JSON.stringify(shown)).not.toMatch(/hunter2|abcdef0123456789/);
    expect(redactContext(shown)).toEqual(shown);
  });
});

function isJson(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && 'log' in value) JSON.parse(String(value.log));
    return true;
  } catch {
    return false;
  }
}

function loghubFolder(): string {
  return fileURLToPath(new URL('../../../shared/loghub', import.meta.url));
}
