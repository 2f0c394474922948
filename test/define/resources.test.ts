import { expect, test } from "vitest";
import { anyResources, parseResources } from "../../src/define/resources.ts";

const here = { file: "platform.ts", line: 3 };

test("resources are written in people's units and kept in bytes and seconds", () => {
  const written = {
    nodes: 2,
    processesPerNode: 4,
    threads: 8,
    memory: "4 GB",
    accelerators: { type: "A100", count: 2 },
    time: "2 hours",
  } as const;
  expect(parseResources(written, here)).toEqual({ ...written, memory: 4e9, time: undefined, seconds: 7200 });
  expect(parseResources({}, here)).toEqual(anyResources);
  expect(Object.isFrozen(parseResources(written, here).accelerators)).toBe(true);
});

test("what is no amount is refused with its place", () => {
  const problem = (options: Parameters<typeof parseResources>[0]): unknown => {
    try {
      return parseResources(options, here);
    } catch (error) {
      return String(error);
    }
  };
  expect(problem({ nodes: 0 })).toContain("nodes is 0\n  at platform.ts:3");
  expect(problem({ threads: 1.5 })).toContain("threads is 1.5");
  expect(problem({ accelerators: { type: "A100", count: -1 } })).toContain("accelerators.count is -1");
  expect(problem({ accelerators: { type: "", count: 1 } })).toContain("'' is no type of accelerator");
  expect(problem({ time: "0 seconds" })).toContain("'1 second'");
});
