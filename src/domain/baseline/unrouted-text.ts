/** What servers say of a path at which they have nothing, and what is said of a call that was answered so. */

/** Spring, Express and Nest, Fastify, routers of Go and Ruby. */
const sayings: readonly RegExp[] = [
  /\b(?:No mapping for|No static resource|Cannot|No route matches|no (?:route|handler)(?: found)? for) \[?"?(?:GET|POST|PUT|PATCH|DELETE|HEAD)\]? "?(\/[^\s"'?,]*)/i,
  /\bRoute (?:GET|POST|PUT|PATCH|DELETE|HEAD):(\/[^\s"'?,]*) not found/,
];
/** Access logs, and those that write fields. */
const records: readonly RegExp[] = [
  /"(?:GET|POST|PUT|PATCH|DELETE|HEAD) (\/[^\s"?]*)(?![^\s"?])[^"]*" 404\b/,
  /\bstatus=404\b.{0,60}?\b(?:uri|path)=(\/[^\s"?,]*)/,
  /\b(?:uri|path)=(\/[^\s"?,]*)(?![^\s"?,]).{0,60}?\bstatus=404\b/,
];
const pathIn = (text: string, patterns: readonly RegExp[]): string | null => {
  for (const pattern of patterns) {
    const path = pattern.exec(text)?.[1];
    if (path !== undefined) return path;
  }
  return null;
};

/** The path that a server has nothing at; `isSaid`: in so many words, where a number may as well mean the thing that was asked for there. */
export function unroutedPath(text: string): { readonly path: string; readonly isSaid: boolean } | null {
  const said = pathIn(text, sayings);
  if (said !== null) return { path: said, isSaid: true };
  const path = pathIn(text, records);
  return path === null ? null : { path, isSaid: false };
}

const served =
  /(?:"(?:GET|POST|PUT|PATCH|DELETE|HEAD) (\/[^\s"?]*)(?![^\s"?])[^"]*" 2\d\d\b|\bstatus=2\d\d\b.{0,60}?\b(?:uri|path)=(\/[^\s"?,]*))/;

/** The path that a server has answered well for; null where it says nothing of the kind. */
export function servedPath(text: string): string | null {
  const found = served.exec(text);
  return found?.[1] ?? found?.[2] ?? null;
}

/** A number of its own: no part of a time, an address or an id. */
const notFound = /(?<![\w.:-]|\bline )404(?![\w.-])/;

/** Whether something was answered 404. */
export const tellsNotFound = (text: string): boolean => notFound.test(text);
