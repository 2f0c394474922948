export { randomNumbers as random } from "../../src/random.ts";

/** A standard normal number, by Box and Muller's way. */
export function normal(draw: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw());
}
