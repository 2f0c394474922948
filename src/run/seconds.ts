/** Wall time since `performance.now()` gave `began`, in seconds, to the millisecond: as commits and events keep it. */
export function secondsSince(began: number): number {
  return Math.round(performance.now() - began) / 1000;
}
