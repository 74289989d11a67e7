/** As much LogQL as is asked: read by its grammar, so that what is no LogQL, or is more than was meant, is a syntax error. */
type Labels = Readonly<Record<string, string>>;

export interface LogqlLine {
  readonly labels: Labels;
  readonly metadata: Labels;
  readonly text: string;
}

const string = /^\s*"((?:[^"\\\n]|\\(?:[abfnrtv\\"]|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}))*)"/;

export class LogqlError extends Error {}

/** A predicate over lines, or a LogqlError. */
export function readLogql(query: string): (line: LogqlLine) => boolean {
  let rest = query;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    const match = pattern.exec(rest);
    if (match !== null) rest = rest.slice(match[0].length);
    return match;
  };
  const must = (pattern: RegExp): RegExpExecArray => {
    const match = take(pattern);
    if (match === null)
      throw new LogqlError(`parse error at line 1, col ${query.length - rest.length + 1}: syntax error: unexpected input`);
    return match;
  };
  const text = () => JSON.parse(`"${must(string)[1]}"`) as string;
  const matcher = (): ((fields: Labels) => boolean) => {
    const [, name = '', operator = ''] = must(/^\s*([A-Za-z_]\w*)\s*(=~|!=|=)/);
    const value = text();
    if (operator === '=~') {
      const pattern = new RegExp(`^(?:${value})$`);
      return (fields) => pattern.test(fields[name] ?? '');
    }
    return (fields) => ((fields[name] ?? '') === value) === (operator === '=');
  };
  must(/^\s*\{/);
  const selectors = [matcher()];
  while (take(/^\s*,/)) selectors.push(matcher());
  must(/^\s*\}/);
  const stages: ((line: LogqlLine, fields: Record<string, string>) => boolean)[] = [];
  while (rest.trim() !== '') {
    if (take(/^\s*\|=/)) {
      const part = text();
      stages.push((line) => line.text.includes(part));
    } else if (take(/^\s*\|~/)) {
      const [, isAnyCase, pattern = ''] = /^(\(\?i\))?([\s\S]*)$/.exec(text()) ?? [];
      const expression = new RegExp(pattern, isAnyCase ? 'i' : '');
      stages.push((line) => expression.test(line.text));
    } else if (take(/^\s*\|\s*json\b/)) {
      stages.push((line, fields) => {
        Object.assign(fields, jsonIn(line.text));
        return true;
      });
    } else {
      must(/^\s*\|/);
      const any = [matcher()];
      while (take(/^\s*or\b/)) any.push(matcher());
      stages.push((_, fields) => any.some((one) => one(fields)));
    }
  }
  return (line) => {
    const fields = { ...line.labels, ...line.metadata };
    return selectors.every((one) => one(line.labels)) && stages.every((stage) => stage(line, fields));
  };
}

export function jsonIn(text: string): Record<string, string> {
  try {
    return Object.fromEntries(Object.entries(JSON.parse(text) as object).map(([key, value]) => [key, String(value)]));
  } catch {
    return {};
  }
}
