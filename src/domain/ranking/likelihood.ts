/** How much likelier two rates are than one and the same, as a logarithm: of hits among tries, and of hits in a stretch of time. */

/** Log-likelihood of `hits` of `n` at rate `p`. */
const logLikelihood = (hits: number, n: number, p: number): number => hits * Math.log(p) + (n - hits) * Math.log(1 - p);

export function likelihoodRatio(hitsBefore: number, before: number, hitsAfter: number, after: number): number {
  const rate = (hits: number, n: number): number => (hits + 0.5) / (n + 1);
  const both = rate(hitsBefore + hitsAfter, before + after);
  return (
    logLikelihood(hitsBefore, before, rate(hitsBefore, before)) +
    logLikelihood(hitsAfter, after, rate(hitsAfter, after)) -
    logLikelihood(hitsBefore, before, both) -
    logLikelihood(hitsAfter, after, both)
  );
}

/** Log-likelihood of `hits` within so many minutes, at `rate` a minute. */
const logLikelihoodOfRate = (hits: number, minutes: number, rate: number): number => hits * Math.log(rate) - rate * minutes;

/** The same of hits in minutes. */
export function rateLikelihoodRatio(hitsBefore: number, before: number, hitsAfter: number, after: number): number {
  const rate = (hits: number, minutes: number): number => (hits + 0.5) / minutes;
  const both = rate(hitsBefore + hitsAfter, before + after);
  return (
    logLikelihoodOfRate(hitsBefore, before, rate(hitsBefore, before)) +
    logLikelihoodOfRate(hitsAfter, after, rate(hitsAfter, after)) -
    logLikelihoodOfRate(hitsBefore, before, both) -
    logLikelihoodOfRate(hitsAfter, after, both)
  );
}
