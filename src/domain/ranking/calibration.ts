/**
 * Of reports on injected faults and quiet windows, by the confidence of what they put first: how many there were and how
 * many named the right service. Written by `npm run accuracy -- --inject --calibrate`; do not edit.
 */
export const calibration: readonly { readonly from: number; readonly reports: number; readonly right: number }[] = [
  { from: 0, reports: 319, right: 27 },
  { from: 0.2, reports: 81, right: 49 },
  { from: 0.5, reports: 123, right: 115 },
  { from: 0.9, reports: 655, right: 648 },
];
