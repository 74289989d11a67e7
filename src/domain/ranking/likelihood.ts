/** How much likelier two rates are than one and the same, as a logarithm: of hits among tries, and of hits in a stretch of time. */

/** Log-likelihood of `hits` of `n` tries, or within `n` minutes, at that rate. */
type LogLikelihood = (hits: number, n: number, rate: number) => number;

const ofTries: LogLikelihood = (hits, n, rate) => hits * Math.log(rate) + (n - hits) * Math.log(1 - rate);
const ofMinutes: LogLikelihood = (hits, minutes, rate) => hits * Math.log(rate) - rate * minutes;

/** `over`: what is added to tries so that none of a few is not never. */
function twoRates(likelihood: LogLikelihood, over: number) {
  const rate = (hits: number, n: number): number => (hits + 0.5) / (n + over);
  return (hitsBefore: number, before: number, hitsAfter: number, after: number): number => {
    const both = rate(hitsBefore + hitsAfter, before + after);
    return (
      likelihood(hitsBefore, before, rate(hitsBefore, before)) +
      likelihood(hitsAfter, after, rate(hitsAfter, after)) -
      likelihood(hitsBefore, before, both) -
      likelihood(hitsAfter, after, both)
    );
  };
}

export const likelihoodRatio = twoRates(ofTries, 1);

/** The same of hits in minutes. */
export const rateLikelihoodRatio = twoRates(ofMinutes, 0);
