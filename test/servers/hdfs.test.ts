import { request } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startHdfs, type HDFS } from "./hdfs.ts";

let server: HDFS;
beforeAll(async () => {
  server = await startHdfs();
}, 600_000);
afterAll(() => server.stop());

test("a file written through WebHDFS is read back", async () => {
  const at = (path: string, operation: string): string => `${server.webhdfs}/webhdfs/v1${path}?op=${operation}&user.name=millwright`;
  expect(await (await fetch(at("/lake/a", "MKDIRS"), { method: "PUT" })).json()).toEqual({ boolean: true });
  const text = "Zürich ".repeat(1000);
  // The NameNode names the DataNode that takes the bytes.
  const place = await fetch(at("/lake/a/b.txt", "CREATE"), { method: "PUT", redirect: "manual" });
  expect(place.status).toBe(307);
  expect(await put(place.headers.get("location") ?? "", text)).toBe(201);
  expect(await (await fetch(at("/lake/a/b.txt", "OPEN"))).text()).toBe(text);
  const status = await (await fetch(at("/lake/a/b.txt", "GETFILESTATUS"))).json();
  expect(status).toMatchObject({ FileStatus: { length: 8000, replication: 1, type: "FILE" } });
});

/** The DataNode says "100 Continue" to those who did not ask for it too, which fetch takes for a fault. */
function put(url: string, body: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request(url, { method: "PUT", headers: { "content-type": "application/octet-stream" } }, (answer) => {
      answer.resume().once("end", () => resolve(answer.statusCode));
    })
      .once("error", reject)
      .end(body);
  });
}
