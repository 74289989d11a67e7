/** Who calls whom by Jaeger's own count of the spans it keeps (PROTOCOLS C5). It counts calls, and neither failures nor times. */
import { z } from 'zod';
import { mapSource } from '../../../ports/sources.ts';
import { createJsonApi, httpAddress } from '../../json-api.ts';
import { Tallies } from '../tallies.ts';

const Dependencies = z.object({
  data: z.array(z.object({ parent: z.string(), child: z.string(), callCount: z.number() })).nullable(),
});
const dayMs = 86_400_000;

export const jaegerDependencies = mapSource({
  id: 'jaeger-dependencies',
  settings: z.object({ JAEGER_URL: httpAddress(), JAEGER_TOKEN: z.string().optional(), JAEGER_USER: z.string().optional() }),
  create({ JAEGER_URL: url, JAEGER_TOKEN: token, JAEGER_USER: user }, tools) {
    const api = createJsonApi({ system: 'jaeger', url, token, user }, tools);
    const ask = async (toMs: number, lookbackMs: number, signal: AbortSignal) => {
      const parameters = { endTs: String(Math.round(toMs)), lookback: String(Math.round(lookbackMs)) };
      const answer = await api.ask({ attempt: 'read dependencies', path: 'api/dependencies', parameters, shape: Dependencies, signal });
      return answer.data ?? [];
    };
    return {
      async edges({ fromMs, toMs }, signal) {
        const tallies = new Tallies();
        const place = (name: string) => ({ name, namespace: '' });
        for (const { parent, child, callCount } of await ask(toMs, toMs - fromMs, signal))
          tallies.add(place(parent), place(child), callCount, 0);
        return { edges: tallies.edges(), gaps: [] };
      },
      probe: async (signal) => `${(await ask(tools.now(), dayMs, signal)).length} edges of the last day`,
    };
  },
});
