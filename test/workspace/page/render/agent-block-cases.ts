/** Blocks that hold others and those that show an assistant at work, in the shapes SLACK's documentation gives. */
import { mrkdwn, plain, rich } from './block-parts.ts';

export const agentBlockCases: Readonly<Record<string, readonly object[]>> = {
  alert: [
    { type: 'alert', block_id: 'al', level: 'warning', text: mrkdwn('Two sources are *down*') },
    { type: 'alert', block_id: 'al2', text: plain('A note') },
  ],
  card: [
    {
      type: 'card',
      block_id: 'cd',
      title: mrkdwn('*cart*'),
      subtitle: mrkdwn('v2'),
      body: mrkdwn('Errors rose'),
      icon: { type: 'image', image_url: '/chat/files/F1', alt_text: 'cart' },
      hero_image: { type: 'image', image_url: '/chat/files/F1', alt_text: 'hero' },
      actions: [{ type: 'button', action_id: 'go', text: plain('Go'), value: '1' }],
    },
  ],
  carousel: [
    {
      type: 'carousel',
      block_id: 'cr',
      elements: [
        { type: 'card', title: mrkdwn('one') },
        { type: 'card', body: mrkdwn('two') },
      ],
    },
  ],
  container: [
    {
      type: 'container',
      block_id: 'ct',
      title: plain('Evidence'),
      subtitle: mrkdwn('*7* lines'),
      is_collapsible: true,
      default_collapsed: true,
      child_blocks: [{ type: 'divider' }, { type: 'section', text: mrkdwn('in it') }],
    },
    {
      type: 'container',
      block_id: 'ct2',
      title: plain('Open'),
      has_header_divider: true,
      child_blocks: [{ type: 'header', text: plain('in it') }],
    },
  ],
  context_actions: [
    {
      type: 'context_actions',
      block_id: 'ca',
      elements: [
        {
          type: 'feedback_buttons',
          action_id: 'feedback',
          positive_button: { text: plain('Good'), value: 'good', accessibility_label: 'Helpful' },
          negative_button: { text: plain('Bad'), value: 'bad', accessibility_label: 'Not helpful' },
        },
        { type: 'icon_button', icon: 'trash', text: plain('Delete'), action_id: 'delete' },
        { type: 'icon_button', icon: 'trash', text: plain('For others'), action_id: 'hidden', visible_to_user_ids: ['U2'] },
      ],
    },
  ],
  plan: [
    {
      type: 'plan',
      block_id: 'p',
      title: 'Investigating INC-142',
      tasks: [
        {
          type: 'task_card',
          task_id: 't1',
          title: 'Read deploys',
          status: 'complete',
          output: rich('two'),
          sources: [{ type: 'url', url: 'https://example.com', text: 'GitHub' }],
        },
        { task_id: 't2', title: 'Read logs', status: 'in_progress', details: 'loki' },
        { type: 'task_card', task_id: 't3', title: 'Rank', status: 'pending' },
        { type: 'task_card', task_id: 't4', title: 'Metrics', status: 'error' },
      ],
    },
  ],
  task_card: [{ type: 'task_card', block_id: 'tc', task_id: 't', title: 'Alone <b>', status: 'complete' }],
};
