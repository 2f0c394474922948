import { afterEach, expect, test, vi } from "vitest";
import { startCompanion } from "../../src/cli/companion.ts";

afterEach(() => void vi.unstubAllEnvs());

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

test("a companion that there is none of, or a machine without Java, is an error that says what to do", async () => {
  await expect(startCompanion("storm", () => undefined)).rejects.toThrow(/cannot start 'storm'[\s\S]*--with spark/);
  vi.stubEnv("JAVA_HOME", "/nowhere");
  await expect(startCompanion("spark", () => undefined)).rejects.toThrow(/Spark needs Java 17[\s\S]*install Java 17/);
});
