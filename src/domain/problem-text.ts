/** What is wrong with a value that a schema refuses, in words for whoever wrote it. */
import type { z } from 'zod';

/** As zod begins what it says where the schema says nothing of its own. */
const zodsOwn = /^(?:Too (?:small|big)|Invalid|Unrecognized)/;
const ofWhat: Readonly<Record<string, string>> = { string: ' characters long', array: ' entries' };

/** Why a value is refused, as what follows its name: `must be at most 200`. The value itself, which may be a secret, is not repeated. */
export function problemText(issue: z.core.$ZodIssue): string {
  // Said by the schema itself, which knows that the value must not be told.
  if (!zodsOwn.test(issue.message)) return issue.message;
  if (issue.code === 'invalid_type')
    return issue.expected === 'int'
      ? 'must be a whole number'
      : `must be ${/^[aeiou]/.test(issue.expected) ? 'an' : 'a'} ${issue.expected}`;
  if (issue.code === 'too_small')
    return `must be ${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}${ofWhat[issue.origin] ?? ''}`;
  if (issue.code === 'too_big')
    return `must be ${issue.inclusive === false ? 'less than' : 'at most'} ${issue.maximum}${ofWhat[issue.origin] ?? ''}`;
  if (issue.code === 'invalid_value') return `must be one of ${issue.values.map(String).join(', ')}`;
  if (issue.code === 'unrecognized_keys') return `must have no ${issue.keys.join(', ')}`;
  if (issue.code === 'invalid_format')
    return issue.format === 'url' ? 'must be an address with http:// or https://' : `is not a valid ${issue.format}`;
  return 'is not valid';
}
