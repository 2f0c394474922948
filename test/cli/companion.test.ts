import { expect, test } from "vitest";
import { startCompanion } from "../../src/cli/companion.ts";

test("--with spark starts a Spark of this machine and tells how to bind it; a second one takes another port", async () => {
  const told: string[] = [];
  const first = await startCompanion("spark", (text) => void told.push(text));
  try {
    expect(told.join()).toContain("starting Spark");
    expect(first.binding).toBe(`engine: spark({ url: "${first.url}" })`);
    const second = await startCompanion("spark", () => undefined);
    expect(second.url).toMatch(/^sc:\/\/127\.0\.0\.1:\d+$/);
    expect(second.url).not.toBe(first.url);
    await second.stop();
  } finally {
    await first.stop();
  }
}, 600_000);

test("a companion that there is none of is an error that says which there are", async () => {
  await expect(startCompanion("storm", () => undefined)).rejects.toThrow(/cannot start 'storm'[\s\S]*--with spark/);
});
