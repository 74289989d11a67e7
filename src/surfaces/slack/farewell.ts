/**
 * Hears Slack's "this connection ends soon" before the SDK does, which would hang up at once: clicks that arrive before another
 * connection stands would be lost. The SDK has no hook for that; its messages pass through an event of its own emitter.
 */
import type { SocketModeReceiver } from '@slack/bolt';
import { z } from 'zod';

const wire = 'ws_message';
/** Other reasons (the app is switched off, too many connections) are no refresh: nothing stands in for those. */
const Farewell = z.object({ type: z.literal('disconnect'), reason: z.enum(['warning', 'refresh_requested']) });

/** `proceed` gives the message to the SDK. */
export function onFarewell(client: SocketModeReceiver['client'], act: (proceed: () => void) => void): void {
  const listeners = client.listeners(wire);
  client.removeAllListeners(wire);
  client.on(wire, (...message: unknown[]) => {
    const proceed = () => {
      for (const listener of listeners) listener.apply(client, message);
    };
    if (isFarewell(message[0])) act(proceed);
    else proceed();
  });
}

function isFarewell(data: unknown): boolean {
  // Most of what arrives is no farewell and long: it is not parsed twice.
  if (typeof data !== 'string' || data.length > 1_000 || !data.includes('"disconnect"')) return false;
  try {
    return Farewell.safeParse(JSON.parse(data)).success;
  } catch {
    return false;
  }
}
