/** Reading single spans' attributes again out of a JSON body: as a parser would, however the body is written. */
import { describe, expect, it } from 'vitest';
import { attributesOfJsonSpans } from '../../../../src/adapters/telemetry/otlp/decode.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (key: string, value: string) => ({ key, value: { stringValue: value } });
const span = (name: string, more: object = {}) => ({ name, attributes: [text('of', name)], ...more });
const group = (service: string, ...scopes: object[][]) => ({
  resource: { attributes: [text('service.name', service)] },
  scopeSpans: scopes.map((spans) => ({ scope: { name: 's' }, spans })),
});

const body = {
  resourceSpans: [
    group('a', [span('0'), span('1', { events: [{ spans: [{}, {}] }], 'od"d': '}]{["\\' })], []),
    { scopeSpans: [{ spans: null }, { spans: [span('2', { kind: 2, ended: true, at: 1.5e-3, none: null })] }] },
    { scopeSpans: null, resource: null },
    { ...group('ü€😀', [span('3', { attributes: null }), span('4')]), schemaUrl: 'x' },
    { scopeSpans: [{ spans: [span('5')] }], resource: { attributes: [text('service.name', 'behind')] } },
  ],
};
const expected = [
  { 'service.name': 'a', of: '0' },
  { 'service.name': 'a', of: '1' },
  { of: '2' },
  { 'service.name': 'ü€😀' },
  { 'service.name': 'ü€😀', of: '4' },
  { 'service.name': 'behind', of: '5' },
];

describe('attributes of single spans', () => {
  it.each([
    { how: 'closely', written: JSON.stringify(body) },
    { how: 'with spaces', written: ` \n${JSON.stringify(body, null, '\t ')}\r\n ` },
    { how: 'with a byte order mark', written: `\uFEFF${JSON.stringify(body)}` },
    {
      how: 'with escapes in keys',
      written: JSON.stringify(body).replaceAll('"spans"', '"sp\\u0061ns"').replaceAll('"key"', '"k\\u0065y"'),
    },
    {
      how: 'with a key twice',
      written: JSON.stringify(body).replace('"resourceSpans":', '"resourceSpans":[{"scopeSpans":[{"spans":[{}]}]}],"resourceSpans":'),
    },
  ])('are found in a body written $how', ({ written }) => {
    for (const [ordinal, attributes] of expected.entries())
      expect(attributesOfJsonSpans(bytes(written), new Set([ordinal]))).toEqual(new Map([[ordinal, attributes]]));
    const some = new Set([1, 3, 5]);
    expect(attributesOfJsonSpans(bytes(written), some)).toEqual(new Map([...some].map((ordinal) => [ordinal, expected[ordinal]])));
  });

  it.each(['{}', '{"resourceSpans":[]}', '{"resourceSpans":null}', '{ "resourceSpans" : [ ] , "a" : "" }'])('are none in %s', (empty) =>
    expect(attributesOfJsonSpans(bytes(empty), new Set([0]))).toEqual(new Map()),
  );
});
