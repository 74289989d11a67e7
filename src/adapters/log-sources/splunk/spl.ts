/**
 * Questions in Splunk's search language. What comes from outside stands in double quotes, where nothing but a quote and a
 * backslash has a meaning, and an asterisk, which cannot be escaped. Whatever might be more than text (line ends, the
 * backtick of macros) becomes that asterisk: it finds at least what was meant, and what it finds besides is left out later.
 */
import type { LogQuery } from '../../../ports/sources.ts';
import { correlationFields, namesOf, serviceFields, traceFields } from '../found.ts';

function quoted(text: string): string {
  const plain = text.toWellFormed().replace(/[\p{Cc}`\u2028\u2029]+/gu, '*');
  return `"${plain.replace(/[\\"]/g, '\\$&')}"`;
}

export function searchFor({ service, traceId, correlationId, contains, limit }: LogQuery, indexes: readonly string[]): string {
  const parts = [
    `(${indexes.map((index) => `index=${quoted(index)}`).join(' OR ')})`,
    ...(service === undefined ? [] : [anyOf([...serviceFields, 'source', 'sourcetype', 'host'], namesOf(service))]),
    ...(traceId === undefined ? [] : [`(${anyOf(traceFields, [traceId])} OR ${quoted(traceId)})`]),
    ...(correlationId === undefined ? [] : [`(${anyOf(correlationFields, [correlationId])} OR ${quoted(correlationId)})`]),
    ...(contains === undefined ? [] : [quoted(`*${contains}*`)]),
  ];
  // Events come newest first. One more than wanted shows that there are more.
  return `search ${parts.join(' ')} | head ${limit + 1}`;
}

function anyOf(fields: readonly string[], values: readonly string[]): string {
  return `(${fields.flatMap((field) => values.map((value) => `${quoted(field)}=${quoted(value)}`)).join(' OR ')})`;
}
