import { expect, test } from "vitest";
import { javaCommand } from "../../src/fetch/java.ts";

test("a machine without a Java that is new enough is told what it has and what to install", async () => {
  expect(await javaCommand(17, "Spark")).toMatch(/java$/);
  await expect(javaCommand(99, "Spark")).rejects.toThrow(/Spark needs Java 99, and this machine has Java \d+[\s\S]*install Java 99/);
});
