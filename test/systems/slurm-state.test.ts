import { expect, test } from "vitest";
import { deviceRequest, parseOffers } from "../../src/systems/slurm/offer.ts";
import { hostsOf, parseAccounts } from "../../src/systems/slurm/state.ts";

/** As Slurm 22.05 wrote them; TIMEOUT, OUT_OF_MEMORY and PREEMPTED as its manual has them. */
const rows = `1_0|COMPLETED|0:0|1|00:00.008||one|None|500M
1_0.batch|COMPLETED|0:0|1|00:00.008|3088K|one||
1_1|FAILED|3:0|1|00:00.004||one|None|500M
1_2|FAILED|0:9|2|00:00.174||one|None|96M
1_2.batch|CANCELLED by 0|0:9|2|00:00.174|208756K|one||
1_3|NODE_FAIL|0:0|28|00:00:00||node[07-09,11]|None|500M
1_4|TIMEOUT|0:0|80|1-02:03:04||two|None|500M
1_5|OUT_OF_MEMORY|0:125|4|00:01.500||two|None|500M
1_6|PREEMPTED|0:0|4|00:01.500||two|None|500M
1_7|FAILED|199:0|4|00:01.500||two|None|500M
1_[8-9,11%2]|CANCELLED|0:0|0|00:00:00||None assigned|Dependency|500M
1_10|RUNNING|0:0|0|00:00:00||one|None|500M
`;

test("each state of Slurm's is an outcome, and what was used comes with it", () => {
  const ends = parseAccounts(rows).map(({ task, end }) => [task, end.outcome, end.exitCode]);
  expect(ends).toEqual([
    [0, "succeeded", 0],
    [1, "failed", 3],
    [2, "out-of-memory", 137],
    [3, "lost", null],
    [4, "timed-out", 0],
    [5, "out-of-memory", 253],
    [6, "lost", null],
    [7, "lost", null],
    [8, "cancelled", null],
    [9, "cancelled", null],
    [11, "cancelled", null],
    [10, "lost", null],
  ]);
  const usage = parseAccounts(rows).map(({ end }) => end.usage);
  expect(usage[0]).toEqual({ seconds: 1, processorSeconds: 0.008, peakMemory: 3088 * 1024, nodes: ["one"] });
  expect(usage[3]?.nodes).toEqual(["node07", "node08", "node09", "node11"]);
  expect(usage[4]?.processorSeconds).toBe(86_400 + 2 * 3600 + 3 * 60 + 4);
  expect(hostsOf("a,b[1-2]c,d")).toEqual(["a", "b1c", "b2c", "d"]);
});

test("accelerators are found among a cluster's own names", () => {
  const offers = parseOffers(
    "n1|64|515000|gpu:nvidia_a100:4(S:0-1),shard:8\nn1|64|515000|gpu:nvidia_a100:4(S:0-1),shard:8\nn2|8+|64000+|gpu:2\nn3|4|1000|(null)\n",
  );
  expect(offers.map(({ node, cores, devices }) => [node, cores, devices.length])).toEqual([
    ["n1", 64, 2],
    ["n2", 8, 1],
    ["n3", 4, 0],
  ]);
  expect(deviceRequest(offers, { type: "A100", count: 2 })).toBe("gpu:nvidia_a100:2");
  expect(deviceRequest(offers, { type: "GPU", count: 4 })).toBe("gpu:4");
  expect(deviceRequest(offers, { type: "H100", count: 1 })).toBeNull();
});
