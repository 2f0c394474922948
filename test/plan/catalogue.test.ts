import { expect, test } from "vitest";
import { accelerators } from "../../src/plan/catalogue/accelerators.ts";
import { instances } from "../../src/plan/catalogue/instances/index.ts";
import { services } from "../../src/plan/catalogue/services/index.ts";

test("every price says where it comes from and of when it is, and none is 0", () => {
  for (const row of [...instances, ...services]) {
    expect(row.source, JSON.stringify(row)).toMatch(/@[0-9a-f]{8}|^https:/);
    expect(row.date, JSON.stringify(row)).toMatch(/^20\d\d(-\d\d(-\d\d)?)?$/);
  }
  for (const { onDemand, spot } of instances) for (const price of [onDemand, spot]) expect(price === null || price > 0).toBe(true);
  for (const { price } of services) expect(price).toBeGreaterThan(0);
});

test("every machine's accelerator is in the catalogue of accelerators", () => {
  const known = new Set(accelerators.map(({ name }) => name));
  expect(instances.map(({ accelerator }) => accelerator).filter((name) => name !== null && !known.has(name))).toEqual([]);
});

test("no machine is listed twice in a region", () => {
  const keys = instances.map(({ provider, type, region, accelerators: count }) => `${provider} ${type} ${region} ${count}`);
  expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([]);
});

test("prices that were read by hand are those of the catalogue", () => {
  const price = (type: string, region: string) => instances.find((row) => row.type === type && row.region === region)?.onDemand;
  expect(price("a2-highgpu-1g", "us-central1")).toBeCloseTo(3.673385, 6);
  expect(price("m6i.4xlarge", "us-east-1")).toBe(0.768);
  const storage = services.find(({ service, item, region }) => service === "s3" && item === "Standard / Storage" && region === "us-east-1");
  expect(storage).toMatchObject({ price: 0.023, unit: "GB" });
});

test("an item of a service has one price in a region", () => {
  const keys = services.map(({ provider, service, item, region, unit }) => [provider, service, item, region, unit].join(" | "));
  expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([]);
});
