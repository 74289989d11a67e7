/** Every source of changes that is asked, and those that tell by themselves and lie in the ledger; a line and a fixture add one. */
import { github, githubApp } from './github/github.ts';
import { githubWebhook } from './github/webhook.ts';

export const changeSources = [github, githubApp];
export const storedChangeSources = [githubWebhook];
