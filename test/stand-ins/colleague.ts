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
  const claims = evidence.map(([, id = '', text = '']) => ({ text: reworded(plain(text).replace(/^\S+: /, '')), evidence: [id] }));
  const best = [...claims].sort((a, b) => Number(b.text.isOwn) - Number(a.text.isOwn)).slice(0, 2);
  return { claims: best.map(({ text, evidence: ids }) => ({ text: text.text, evidence: ids })), alternative: null, argument: null };
}

/** In the words of a person, where the evidence is of a kind that is known here. */
function reworded(text: string): { readonly text: string; readonly isOwn: boolean } {
  const lacks = /^(\S+) lacks the (?:step|line) "(.+?)": it is in (\d+) of (\d+) visits to (.+?), before in (\d+) of (\d+)/.exec(text);
  if (lacks !== null)
    return {
      text: `${lacks[1]} seldom gets to "${lacks[2]}" any more: in ${lacks[3]} of ${lacks[4]} visits, where it used to be ${lacks[6]} of ${lacks[7]}.`,
      isOwn: true,
    };
  const itself = /^(\d+) of (\d+) failed requests fail in (\S+) itself, nothing beneath them failed: (.+?)\.?$/.exec(text);
  if (itself !== null)
    return {
      text: `What fails, fails in ${itself[3]} itself and nowhere below it (${itself[1]} of ${itself[2]}): ${itself[4]}.`,
      isOwn: true,
    };
  return { text, isOwn: false };
}
