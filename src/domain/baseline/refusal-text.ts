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
