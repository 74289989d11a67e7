/** How a service says that it will not do what it was asked, beyond the words of `failure-text.ts` that anybody may use of his own mistakes. */
import { callerFaultCodes } from './failure-text.ts';

/** HTTP and gRPC (plus 1000) codes by which whoever was asked refuses it: not allowed, not valid, or more than it takes at once. */
export const refusalCodes: ReadonlySet<number> = new Set([...callerFaultCodes, 413, 414, 431]);

/**
 * A request came without what shows who sends it. Nobody says so of his own failing, as he may "missing API key" of his settings: as
 * loud as it is written, it is no complaint about himself.
 */
export const broughtNothing =
  /\b(?:no|missing|without(?: an?)?|lacks?(?: an?)?) (?:authori[sz]ation header|(?:http )?(?:bearer|access) token|authentication token)\b|\bauthori[sz]ation header (?:is |was )?(?:missing|required|absent|not (?:present|provided|found|set))\b|\bfull authentication is required\b|\bauthentication credentials were not provided\b/i;

/** Whoever answered a request names one of the codes for what its sender did wrong; to come back later (408, 425, 429) is none of them. */
export const saysClientError =
  /(?:->|\[|\bstatus(?:[ _-]?code)?["']?[:= ]|\bHTTP(?:\/[\d.]+)?"?) ?["']?4(?:0[0-79]|1[0-8]|2[1-46]|31|51)\b/i;
