import { expect, test } from "vitest";
import { parsePrices, readPrices } from "../../../src/plan/cost/read-prices.ts";

test("prices are read with the lines that they stand on; names have commas, comments say nothing", () => {
  const text =
    "# ours\n\naws/m7i.large,0.09\naws/s3/Standard / PUT, COPY, POST, LIST requests,0.0045\r\nowned/electricity, 0.11\naws/m7i.large/reserved,6e-2\n";
  expect(parsePrices(text, "prices.csv")).toEqual({
    "aws/m7i.large": { price: 0.09, where: { file: "prices.csv", line: 3 } },
    "aws/s3/Standard / PUT, COPY, POST, LIST requests": { price: 0.0045, where: { file: "prices.csv", line: 4 } },
    "owned/electricity": { price: 0.11, where: { file: "prices.csv", line: 5 } },
    "aws/m7i.large/reserved": { price: 0.06, where: { file: "prices.csv", line: 6 } },
  });
});

test("a line that is no price, names nothing or stands twice is an error with its line", () => {
  const thrown = (text: string) => {
    try {
      parsePrices(text, "prices.csv");
    } catch (error) {
      return error instanceof Error ? error.message : "";
    }
    return "";
  };
  expect(thrown("aws/m7i.large,0.09\naws/m7i.large cheap")).toMatch(/prices\.csv:2/);
  expect(thrown("aws/m7i.large,-1")).toMatch(/is no price[^]*prices\.csv:1/);
  expect(thrown("# ours\naws/m7i.lrge,0.09")).toMatch(/prices\.csv:2[^]*use one of: aws\/m7i\.large/);
  expect(thrown("aws/m7i.large,1\naws/m7i.large,2")).toMatch(/stands on line 1 already[^]*prices\.csv:2/);
  expect(() => readPrices("nowhere/prices.csv")).toThrow("there is no file 'nowhere/prices.csv'");
});
