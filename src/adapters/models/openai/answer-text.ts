/** The JSON object in what a model wrote: behind its thoughts, inside a code fence, between polite words. */

export function jsonObjectIn(text: string): unknown {
  const said = text.replace(/^\s*<think>[\s\S]*?<\/think>/, '');
  const from = said.indexOf('{');
  const to = said.lastIndexOf('}');
  if (from < 0 || to < from) return null;
  try {
    return JSON.parse(said.slice(from, to + 1)) as unknown;
  } catch {
    return null;
  }
}
