/** The product as a person and a script see it: its channel on the page, and its read API. Nothing else is known of it here. */
export interface Product {
  isReady(): Promise<boolean>;
  /** What the product has written into its channel, oldest first. */
  messages(): Promise<readonly Message[]>;
  /** Everything known of the latest incident; null before its report. */
  latestContext(): Promise<unknown>;
}

export interface Message {
  readonly text: string;
  readonly isEdited: boolean;
}

interface Answers {
  readonly state: { readonly channels: readonly { readonly id: string; readonly name: string }[] };
  readonly messages: { readonly messages: readonly (Message & { readonly isOurs: boolean })[] };
  readonly incidents: { readonly incidents: readonly { readonly id: string; readonly verdict: string | null }[] };
}

const channelName = 'debug';
const answerWithinMs = 5_000;

export function productAt(url: string, signal: AbortSignal): Product {
  let cookie: string | null = null;
  let channel: string | null = null;
  const get = (path: string) =>
    fetch(`${url}${path}`, {
      headers: cookie === null ? {} : { cookie },
      signal: AbortSignal.any([signal, AbortSignal.timeout(answerWithinMs)]),
    });
  const read = async (path: string): Promise<unknown> => {
    const response = await get(path);
    if (!response.ok) throw new Error(`${path} answered ${response.status}`);
    return response.json();
  };

  /** The page gives a visitor a session, and knows the channels by id. */
  async function enter(): Promise<string> {
    const page = await get('/chat');
    await page.arrayBuffer();
    cookie = page.headers.get('set-cookie')?.split(';')[0] ?? null;
    const { channels } = (await read('/chat/api/state')) as Answers['state'];
    const found = channels.find(({ name }) => name === channelName);
    if (found === undefined) throw new Error(`there is no channel ${channelName}`);
    return found.id;
  }

  return {
    async isReady() {
      try {
        const response = await get('/readyz');
        await response.arrayBuffer();
        return response.ok;
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof Error) return false;
        throw error;
      }
    },
    async messages() {
      channel ??= await enter();
      const { messages } = (await read(`/chat/api/messages?channel=${channel}`)) as Answers['messages'];
      return messages.filter(({ isOurs, text }) => isOurs && text.includes('INC-'));
    },
    async latestContext() {
      const { incidents } = (await read('/api/incidents?limit=1')) as Answers['incidents'];
      const [latest] = incidents;
      return latest === undefined || latest.verdict === null ? null : read(`/api/incidents/${latest.id}/context`);
    },
  };
}
