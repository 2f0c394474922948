import { existsSync, readdirSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { openJournal } from "../../src/run/journal.ts";
import { statePaths } from "../../src/run/state.ts";
import { contentsOf } from "./contents.ts";
import { openShop, outcomes, shopPlatform } from "./shop.ts";

test("of two runs at once the second is refused, and names the first", async () => {
  const shop = openShop();
  const slow = shopPlatform({ helpers: ["sleep 1; echo ready; sleep 60"] });
  const first = shop.run(slow);
  await sleep(200);
  await expect(shop.run(slow)).rejects.toMatchObject({ problem: { code: "run-in-progress" } });
  expect((await first).outcomes).toEqual(outcomes("created"));
});

test("a run that waits for another finds its work done", async () => {
  const shop = openShop();
  const slow = shopPlatform({ helpers: ["sleep 1; echo ready; sleep 60"] });
  const first = shop.run(slow);
  await sleep(200);
  const second = await shop.run(slow, { wait: true });
  expect((await first).outcomes).toEqual(outcomes("created"));
  expect(second.outcomes).toEqual(outcomes("unchanged"));
  expect(second.notes).toEqual([expect.stringMatching(/waiting for another run .*process \d+/)]);
});

test("a cancelled run says so, leaves everything consistent, and the next one completes it", async () => {
  const shop = openShop();
  const undisturbed = openShop();
  await undisturbed.run();
  const wanted = await contentsOf(undisturbed.directory, "shop");
  for (const delay of [50, 150, 300, 600]) {
    const cancel = new AbortController();
    setTimeout(() => cancel.abort(new Error("cancelled by the test")), delay);
    const result = await shop.run(shopPlatform(), { signal: cancel.signal });
    if (result.outcome === "succeeded") break;
    expect(result.outcome).toBe("cancelled");
    expect(Object.values(result.outcomes)).toContain("cancelled");
    expect(Object.values(result.outcomes)).not.toContain("failed");
    expect(shop.events({ type: "asset.failed" })).toEqual([]);
  }
  const last = await shop.run();
  expect(last.outcome).toBe("succeeded");
  expect(await contentsOf(shop.directory, "shop")).toEqual(wanted);
  using journal = openJournal(statePaths(shop.directory, "local").journal);
  expect(journal.verify()).toBeNull();
  const commits = journal.events({ type: "asset.committed" }).map(({ body }) => body["snapshot"]);
  expect(new Set(commits).size).toBe(commits.length);
});

test("a run that is cancelled before it begins starts nothing", async () => {
  const shop = openShop();
  const result = await shop.run(shopPlatform(), { signal: AbortSignal.abort() });
  expect(result.outcome).toBe("cancelled");
  expect(result.outcomes).toEqual(outcomes("cancelled"));
  expect([...shop.heads()]).toEqual([]);
});

test("a cancel while a helper starts ends the run as cancelled", async () => {
  const shop = openShop();
  const cancel = new AbortController();
  setTimeout(() => cancel.abort(), 300);
  const result = await shop.run(shopPlatform({ helpers: ["sleep 60"] }), { signal: cancel.signal });
  expect(result.outcome).toBe("cancelled");
  expect(result.outcomes).toEqual(outcomes("cancelled"));
  expect(shop.events().map(({ type }) => type)).toEqual(["run.started", "run.finished"]);
});

test("a run leaves nothing staged", async () => {
  const shop = openShop();
  await shop.run();
  const { staging } = statePaths(shop.directory, "local");
  expect(existsSync(staging) ? readdirSync(staging) : []).toEqual([]);
});
