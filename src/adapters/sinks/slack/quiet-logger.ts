/** The Slack client logs request bodies and answers; what matters of them comes back as Failures, so it is kept quiet. */
import { type Logger, LogLevel } from '@slack/web-api';

const nothing = () => undefined;

export const quietLogger: Logger = {
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  setLevel: nothing,
  setName: nothing,
  getLevel: () => LogLevel.ERROR,
};
