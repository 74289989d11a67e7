/**
 * What a sensible model would write, for pictures and for the demo: it looks things up before it answers, and says what it
 * read. Asked for a total that nobody measured it makes one up, so that this is seen as well.
 */
import type { ChatBody } from './openai.ts';

const plain = (text: string) =>
  text
    .replace(/<\/?data[^>]*>/g, '')
    .replace(/\s+/g, ' ')
    .trim();
const look = (tool: string, service: string | null = null) => ({ tool, service, id: null, contains: null, window: null });

export function colleague(body: ChatBody): string {
  const users = body.messages.filter(({ role }) => role === 'user').map(({ content }) => content);
  return body.response_format?.json_schema?.name === 'step' ? JSON.stringify(step(users)) : JSON.stringify(words(users.at(-1) ?? ''));
}

function step(users: readonly string[]) {
  const question = users.find((text) => text.includes('The question:')) ?? '';
  const looked = users.slice(users.indexOf(question) + 1).join('\n');
  if (looked === '') return { look: [look('why'), look('metrics'), look('affected')], answer: null };
  if (/how many customers/i.test(question)) return { look: [], answer: 'About 48,120 customers were hit.' };
  const why = /(\S+) is number (\d+) of \d+ at (\d+ %)\. (.*?)(?: What would change|\n)/.exec(looked);
  const minute = [...looked.matchAll(/(\d\d:\d\d:\d\dZ) (\d+) calls, (\d+) failed \((\d+ %)\)/g)].at(-1);
  const hit = /these suffer, nearest first:\n([\s\S]*?)(?:<|\n\d)/.exec(looked)?.[1]?.trim().split('\n').join(' and ');
  const parts = [
    why === null ? 'I cannot say which service it is.' : `I would say ${why[1]}, at ${why[3]}: ${why[4]}`,
    minute === undefined ? '' : `In the minute of ${minute[1]}, ${minute[3]} of its ${minute[2]} calls failed.`,
    hit === undefined ? '' : `${hit} feel it.`,
  ];
  return { look: [], answer: parts.filter((part) => part !== '').join(' ') };
}

function words(prompt: string) {
  const evidence = [...prompt.slice(prompt.lastIndexOf('Evidence:')).matchAll(/^(e[0-9a-z]+) \([^)]*\): (.*)$/gm)];
  const claims = evidence.slice(0, 2).map(([, id = '', text = '']) => ({ text: plain(text).replace(/^\S+: /, ''), evidence: [id] }));
  return { claims, alternative: null, argument: null };
}
