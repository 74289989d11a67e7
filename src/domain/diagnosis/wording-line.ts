/** One line on whose words a report has, what they cost, and why they are not the model's; '' where no model is configured. */
import type { ContextDiagnosis } from './context-diagnosis.ts';

export function wordingLine(diagnosis: ContextDiagnosis | undefined): string {
  if (diagnosis === undefined) return '';
  const { state, model, dropped, tokens, cost, problem } = diagnosis;
  const spent = tokens.input + tokens.output;
  const counts = [
    ...(spent === 0 ? [] : [`${spent.toLocaleString('en')} tokens`]),
    ...(cost === null ? [] : [`$${cost.toFixed(4)}`]),
    ...(dropped === 0 ? [] : [`${dropped} ${dropped === 1 ? 'statement' : 'statements'} without ground left out`]),
  ];
  const whose = {
    asked: 'Worded by the rules; the model is being asked',
    written: `Worded by ${model ?? 'the model'}`,
    failed: `Worded by the rules; no help from the model: ${problem ?? 'it did not say why'}`,
  };
  return [whose[state], ...counts].join(' · ');
}
