import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { compactAll, expireAll, fill, openWorld, rowsOf } from "./world.ts";

const script = fileURLToPath(new URL("./maintain-once.ts", import.meta.url));

async function maintainAndDie(directory: string, point: string): Promise<unknown> {
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", script, directory], {
    env: { ...process.env, MILLWRIGHT_CRASH: point },
    stdio: ["ignore", "inherit", point.startsWith("catalog") ? "ignore" : "inherit"],
  });
  const [code, signal]: unknown[] = await once(child, "exit");
  return signal ?? code;
}

/** Where maintenance is killed, and whether it then leaves files that nothing needs. */
const points = {
  "maintain-data-written": true,
  "maintain-manifests-written": true,
  "maintain-replaced": false,
  "maintain-expiry-planned": false,
  "maintain-expired": true,
  // Here it is the catalog that dies, before or after it has committed, and its client gets no reply.
  "catalog-after-metadata": true,
  "catalog-after-commit": false,
} as const;

test("killed anywhere, the table is whole, and the next maintenance finishes and leaves no file behind", { timeout: 240_000 }, async () => {
  const lake = await openWorld();
  onTestFinished(() => lake.close());
  await fill(lake, 1);
  for (const [index, [point, leaves]] of Object.entries(points).entries()) {
    await fill(lake, 2, 1 + index * 2);
    await lake.ask(`DELETE FROM t WHERE id = ${index * 10}`);
    const before = await rowsOf(lake);
    expect(await maintainAndDie(lake.directory, point), point).toBe(point.startsWith("catalog") ? 1 : "SIGKILL");
    expect(await rowsOf(lake), point).toBe(before);
    // A commit that was on its way when its sender was killed is waited for: nothing is removed too early.
    expect((await lake.maintain({})).finished, point).toEqual({ files: 0, bytes: 0 });
    const { finished } = await lake.maintain({ orphans: { olderThanSeconds: 3600, dryRun: false } }, 7_200_000);
    expect(finished.files > 0, point).toBe(leaves);
    expect(await rowsOf(lake), point).toBe(before);
    expect(await lake.orphans(), point).toEqual([]);
    await lake.maintain({ compact: compactAll, expire: expireAll });
    expect(await lake.files(), point).toEqual({ data: 1, deletes: 0 });
    expect(await rowsOf(lake), point).toBe(before);
    expect(await lake.orphans(), point).toEqual([]);
  }
});
