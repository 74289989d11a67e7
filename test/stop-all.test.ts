import { describe, expect, it } from 'vitest';
import { stopAll } from '../src/compose.ts';

describe('stopAll', () => {
  it('stops all in reverse order, also past one that fails, and throws the first failure afterwards', async () => {
    const stopped: string[] = [];
    const stop = (name: string, failure?: string) => async () => {
      stopped.push(name);
      if (failure !== undefined) throw new Error(failure);
    };
    const stops = [stop('ledger'), stop('telemetry', 'disk full'), stop('http', 'in use'), stop('slack')];
    await expect(stopAll(stops)).rejects.toThrow('in use');
    expect(stopped).toEqual(['slack', 'http', 'telemetry', 'ledger']);
    await stopAll(stops);
    expect(stopped).toHaveLength(4);
  });
});
