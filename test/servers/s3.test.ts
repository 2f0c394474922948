import { afterAll, beforeAll, expect, test } from "vitest";
import { startS3, type S3 } from "./s3.ts";

let server: S3;
beforeAll(async () => {
  server = await startS3();
}, 300_000);
afterAll(() => server.stop());

test("the stand-in of S3 gives back what was put into a bucket, to those who name a key", async () => {
  const bucket = await server.bucket("lake");
  const credential = `${server.accessKey}/20200101/${server.region}/s3/aws4_request`;
  const headers = { authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=host, Signature=unchecked` };
  const at = (path: string): string => `${server.endpoint}/${bucket}${path}`;
  expect((await fetch(at("/a/b.txt"), { method: "PUT", body: "Zürich", headers })).status).toBe(200);
  expect(await (await fetch(at("/a/b.txt"), { headers })).text()).toBe("Zürich");
  expect(await (await fetch(at("?list-type=2"), { headers })).text()).toContain("<Key>a/b.txt</Key>");
  expect((await fetch(at("/none"), { headers })).status).toBe(404);
  expect((await fetch(at("/a/b.txt"))).status).toBe(403);
});
