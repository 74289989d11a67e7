/** Every method of the Web API that the workspace knows; all others answer unknown_method. */
import { assistantMethods } from './assistant.ts';
import { chatMethods } from './chat.ts';
import { conversationMethods } from './conversations.ts';
import { fileMethods } from './files.ts';
import type { Method } from './method.ts';
import { peopleAndAppMethods } from './people-and-app.ts';
import { reactionAndBookmarkMethods } from './reactions-and-bookmarks.ts';
import { streamMethods } from './streams.ts';
import { viewMethods } from './views.ts';

export const methods: Readonly<Record<string, Method>> = {
  ...assistantMethods,
  ...chatMethods,
  ...conversationMethods,
  ...fileMethods,
  ...peopleAndAppMethods,
  ...reactionAndBookmarkMethods,
  ...streamMethods,
  ...viewMethods,
};
