/** What goes wrong between us and a system that is read, and which Failure that is: one table for all contracts. */
export const faultTable = [
  ['401', { status: 401 }, 'unauthorized', undefined],
  ['403', { status: 403 }, 'unauthorized', undefined],
  ['429', { status: 429, headers: { 'retry-after': '5' } }, 'rate_limited', 5_000],
  ['500', { status: 500 }, 'unavailable', undefined],
  ['502 of a proxy', { status: 502, body: '<html>bad gateway</html>', headers: { 'content-type': 'text/html' } }, 'unavailable', undefined],
  ['504', { status: 504 }, 'timeout', undefined],
  ['junk', { status: 200, body: '<html>login</html>' }, 'bad_response', undefined],
  ['another shape', { status: 200, body: '{"message":"hello"}' }, 'bad_response', undefined],
  ['a redirect to another host', { status: 302, headers: { location: 'http://127.0.0.1:1/' } }, 'bad_response', undefined],
] as const;
