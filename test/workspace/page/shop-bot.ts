/** A small bot on the real Bolt client that uses what the page has to show: cards, modals, commands, menus, streams. */
import type { App } from '@slack/bolt';
import type { KnownBlock, ModalView } from '@slack/types';

const plain = (text: string) => ({ type: 'plain_text' as const, text });
const mrkdwn = (text: string) => ({ type: 'mrkdwn' as const, text });

/** A report card as an engineer would meet it. */
export function card(state: string): KnownBlock[] {
  const chart = {
    type: 'data_visualization',
    title: 'payment: errors per minute, %',
    chart: {
      type: 'line',
      series: [
        {
          name: 'payment',
          data: ['11:55', '11:58', '12:01', '12:04', '12:07'].map((label, index) => ({
            label,
            value: [0.2, 0.3, 2.1, 7.9, 8.4][index] ?? 0,
          })),
        },
        {
          name: 'cart',
          data: ['11:55', '11:58', '12:01', '12:04', '12:07'].map((label, index) => ({
            label,
            value: [0.1, 0.1, 0.2, 0.6, 0.7][index] ?? 0,
          })),
        },
      ],
      axis_config: { categories: ['11:55', '11:58', '12:01', '12:04', '12:07'], x_label: 'time', y_label: '%' },
    },
  };
  return [
    { type: 'section', text: mrkdwn(`:red_circle: *Critical · <https://example.com/i/142|INC-142 checkout fails at payment>*\n${state}`) },
    {
      type: 'section',
      fields: [
        mrkdwn('*Since*\n<!date^1795608061^{date_short_pretty} {time}|12:01>, 5 minutes before the alert'),
        mrkdwn('*Hurt*\n8.4 % of checkouts, 3 services'),
      ],
    },
    { type: 'divider' },
    {
      type: 'section',
      text: mrkdwn(
        '*1. payment · change · 91 %*\nRelease `v2.4.0` at 12:00:48; `NullPointerException` first seen at 12:01:12 on `pay-7f9:8080:tcp`.\n> at com.shop.payment.Charge.total(Charge.java:84)',
      ),
    },
    {
      type: 'actions',
      block_id: `verdict-${state.length}`,
      elements: [
        { type: 'button', action_id: 'hypothesis_confirm', text: plain('Confirm'), style: 'primary', value: 'h1' },
        { type: 'button', action_id: 'hypothesis_reject', text: plain('Reject'), value: 'h1' },
        {
          type: 'button',
          action_id: 'incident_resolve',
          text: plain('Resolve'),
          style: 'danger',
          value: 'i1',
          confirm: {
            title: plain('Resolve INC-142?'),
            text: plain('The card is condensed.'),
            confirm: plain('Resolve'),
            deny: plain('Keep open'),
          },
        },
        {
          type: 'static_select',
          action_id: 'incident_mute',
          placeholder: plain('Mute for'),
          options: ['1 hour', '1 day', '1 week'].map((text) => ({ text: plain(text), value: text })),
        },
        {
          type: 'overflow',
          action_id: 'more',
          options: [
            { text: plain('Export for a model'), value: 'export' },
            { text: plain('Create a Jira issue'), value: 'jira' },
          ],
        },
      ],
    },
    chart as unknown as KnownBlock,
    { type: 'context', elements: [mrkdwn('Evidence: 7 spans, 12 log lines, 1 change · metrics did not answer')] },
  ];
}

const reasonModal: ModalView = {
  type: 'modal',
  callback_id: 'reject_reason',
  title: plain('What was it really?'),
  submit: plain('Send'),
  close: plain('Cancel'),
  blocks: [
    {
      type: 'input',
      block_id: 'service',
      label: plain('Service'),
      element: {
        type: 'static_select',
        action_id: 'service',
        placeholder: plain('Choose a service'),
        options: ['cart', 'catalog', 'payment', 'session'].map((text) => ({ text: plain(text), value: text })),
      },
    },
    {
      type: 'input',
      block_id: 'kind',
      label: plain('Kind'),
      element: {
        type: 'radio_buttons',
        action_id: 'kind',
        options: ['error', 'latency', 'configuration'].map((text) => ({ text: plain(text), value: text })),
      },
    },
    {
      type: 'input',
      block_id: 'note',
      label: plain('Note'),
      optional: true,
      hint: plain('Whatever helps the next time'),
      element: { type: 'plain_text_input', action_id: 'note', multiline: true },
    },
    {
      type: 'input',
      block_id: 'tell',
      label: plain('Tell'),
      optional: true,
      element: { type: 'checkboxes', action_id: 'tell', options: [{ text: plain('the channel'), value: 'channel' }] },
    },
  ],
};

export function shopBot(app: App): void {
  app.command('/tracepulse', async ({ ack, command, respond, client }) => {
    await ack();
    if (command.text === 'investigate')
      await client.views.open({
        trigger_id: command.trigger_id,
        view: { ...reasonModal, callback_id: 'investigate', title: plain('Investigate') },
      });
    else await respond({ response_type: 'ephemeral', text: `*Commands*: \`help\`, \`status\`. You said _${command.text}_.` });
  });
  app.action('hypothesis_reject', async ({ ack, body, client }) => {
    await ack();
    if (body.type === 'block_actions')
      await client.views.open({
        trigger_id: body.trigger_id,
        view: { ...reasonModal, private_metadata: JSON.stringify({ channel: body.channel?.id, ts: body.message?.ts }) },
      });
  });
  app.view('reject_reason', async ({ ack, view, client, body }) => {
    const service = view.state.values['service']?.['service']?.selected_option?.value;
    if (service === 'payment') return ack({ response_action: 'errors', errors: { service: 'payment is what you just rejected.' } });
    await ack();
    const { channel, ts } = JSON.parse(view.private_metadata) as { channel: string; ts: string };
    await client.chat.update({
      channel,
      ts,
      text: `INC-142: rejected by ${body.user.id}, it was ${service}`,
      blocks: card(`~Firing~ → Rejected by <@${body.user.id}>: it was *${service}*`),
    });
  });
  app.action('hypothesis_confirm', async ({ ack, body, client }) => {
    await ack();
    if (body.type === 'block_actions' && body.message !== undefined)
      await client.chat.update({
        channel: body.channel?.id ?? '',
        ts: body.message['ts'],
        text: 'INC-142: confirmed',
        blocks: card(`~Firing~ → Confirmed by <@${body.user.id}>`),
      });
  });
  for (const id of ['incident_resolve', 'incident_mute', 'more']) {
    app.action(id, async ({ ack, respond, action }) => {
      await ack();
      const value = action.type === 'static_select' || action.type === 'overflow' ? action.selected_option?.value : 'pressed';
      await respond({ response_type: 'ephemeral', replace_original: false, text: `${id}: ${value}` });
    });
  }
  app.message(/why/, async ({ message, say }) => {
    if (!('thread_ts' in message)) return;
    await say({
      thread_ts: message.thread_ts ?? message.ts,
      text: 'Because `v2.4.0` divides by zero at Charge.java:84.',
      blocks: [
        {
          type: 'markdown',
          text: 'Because **`v2.4.0`** divides by zero:\n\n1. `Charge.java:84`\n2. first seen at 12:01:12\n\n| service | errors |\n|---|--:|\n| payment | 8.4 % |',
        },
      ],
    });
  });
  app.event('app_home_opened', async ({ event, client }) => {
    if (event.tab === 'home')
      await client.views.publish({
        user_id: event.user,
        view: {
          type: 'home',
          blocks: [
            { type: 'header', text: plain('Open incidents') },
            {
              type: 'section',
              text: mrkdwn(':red_circle: *INC-142* payment fails'),
              accessory: { type: 'button', action_id: 'hypothesis_confirm', text: plain('Open') },
            },
            { type: 'divider' },
            { type: 'context', elements: [mrkdwn('Right in 14 of 17 confirmed incidents')] },
          ],
        },
      });
  });
  app.shortcut('new_investigation', async ({ ack, shortcut, client }) => {
    await ack();
    await client.views.open({
      trigger_id: shortcut.trigger_id,
      view: { ...reasonModal, callback_id: 'investigate', title: plain('Investigate') },
    });
  });
  app.shortcut('investigate_message', async ({ ack, shortcut, client }) => {
    await ack();
    if (shortcut.type === 'message_action')
      await client.chat.postMessage({ channel: shortcut.channel.id, thread_ts: shortcut.message.ts, text: 'Investigating this message.' });
  });
}
