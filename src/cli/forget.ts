/** `tracepulse forget ID`: asks the running product to take an incident out of everything that can forget it. */
import { z } from 'zod';
import { type ProductWay, wayTo } from './product-way.ts';

type Say = (text: string) => void;
const usageError = 64;
const noSuchThing = 66;

const Forgotten = z.object({ withdrawn: z.array(z.string()), left: z.array(z.string()) });

export async function forgetCommand(args: readonly string[], options: ProductWay, print: Say, complain: Say): Promise<number> {
  const [id, ...rest] = args;
  if (id === undefined || id.startsWith('--') || rest.length > 0) {
    complain('usage: tracepulse forget ID');
    return usageError;
  }
  const way = wayTo(options, 'command-line', ['forget']);
  const { status, value, problem } = await way.ask('DELETE', `/api/incidents/${encodeURIComponent(id)}`, null, way.reader, Forgotten);
  if (value === null) {
    complain(`${id} was not forgotten: ${problem}`);
    return status === 404 ? noSuchThing : 1;
  }
  print(`${id} is forgotten.`);
  if (value.withdrawn.length > 0) print(`Its messages are being taken back: ${value.withdrawn.join(', ')}.`);
  if (value.left.length > 0) print(`What was sent elsewhere stays there, for you to see to: ${value.left.join(', ')}.`);
  return 0;
}
