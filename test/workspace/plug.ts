/** A socket without a network: acknowledges at once, unless told otherwise, and keeps what it was sent. */
import { type Json, type JsonObject, isObject } from '../../src/workspace/json.ts';
import type { Socket } from '../../src/workspace/socket-hub.ts';
import type { Workspace } from '../../src/workspace/workspace.ts';

export interface Plugged {
  /** What comes with the next acknowledgements. */
  answer: (payload: JsonObject) => Json | undefined;
  isSilent: boolean;
  readonly socket: Socket;
  readonly envelopes: JsonObject[];
  /** hello and disconnect messages. */
  readonly notices: JsonObject[];
  readonly closes: string[];
  payloads(): readonly JsonObject[];
}

export function plug(workspace: Pick<Workspace, 'connect'>): Plugged {
  const envelopes: JsonObject[] = [];
  const notices: JsonObject[] = [];
  const closes: string[] = [];
  let socket: Socket | null = null;
  const plugged = {
    answer: (_payload: JsonObject): Json | undefined => undefined,
    isSilent: false,
    envelopes,
    notices,
    closes,
    payloads: () => envelopes.map((envelope) => envelope['payload']).filter(isObject),
  };
  socket = workspace.connect({
    send(text) {
      const message = JSON.parse(text) as JsonObject;
      if (message['envelope_id'] === undefined) {
        notices.push(message);
        return;
      }
      envelopes.push(message);
      if (plugged.isSilent || !isObject(message['payload'])) return;
      const payload = plugged.answer(message['payload']);
      socket?.receive(JSON.stringify({ envelope_id: message['envelope_id'], ...(payload === undefined ? {} : { payload }) }));
    },
    close: (code, reason) => void closes.push(`${code} ${reason}`),
    cut: () => void closes.push('cut'),
  });
  return Object.assign(plugged, { socket });
}
