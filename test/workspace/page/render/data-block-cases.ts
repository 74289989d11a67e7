/** Tables and charts, in the shapes SLACK's documentation gives. */
import { rich } from './block-parts.ts';

export const dataBlockCases: Readonly<Record<string, readonly object[]>> = {
  table: [
    {
      type: 'table',
      block_id: 't',
      column_settings: [{ is_wrapped: true }, { align: 'right' }],
      rows: [
        [
          { type: 'raw_text', text: 'Service' },
          { type: 'raw_text', text: '5xx' },
        ],
        [rich('cart', { bold: true }), { type: 'raw_number', value: 8.4, text: '8.4 %' }],
      ],
    },
  ],
  data_table: [
    {
      type: 'data_table',
      block_id: 'dt',
      caption: 'Services',
      page_size: 1,
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
        [
          { type: 'raw_text', text: 'cart' },
          { type: 'raw_number', value: 0.1, text: '0.1 %' },
        ],
      ],
    },
  ],
  data_visualization: [
    {
      type: 'data_visualization',
      block_id: 'v1',
      title: '5xx rate, %',
      chart: {
        type: 'line',
        series: [
          {
            name: 'checkout',
            data: [
              { label: '12:00', value: 0.4 },
              { label: '12:10', value: 6.1 },
            ],
          },
          {
            name: 'cart',
            data: [
              { label: '12:00', value: 0.1 },
              { label: '12:05', value: 0.2 },
              { label: '12:10', value: 0.1 },
            ],
          },
        ],
        axis_config: { categories: ['12:00', '12:05', '12:10'], x_label: 'time', y_label: '%' },
      },
    },
    {
      type: 'data_visualization',
      block_id: 'v2',
      title: 'Calls',
      chart: {
        type: 'bar',
        series: [
          {
            name: 'a',
            data: [
              { label: 'x', value: -3 },
              { label: 'y', value: 12000 },
            ],
          },
        ],
        axis_config: {},
      },
    },
    {
      type: 'data_visualization',
      block_id: 'v3',
      title: 'Area',
      chart: {
        type: 'area',
        series: [
          {
            name: 'a',
            data: [
              { label: 'x', value: 1 },
              { label: 'y', value: 2 },
            ],
          },
        ],
        axis_config: { categories: ['x', 'y'] },
      },
    },
    {
      type: 'data_visualization',
      block_id: 'v4',
      title: 'Shares',
      chart: {
        type: 'pie',
        segments: [
          { label: 'cart', value: 3 },
          { label: 'payment', value: 1 },
        ],
      },
    },
  ],
};
