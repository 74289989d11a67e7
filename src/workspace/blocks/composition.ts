/** Block Kit's composition objects. Limits: @slack/types 3.2.0 doc comments. */
import { type Check, byType, fault, list, oneOf, shape, text, truth } from './check.ts';

export const actionId = text(1, 255);
export const url = text(1, 3_000);
export const colour = oneOf('primary', 'danger');

export function plainText(max: number, min = 1): Check {
  return byType({ plain_text: shape({ required: { text: text(min, max) }, optional: { emoji: truth } }) });
}

export function mrkdwn(max: number): Check {
  return byType({ mrkdwn: shape({ required: { text: text(1, max) }, optional: { verbatim: truth } }) });
}

export function anyText(max: number): Check {
  const plain = plainText(max);
  const marked = mrkdwn(max);
  return byType({ plain_text: plain, mrkdwn: marked });
}

export const confirm = shape({
  required: { text: anyText(300) },
  optional: { title: plainText(100), confirm: plainText(30), deny: plainText(30), style: colour },
});

/** 75 as in the SDK's types; another public specification says 150 for the value, so 75 is what is safe. */
function option(label: Check, withUrl: boolean): Check {
  return shape({ required: { text: label, value: text(1, 75) }, optional: { description: anyText(75), ...(withUrl ? { url } : {}) } });
}
export const plainOption = option(plainText(75), false);
export const overflowOption = option(plainText(75), true);
export const markedOption = option(anyText(75), false);

export const optionGroup = shape({ required: { label: plainText(75), options: list(plainOption, 1, 100) } });

export const dispatchConfig = shape({ optional: { trigger_actions_on: list(oneOf('on_enter_pressed', 'on_character_entered'), 1, 2) } });

export const conversationFilter = shape({
  optional: {
    include: list(oneOf('im', 'mpim', 'private', 'public'), 1, 4),
    exclude_external_shared_channels: truth,
    exclude_bot_users: truth,
  },
});

const slackFile = shape({
  optional: { id: text(1, 255), url },
  also(value, pointer, faults) {
    if ((value['id'] === undefined) === (value['url'] === undefined)) faults.push(fault('must have exactly one of id and url', pointer));
  },
});

/** Fields of anything that shows a picture: by address or by uploaded file, one of the two. */
export const picture = { image_url: url, slack_file: slackFile };

export function onePicture(value: Readonly<Record<string, unknown>>, pointer: string, faults: string[]): void {
  if ((value['image_url'] === undefined) === (value['slack_file'] === undefined))
    faults.push(fault('must have exactly one of image_url and slack_file', pointer));
}
