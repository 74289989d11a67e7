/** One block or more of every type, in the shapes SLACK's documentation gives; each has its golden file in `golden/`. */
import { agentBlockCases } from './agent-block-cases.ts';
import { mrkdwn, option, plain, rich } from './block-parts.ts';
import { dataBlockCases } from './data-block-cases.ts';

export const blockCases: Readonly<Record<string, readonly object[]>> = {
  section: [
    { type: 'section', block_id: 's1', text: mrkdwn('*payment* fails since 12:01:12 on host:8080:tcp :red_circle:') },
    { type: 'section', block_id: 's2', fields: [mrkdwn('*Since*\n12:01'), plain('Errors 8 %')] },
    {
      type: 'section',
      block_id: 's3',
      text: plain('plain *text*'),
      accessory: { type: 'button', action_id: 'open', text: plain('Open'), url: 'https://example.com/x', value: 'v' },
    },
    {
      type: 'section',
      block_id: 's4',
      text: mrkdwn('menu'),
      accessory: {
        type: 'overflow',
        action_id: 'more',
        options: [option('a', 'Export'), { ...option('b', 'Docs'), url: 'https://example.com' }],
      },
    },
  ],
  header: [{ type: 'header', block_id: 'h', text: plain('INC-142 :fire: *not bold*') }],
  divider: [{ type: 'divider', block_id: 'd' }],
  context: [
    {
      type: 'context',
      block_id: 'c',
      elements: [mrkdwn('since *12:01*'), plain('a < b'), { type: 'image', image_url: 'https://example.com/i.png', alt_text: 'icon' }],
    },
  ],
  actions: [
    {
      type: 'actions',
      block_id: 'a',
      elements: [
        { type: 'button', action_id: 'hypothesis_confirm', text: plain('Confirm'), style: 'primary', value: 'h-1' },
        {
          type: 'button',
          action_id: 'incident_resolve',
          text: plain('Resolve'),
          style: 'danger',
          value: 'i-1',
          confirm: { title: plain('Sure?'), text: plain('It closes.'), confirm: plain('Yes'), deny: plain('No') },
        },
        {
          type: 'static_select',
          action_id: 'mute',
          placeholder: plain('Mute for'),
          options: [option('1h', 'One hour'), option('1d', 'One day')],
          initial_option: option('1d', 'One day'),
        },
        {
          type: 'multi_static_select',
          action_id: 'many',
          placeholder: plain('Services'),
          max_selected_items: 2,
          option_groups: [{ label: plain('Shop'), options: [option('cart')] }],
        },
        { type: 'users_select', action_id: 'who', placeholder: plain('Who'), initial_user: 'U1' },
        { type: 'channels_select', action_id: 'where' },
        { type: 'multi_conversations_select', action_id: 'talks', initial_conversations: ['C1', 'U1'] },
        { type: 'external_select', action_id: 'ask', min_query_length: 0, placeholder: plain('Service') },
        { type: 'datepicker', action_id: 'day', initial_date: '2026-11-25' },
        { type: 'timepicker', action_id: 'hour', initial_time: '12:30' },
        { type: 'datetimepicker', action_id: 'moment', initial_date_time: 1392734382 },
        {
          type: 'checkboxes',
          action_id: 'boxes',
          options: [{ ...option('a', 'A'), description: mrkdwn('the *first*') }, option('b', 'B')],
          initial_options: [option('b', 'B')],
        },
        { type: 'radio_buttons', action_id: 'radio', options: [option('a', 'A'), option('b', 'B')], initial_option: option('a', 'A') },
        { type: 'hologram', action_id: 'new' },
      ],
    },
  ],
  input: [
    {
      type: 'input',
      block_id: 'i1',
      label: plain('Note'),
      hint: plain('What was it?'),
      element: { type: 'plain_text_input', action_id: 'note', multiline: true, max_length: 300, initial_value: '</textarea><b>' },
    },
    {
      type: 'input',
      block_id: 'i2',
      label: plain('Minutes'),
      optional: true,
      dispatch_action: true,
      element: { type: 'number_input', action_id: 'minutes', is_decimal_allowed: false, min_value: '1', max_value: '60' },
    },
    {
      type: 'input',
      block_id: 'i3',
      label: plain('Kind'),
      element: { type: 'radio_buttons', action_id: 'kind', options: [option('error'), option('latency')] },
    },
    {
      type: 'input',
      block_id: 'i4',
      label: plain('Service'),
      element: { type: 'static_select', action_id: 'service', options: [option('cart'), option('payment')] },
    },
    { type: 'input', block_id: 'i5', label: plain('Mail'), element: { type: 'email_text_input', action_id: 'mail' } },
    {
      type: 'input',
      block_id: 'i6',
      label: plain('Link'),
      element: { type: 'url_text_input', action_id: 'link', placeholder: plain('https://') },
    },
    {
      type: 'input',
      block_id: 'i7',
      label: plain('File'),
      element: { type: 'file_input', action_id: 'file', filetypes: ['log', 'txt'], max_files: 1 },
    },
    {
      type: 'input',
      block_id: 'i8',
      label: plain('Rich'),
      element: { type: 'rich_text_input', action_id: 'rich', initial_value: rich('hello') },
    },
  ],
  image: [
    { type: 'image', block_id: 'm1', image_url: '/chat/files/F1', alt_text: 'Map of 12 services', title: plain('Map') },
    { type: 'image', block_id: 'm2', slack_file: { id: 'F2' }, alt_text: 'Timeline' },
    { type: 'image', block_id: 'm3', image_url: 'https://elsewhere.example/x.png', alt_text: 'Elsewhere' },
  ],
  markdown: [{ type: 'markdown', text: '## Cause\n\n1. **cart** `v2`\n2. nothing\n\n| a | b |\n|---|---|\n| 1 | 2 |' }],
  rich_text: [
    {
      type: 'rich_text',
      block_id: 'r',
      elements: [
        {
          type: 'rich_text_section',
          elements: [
            { type: 'text', text: 'a\nb ', style: { bold: true, italic: true } },
            { type: 'link', url: 'https://example.com', text: 'link', style: { code: true } },
            { type: 'link', url: 'javascript:alert(1)', text: 'bad' },
            { type: 'user', user_id: 'U1' },
            { type: 'channel', channel_id: 'C1' },
            { type: 'emoji', name: 'fire' },
            { type: 'emoji', name: 'unheard_of', unicode: '1f600' },
            { type: 'broadcast', range: 'here' },
            { type: 'date', timestamp: 1392734382, format: '{date_num} {time}', fallback: 'then' },
            { type: 'color', value: '#ff0000' },
            { type: 'hologram', value: 1 },
          ],
        },
        {
          type: 'rich_text_list',
          style: 'ordered',
          indent: 1,
          border: 1,
          offset: 2,
          elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text: 'one', style: { strike: true } }] }],
        },
        { type: 'rich_text_quote', elements: [{ type: 'text', text: 'quoted' }] },
        { type: 'rich_text_preformatted', elements: [{ type: 'text', text: 'line 1\nline *2*' }] },
      ],
    },
  ],
  ...dataBlockCases,
  ...agentBlockCases,
  file: [{ type: 'file', block_id: 'f', source: 'remote', external_id: 'F1' }],
  video: [
    {
      type: 'video',
      block_id: 'vd',
      title: plain('Recording'),
      title_url: 'https://example.com/v',
      video_url: 'https://example.com/embed',
      thumbnail_url: 'https://example.com/t.png',
      alt_text: 'A screen',
      author_name: 'ana',
      provider_name: 'Tube',
      description: plain('Two minutes'),
    },
  ],
  unknown: [
    { type: 'hologram', depth: 3, note: '<script>' },
    { type: 'section' },
    { type: 'data_visualization', title: 'x', chart: { type: 'radar' } },
  ],
};
