import { describe, expect, it } from 'vitest';
import { fieldsOf } from '../../../src/domain/log-shape/fields.ts';
import { hollowFields, hollowFieldsIn } from '../../../src/domain/log-shape/hollow-fields.ts';
import { shapedText } from '../../../src/domain/log-shape/shape.ts';

const hollowOf = (line: unknown) => shapedText(typeof line === 'string' ? line : JSON.stringify(line), 0).hollow ?? null;

describe('fields beside the message that hold zero, less or nothing', () => {
  it.each([
    [{ message: 'rate locked', amount: 0, plan: null, ok: false, city: 'bergen' }, 'amount=0 ok=none plan=none'],
    [{ message: 'converted', fields: { rate: -1.5 } }, 'fields.rate=negative'],
    [{ message: 'converted', rate: '0.00', pair: 'nil', left: '' }, 'rate=0 pair=none'],
    [{ message: 'converted', rate: 1.08, cached: true }, null],
    ['time=2026-05-04T12:00:00Z level=info msg="quote computed" bps=0', 'bps=0'],
    ['a line without fields: 0', null],
  ])('%j', (line, hollow) => expect(hollowOf(line)).toBe(hollow));

  it('what is said otherwise is none of them: times, ids, levels', () => {
    const said = { level: 0, time: '2026-05-04T12:00:00Z', trace_id: '0af7651916cd43dd8448eb211c80319c', request_id: 'nil' };
    expect(hollowOf({ message: 'm', ...said, amount: 0 })).toBe('amount=0');
  });

  it('are the first eight, with names that are no lines themselves', () => {
    const many = fieldsOf(Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`f${i}`, i % 2 === 0 ? 0 : null])));
    expect(hollowFields(many)!.split(' ')).toHaveLength(8);
    expect(hollowFields(fieldsOf({ 'a b': 0, 'c=d': 0, ['x'.repeat(65)]: 0 }))).toBeNull();
  });

  it('are read again, whatever stands there instead', () => {
    expect(hollowFieldsIn('amount=0 ok=none')).toEqual([
      { name: 'amount', kind: '0' },
      { name: 'ok', kind: 'none' },
    ]);
    expect(hollowFieldsIn('(too many different texts)')).toEqual([]);
    expect(hollowFieldsIn('')).toEqual([]);
  });
});
