/** What a confidence means: how reports that were as sure have done, where it was known who was to blame. */
import { calibration } from './ranking/calibration.ts';

/** Of fewer reports a share says nothing. */
const leastReports = 20;

type Levels = typeof calibration;

/** `of test reports at this level 98 in 100 were right`; null where there were too few to tell. */
export function confidenceMeaning(confidence: number, levels: Levels = calibration): string | null {
  const level = levels.findLast(({ from }) => confidence >= from);
  if (level === undefined || level.reports < leastReports) return null;
  return `of test reports at this level ${shareInWords(level.right / level.reports)} were right`;
}

/** In tenths, at the ends in hundredths: "10 in 10" would be a promise. */
function shareInWords(share: number): string {
  const tenths = Math.round(share * 10);
  return tenths > 0 && tenths < 10 ? `${tenths} in 10` : `${Math.min(99, Math.max(1, Math.round(share * 100)))} in 100`;
}
