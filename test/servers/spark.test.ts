import { existsSync } from "node:fs";
import { connect } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startSpark, type Spark } from "./spark.ts";

let spark: Spark;
beforeAll(async () => {
  spark = await startSpark({ workers: 2 });
}, 600_000);
afterAll(() => spark.stop());

test("a cluster of two workers listens on the loopback address, and its driver comes back at the same address after its end", async () => {
  const { driver, master, workers } = spark.pids();
  expect(new Set([driver, master, ...workers]).size).toBe(4);
  const port = Number(new URL(spark.url.replace("sc:", "http:")).port);
  expect(await answers(port)).toBe(true);
  await spark.killDriver();
  expect(await answers(port)).toBe(false);
  await spark.restartDriver();
  expect(await answers(port)).toBe(true);
  expect(spark.pids().driver).not.toBe(driver);
  await spark.restartWorker(1);
  expect(spark.pids().workers[0]).toBe(workers[0]);
  expect(spark.pids().workers[1]).not.toBe(workers[1]);
}, 600_000);

test("nothing of it is left when it is stopped", async () => {
  const { driver, master, workers } = spark.pids();
  await spark.stop();
  for (const pid of [driver, master, ...workers]) expect(existsSync(`/proc/${pid}`)).toBe(false);
}, 60_000);

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => resolve(true));
    socket.once("error", () => resolve(false)).once("connect", () => socket.destroy());
  });
}
