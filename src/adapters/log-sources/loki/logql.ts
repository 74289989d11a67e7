/** Questions in LogQL. Everything that comes from outside stands in a quoted string, escaped as Go reads it. */

/** JSON's escapes are Go's; what is half a character would be none of either. */
function quoted(text: string): string {
  return JSON.stringify(text.toWellFormed());
}

const literally = (text: string) => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');

/** Streams that have the label at all: LogQL wants one matcher that is not empty. */
export function anyOf(label: string): string {
  return `{${label}=~".+"}`;
}

export function streamsOf(label: string, values: readonly string[]): string {
  const [only] = values;
  return values.length === 1 && only !== undefined
    ? `{${label}=${quoted(only)}}`
    : `{${label}=~${quoted(values.map(literally).join('|'))}}`;
}

export function holding(text: string): string {
  return `|= ${quoted(text)}`;
}

export function holdingAnyCase(text: string): string {
  return `|~ ${quoted(`(?i)${literally(text)}`)}`;
}

/** Of structured metadata, or of fields a parser before it has found: any of the labels has any of the values. */
export function having(labels: readonly string[], values: readonly string[]): string {
  return `| ${labels.flatMap((label) => values.map((value) => `${label}=${quoted(value)}`)).join(' or ')}`;
}
