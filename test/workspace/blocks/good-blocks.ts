/** Blocks Slack takes, one of every kind the workspace knows; shapes from @slack/types 3.2.0 and Slack's block reference. */
const plain = (text: string) => ({ type: 'plain_text', text });
const mrkdwn = (text: string) => ({ type: 'mrkdwn', text });
const option = (value: string) => ({ text: plain(value), value });
const rich = (text: string) => ({
  type: 'rich_text',
  elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text, style: { bold: true } }] }],
});
const image = { type: 'image', image_url: 'https://example.com/a.png', alt_text: 'a map' };
const point = (label: string, value: number) => ({ label, value });

export const goodMessageBlocks: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  section: { type: 'section', text: mrkdwn('a'.repeat(3_000)), fields: Array.from({ length: 10 }, () => mrkdwn('f')), expand: true },
  'section with fields alone': { type: 'section', fields: [plain('f')] },
  'section with overflow': {
    type: 'section',
    text: mrkdwn('x'),
    accessory: { type: 'overflow', action_id: 'more', options: [{ ...option('o'), url: 'https://example.com' }] },
  },
  header: { type: 'header', text: { ...plain('h'.repeat(150)), emoji: true } },
  divider: { type: 'divider' },
  context: { type: 'context', elements: [mrkdwn('now'), plain('then'), image] },
  image: { ...image, title: plain('Map') },
  'image from Slack': { type: 'image', slack_file: { id: 'F1' }, alt_text: 'a map' },
  actions: {
    type: 'actions',
    elements: [
      {
        type: 'button',
        text: plain('Confirm'),
        action_id: 'a',
        value: 'v',
        style: 'primary',
        confirm: { title: plain('Sure?'), text: mrkdwn('Really'), confirm: plain('Yes'), deny: plain('No') },
      },
      { type: 'static_select', action_id: 'b', placeholder: plain('Choose'), options: [option('x')], initial_option: option('x') },
      { type: 'users_select', action_id: 'c' },
      { type: 'datepicker', action_id: 'd', initial_date: '2026-11-25' },
      { type: 'checkboxes', action_id: 'e', options: [option('x')] },
    ],
  },
  rich_text: {
    type: 'rich_text',
    elements: [
      {
        type: 'rich_text_section',
        elements: [
          { type: 'user', user_id: 'U1' },
          { type: 'emoji', name: 'eyes' },
          { type: 'link', url: 'https://example.com', text: 'x' },
        ],
      },
      {
        type: 'rich_text_list',
        style: 'bullet',
        indent: 0,
        elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text: 'a' }] }],
      },
      { type: 'rich_text_preformatted', elements: [{ type: 'text', text: 'stack' }] },
      { type: 'rich_text_quote', elements: [{ type: 'text', text: 'q' }] },
    ],
  },
  markdown: { type: 'markdown', text: '**bold**' },
  table: {
    type: 'table',
    column_settings: [{ align: 'right', is_wrapped: true }],
    rows: [
      [{ type: 'raw_text', text: 'a' }, rich('b')],
      [
        { type: 'raw_text', text: 'c' },
        { type: 'raw_number', value: 1, text: '1' },
      ],
    ],
  },
  data_table: {
    type: 'data_table',
    caption: 'Services',
    page_size: 5,
    row_header_column_index: 0,
    rows: [
      [
        { type: 'raw_text', text: 'Service' },
        { type: 'raw_text', text: '5xx' },
      ],
      [
        { type: 'raw_text', text: 'checkout' },
        { type: 'raw_number', value: 8.4, text: '8.4 %' },
      ],
    ],
  },
  'line chart': {
    type: 'data_visualization',
    title: '5xx rate, %',
    chart: {
      type: 'line',
      series: [{ name: 'checkout', data: [point('12:00', 0.4), point('12:05', 6.1)] }],
      axis_config: { categories: ['12:00', '12:05'], x_label: 'time', y_label: '%' },
    },
  },
  'pie chart': { type: 'data_visualization', title: 'Share', chart: { type: 'pie', segments: [point('a', 1), point('b', 2)] } },
  context_actions: {
    type: 'context_actions',
    elements: [
      {
        type: 'feedback_buttons',
        action_id: 'feedback',
        positive_button: { text: plain('Good'), value: 'good', accessibility_label: 'Helpful' },
        negative_button: { text: plain('Bad'), value: 'bad' },
      },
      { type: 'icon_button', icon: 'trash', text: plain('Delete'), action_id: 'delete' },
    ],
  },
  plan: {
    type: 'plan',
    title: 'Investigating',
    tasks: [
      {
        type: 'task_card',
        task_id: 't1',
        title: 'Read deploys',
        status: 'complete',
        details: rich('two'),
        sources: [{ type: 'url', url: 'https://example.com', text: 'log' }],
      },
    ],
  },
  task_card: { type: 'task_card', task_id: 't', title: 'Look', status: 'pending' },
  card: {
    type: 'card',
    title: mrkdwn('t'),
    subtitle: mrkdwn('s'),
    body: mrkdwn('b'),
    hero_image: image,
    actions: [{ type: 'button', text: plain('Go'), action_id: 'go' }],
  },
  carousel: { type: 'carousel', elements: [{ type: 'card', title: mrkdwn('t') }] },
  container: {
    type: 'container',
    title: plain('More'),
    is_collapsible: true,
    default_collapsed: true,
    child_blocks: [{ type: 'section', text: mrkdwn('x') }, { type: 'divider' }],
  },
  video: { type: 'video', video_url: 'https://example.com/v', thumbnail_url: 'https://example.com/t', alt_text: 'v', title: plain('v') },
};
