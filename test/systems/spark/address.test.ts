import { expect, test } from "vitest";
import { parseAddress } from "../../../src/systems/spark/address.ts";

test("an address is read as Spark's own clients read it", () => {
  expect(parseAddress("sc://spark", null)).toEqual({
    host: "spark",
    port: 15002,
    secure: false,
    token: null,
    user: "millwright",
    headers: {},
  });
  expect(parseAddress("sc://spark.example:443/;use_ssl=true;token=abc%3D;user_id=ada;x-cluster-id=7", null)).toEqual({
    host: "spark.example",
    port: 443,
    secure: true,
    token: "abc=",
    user: "ada",
    headers: { "x-cluster-id": "7" },
  });
});

test("a token goes over TLS, but for this machine's own server; one beside the address counts more than its own", () => {
  expect(parseAddress("sc://spark:15002", "abc")).toMatchObject({ secure: true, token: "abc" });
  expect(parseAddress("sc://spark:15002/;token=old", "new")).toMatchObject({ secure: true, token: "new" });
  expect(parseAddress("sc://127.0.0.1:15002/;token=abc", null)).toMatchObject({ secure: false, token: "abc" });
});

test("what is no address is refused without repeating it", () => {
  for (const address of [
    "spark:15002",
    "http://spark",
    "sc://",
    "sc://spark/;use_ssl=yes",
    "sc://spark/;secret-token",
    "sc://user@spark",
  ]) {
    expect(() => parseAddress(address, null)).toThrow(/option url must be an address/);
    expect(() => parseAddress(address, null)).not.toThrow(/secret-token/);
  }
});
