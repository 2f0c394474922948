import { tmpdir } from "node:os";
import { expect, test } from "vitest";
import { timedCommand } from "../../bench/command.ts";
import { alternate, ratioOf, spreadOf, type Sample } from "../../bench/measure.ts";

test("variants are measured in turn, each is cleared up before the next, and the first rounds do not count", async () => {
  const order: string[] = [];
  const variant = (name: string) => ({
    name,
    async measure(round: number): Promise<Sample> {
      order.push(`${name}${round}`);
      return { wall: round, cpu: 1 };
    },
    async after(round: number): Promise<void> {
      order.push(`after ${name}${round}`);
    },
  });
  const samples = await alternate([variant("a"), variant("b")], { rounds: 2, discarded: 1 });
  expect(order).toEqual([0, 1, 2].flatMap((round) => [`a${round}`, `after a${round}`, `b${round}`, `after b${round}`]));
  expect(samples.get("a")?.map(({ wall }) => wall)).toEqual([1, 2]);
});

test("a spread is the median with the least and the most; a ratio is taken round by round", () => {
  expect(spreadOf([3, 1, 2])).toEqual({ median: 2, least: 1, most: 3 });
  expect(spreadOf([4, 1, 2, 3])).toEqual({ median: 2.5, least: 1, most: 4 });
  expect(() => spreadOf([])).toThrow(RangeError);
  const samples = (...walls: number[]) => walls.map((wall) => ({ wall, cpu: 1 }));
  // The second round met a machine ten times as slow: the ratio does not mind.
  expect(ratioOf(samples(2, 20, 4), samples(1, 10, 2), "wall")).toEqual({ median: 2, least: 2, most: 2 });
});

test("a command's time includes what its own children have used, and its failure says what it printed", async () => {
  const busy = "const end = Date.now() + 300; while (Date.now() < end);";
  const parent = `require("node:child_process").spawnSync(process.execPath, ["-e", ${JSON.stringify(busy)}])`;
  const { wall, cpu } = await timedCommand([process.execPath, "-e", parent], { cwd: tmpdir() });
  expect(wall).toBeGreaterThan(0.3);
  expect(cpu).toBeGreaterThan(0.1);
  await expect(
    timedCommand([process.execPath, "-e", "console.error('no such asset'); process.exit(3)"], { cwd: tmpdir() }),
  ).rejects.toThrow(/ended with 3: no such asset/);
});
