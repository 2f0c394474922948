/** 80 % of a normal distribution lie within so many deviations; some air for what is rarer than it says. */
const deviations = 1.28 * 1.2;

/** The factor above and below an estimate between which the truth lies in four cases of five. */
export function rangeFactor(deviation: number): number {
  return Math.exp(deviations * deviation);
}
