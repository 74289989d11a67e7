/** Every sink; adding one is a file and a line here. */
import { slack } from './slack/slack.ts';

export const sinks = [slack];
