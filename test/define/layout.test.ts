import { expect, test } from "vitest";
import { layoutNode, layoutProblems, layoutWords, type LayoutInput } from "../../src/define/layout.ts";

const origin = { file: "platform.ts", line: 1 };
const columns = [
  { name: "id", type: "bigint" },
  { name: "at", type: "timestamp" },
  { name: "on", type: "date" },
  { name: "amount", type: "double" },
] as const;
const problems = (layout: LayoutInput) =>
  layoutProblems({ name: "events", origin, layout: layoutNode(layout, origin) }, columns).map(({ what }) => what);

test("a layout is said in words", () => {
  const layout = layoutNode(
    { partition: [{ day: "at" }, { bucket: "id", count: 16 }, "on"], sort: ["at", { column: "id", descending: true }], fileSize: "256 MB" },
    origin,
  );
  expect(layoutWords(layout)).toBe("day(at), bucket(id, 16), on; sorted by at, id descending; files of 256 MB");
  expect(layoutWords(layoutNode({}, origin))).toBe("no partitions");
});

test("the size that files have anyway is none", () => {
  expect(layoutNode({ fileSize: "512 MiB" }, origin).fileSize).toBeNull();
  expect(layoutNode({ fileSize: "1.5 GB" }, origin).fileSize).toBe(1_500_000_000);
  expect(() => layoutNode({ fileSize: "256" }, origin)).toThrow("'256' is not a size");
});

test.each([
  [{ partition: [{ day: "att" }] }, "events has no column 'att', which its layout partitions by"],
  [{ sort: ["idd"] }, "events has no column 'idd', which its layout sorts by"],
  [{ partition: [{ day: "id" }] }, "the layout of events partitions by 'id', which is bigint: day needs a date or timestamp"],
  [{ partition: [{ hour: "on" }] }, "the layout of events partitions by 'on', which is date: hour needs a timestamp"],
  [
    { partition: ["amount"] },
    "the layout of events partitions by 'amount', which is double: a partition by its value needs no fractions and no binary",
  ],
  [{ partition: [{ bucket: "id", count: 0 }] }, "the layout of events gives 'id' a count of 0"],
  [{ partition: [{ bucket: "id" }] }, "the layout of events gives 'id' a count of null"],
  [{ partition: ["id", "id"] }, "the layout of events partitions twice by the same"],
  [{ partition: [{ day: "at" }, { month: "at" }] }, "the layout of events has two lengths of time for one column: the shorter is enough"],
  [{ sort: ["at", "at"] }, "the layout of events sorts twice by the same column"],
] as const)("%j is refused", (layout, what) => {
  expect(problems(layout)).toEqual([what]);
});
