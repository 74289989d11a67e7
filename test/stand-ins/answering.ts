/** A stand-in of a system that is only read: what it is asked is a path and parameters, whether in the address or in a form. */
import type { IncomingMessage } from 'node:http';
import { type Asked, type Said, type StandInServer, startServer } from './stand-in-server.ts';

export interface Question {
  readonly path: string;
  readonly parameters: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
}

export interface Answering extends Omit<StandInServer, 'asked'> {
  readonly questions: () => Question[];
}

/** `answer`: null is 404. */
export async function startAnswering(answer: (question: Question) => Said | null): Promise<Answering> {
  const standIn = await startServer((asked) => answer(questionOf(asked)));
  return { ...standIn, questions: () => standIn.asked.map(questionOf) };
}

function questionOf({ method, url, headers, body }: Asked): Question {
  return { path: url.pathname, parameters: method === 'POST' ? new URLSearchParams(body) : url.searchParams, headers };
}
