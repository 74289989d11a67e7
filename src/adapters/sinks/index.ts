/** Every sink; adding one is a file and a line here. */
import { email } from './email/email.ts';
import { jira } from './jira/jira.ts';
import { slack } from './slack/slack.ts';

export const sinks = [slack, email, jira];
