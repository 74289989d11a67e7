/** Whether it is a store that spans alone tell of and that one service has to itself: a part of that service (see `stores.ts`). */
import type { Scene } from './scene.ts';

export function isOwnStore({ known }: Scene, store: string, service: string): boolean {
  return store.startsWith('db:') && known.callers(store).every((caller) => caller === service);
}
