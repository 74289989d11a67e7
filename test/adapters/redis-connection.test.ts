import { describe, expect, it } from 'vitest';
import { parseRedisAddress, redisFailure } from '../../src/adapters/redis-connection.ts';
import { Failure } from '../../src/domain/failure.ts';

describe('parseRedisAddress', () => {
  it.each([
    { url: 'redis://localhost', address: { kind: 'server', isTls: false, hosts: [{ host: 'localhost', port: 6379 }], db: 0 } },
    {
      url: 'rediss://ann:p%40ss@cache.example.com:6380/3',
      address: {
        kind: 'server',
        isTls: true,
        hosts: [{ host: 'cache.example.com', port: 6380 }],
        db: 3,
        username: 'ann',
        password: 'p@ss',
      },
    },
    { url: 'redis://:secret@[::1]:7000/', address: { kind: 'server', hosts: [{ host: '::1', port: 7000 }], password: 'secret' } },
    {
      url: 'redis+sentinel://s1,s2:26380/main/2',
      address: {
        kind: 'sentinel',
        hosts: [
          { host: 's1', port: 26379 },
          { host: 's2', port: 26380 },
        ],
        master: 'main',
        db: 2,
      },
    },
    {
      url: 'rediss+cluster://:pw@a:1,b:2',
      address: {
        kind: 'cluster',
        isTls: true,
        hosts: [
          { host: 'a', port: 1 },
          { host: 'b', port: 2 },
        ],
        password: 'pw',
      },
    },
  ])('reads $url', ({ url, address }) => expect(parseRedisAddress(url)).toMatchObject(address));

  it.each([
    '',
    'localhost:6379',
    'http://localhost',
    'redis://',
    'redis://a,b',
    'redis://host:99999',
    'redis://host/none',
    'redis+sentinel://s1',
    'redis+sentinel://s1/',
    'redis://u:%zz@host',
  ])('takes %j for no address', (url) => expect(parseRedisAddress(url)).toBeNull());
});

describe('redisFailure', () => {
  it.each([
    { says: 'OOM command not allowed when used memory > maxmemory.', code: 'unavailable', hint: /out of memory/ },
    { says: 'MISCONF Redis is configured to save RDB snapshots', code: 'unavailable', hint: /disk/ },
    { says: "READONLY You can't write against a read only replica.", code: 'unavailable', hint: /failing over/ },
    { says: 'NOAUTH Authentication required.', code: 'unauthorized', hint: /REDIS_URL/ },
    { says: 'Command timed out', code: 'timeout', hint: /does not answer/ },
    { says: 'connect ECONNREFUSED 127.0.0.1:6379', code: 'unavailable', hint: /cannot be reached/ },
    { says: 'Connection is closed.', code: 'unavailable', hint: /cannot be reached/ },
  ])('says what "$says" means', ({ says, code, hint }) => {
    const failure = redisFailure(new Error(says), 'ledger', 'store a change');
    expect(failure).toBeInstanceOf(Failure);
    expect(failure).toMatchObject({ code, hint: expect.stringMatching(hint) });
  });

  it('leaves a mistake of ours what it is', () => {
    const error = new Error('ERR Error running script: attempt to index a nil value');
    expect(redisFailure(error, 'ledger', 'store a change')).toBe(error);
  });
});
