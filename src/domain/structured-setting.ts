/** Settings that are structures: JSON in the environment; tracepulse.config.yaml is turned into the same. */
import { z } from 'zod';
import { problemText } from './problem-text.ts';

/** `what` is for people: `a list of routes`. What is wrong is said with where it stands. */
export function structured<T>(shape: z.ZodType<T>, what: string) {
  return z.string().transform((text, context): T => {
    const problem = (message: string) => {
      context.addIssue({ code: 'custom', message });
      return z.NEVER;
    };
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      return problem(`must be ${what}`);
    }
    const read = shape.safeParse(value);
    if (read.success) return read.data;
    const [issue] = read.error.issues;
    if (issue === undefined || (issue.path.length === 0 && issue.code === 'invalid_type')) return problem(`must be ${what}`);
    const at = issue.path.length === 0 ? '' : `at ${issue.path.map(String).join('.')}: `;
    return problem(`must be ${what}; ${at}${problemText(issue)}`);
  });
}
