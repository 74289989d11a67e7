import { describe, expect, it } from 'vitest';
import { createClientAddress, readNetworks } from '../../../src/surfaces/http/forwarded.ts';

const trusted = '10.0.0.0/8, 192.168.1.5, 2001:db8::/32';

describe('who asks', () => {
  it.each([
    { name: 'the socket, where nobody is trusted', trust: undefined, socket: '203.0.113.9', header: '6.6.6.6', is: '203.0.113.9' },
    { name: 'the socket, where it is not a trusted hop', trust: trusted, socket: '203.0.113.9', header: '6.6.6.6', is: '203.0.113.9' },
    { name: 'whom the trusted hop names', trust: trusted, socket: '10.1.2.3', header: '203.0.113.9', is: '203.0.113.9' },
    {
      name: 'the last that no trusted hop wrote, not the first that anybody may write',
      trust: trusted,
      socket: '10.1.2.3',
      header: '6.6.6.6, 203.0.113.9, 192.168.1.5',
      is: '203.0.113.9',
    },
    { name: 'the hop itself, where it names nobody', trust: trusted, socket: '10.1.2.3', header: null, is: '10.1.2.3' },
    { name: 'the hop itself, where it names nonsense', trust: trusted, socket: '10.1.2.3', header: '<script>, unknown', is: '10.1.2.3' },
    {
      name: 'the hop itself, where it hands on that it was nobody',
      trust: trusted,
      socket: '10.1.2.3',
      header: '127.0.0.1',
      is: '10.1.2.3',
    },
    {
      name: 'an IPv4 address in the clothes of IPv6',
      trust: trusted,
      socket: '::ffff:10.1.2.3',
      header: '203.0.113.9:4711',
      is: '203.0.113.9',
    },
    { name: 'an IPv6 address with its port', trust: trusted, socket: '2001:db8::1', header: '[2001:db9::7]:443', is: '2001:db9::7' },
    { name: 'nobody, where the caller has gone', trust: trusted, socket: undefined, header: '203.0.113.9', is: undefined },
  ])('is $name', ({ trust, socket, header, is }) => {
    const request = new Request('http://x/', { headers: header === null ? {} : { 'x-forwarded-for': header } });
    expect(createClientAddress(trust)(request, socket)).toBe(is);
  });

  it.each(['10.0.0.0/33', 'proxy.example', '10.0.0.1/8/9', '::1/129', '10.0.0.0/x'])('%s is no network', (text) => {
    expect(readNetworks(text)).toBeNull();
    expect(() => createClientAddress(text)).toThrow(/TRACEPULSE_TRUSTED_PROXIES/);
  });
});
