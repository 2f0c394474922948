import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { env } from "../../src/index.ts";
import { lakeOf } from "../../src/run/lakehouse.ts";
import { statePaths } from "../../src/run/state.ts";
import { hybrid, local, s3, sqlite } from "../../src/systems/index.ts";
import { lakeContract } from "../contracts/lake.ts";
import { temporaryFolder } from "../run/temporary.ts";
import { startS3 } from "../servers/s3.ts";

lakeContract({
  name: "A local folder before Amazon S3 (moto stands in)",
  refusesExisting: true,
  async start() {
    const server = await startS3();
    const directory = await mkdtemp(join(tmpdir(), "millwright-near-"));
    const far = s3({
      bucket: await server.bucket(`far-${randomUUID()}`),
      endpoint: server.endpoint,
      accessKey: env("TEST_FAR_ACCESS_KEY"),
      secretKey: env("TEST_FAR_SECRET_KEY"),
    });
    return {
      binding: hybrid({ near: local({ directory: join(directory, "lake") }), far, after: "90 days" }),
      env: { TEST_FAR_ACCESS_KEY: server.accessKey, TEST_FAR_SECRET_KEY: server.secretKey },
      secrets: [server.secretKey],
      async stop() {
        await server.stop();
        await rm(directory, { recursive: true, force: true });
      },
    };
  },
  more: (lake) => {
    test("new files go near, old ones far, and both storages' settings reach the engines", () => {
      expect(lake().storages.map(({ service }) => service)).toEqual(["fs", "s3"]);
      expect(lake().tiering).toEqual({ days: 90 });
      expect(lake().duckdb?.statements).toHaveLength(2);
      expect(lake().hadoop).toMatchObject({ "fs.s3.impl": "org.apache.hadoop.fs.s3a.S3AFileSystem" });
    });
  },
});

test("what is no storage, or no whole number of days, is refused", async () => {
  const connect = (options: Parameters<typeof hybrid>[0]) =>
    lakeOf({ bindings: { lake: hybrid(options) } }, statePaths(temporaryFolder(), "local"));
  const near = local({ directory: "near" });
  await expect(connect({ near, far: sqlite({ file: "a.sqlite" }), after: "90 days" })).rejects.toThrow("SQLite cannot be the far storage");
  await expect(connect({ near, far: near, after: "12.5 seconds" })).rejects.toThrow("is not a length of time");
  await expect(connect({ near, far: near, after: "36 hours" })).rejects.toThrow("at least a day, in whole days");
});
