import { expect, test } from "vitest";
import { figureText } from "../../../src/plan/figure-text.ts";
import { whyUnknown } from "../../../src/plan/figure.ts";
import { costOf } from "../../../src/plan/cost/cost.ts";
import type { CostOption } from "../../../src/plan/vocabulary.ts";
import { expectToAddUp } from "./by-hand.ts";
import { said, shop, shopInput, type SaidPart } from "./shop.ts";

const sizes: Readonly<Record<string, SaidPart>> = {
  engine: { cores: 16, gibibytes: 64, hours: 100 },
  lake: { storage: 100e12 },
  warehouse: { cores: 8, gibibytes: 32, storage: 5e12 },
  launcher: { cores: 8, gibibytes: 32, hours: 10, accelerator: { type: "L4", count: 1 }, figures: [said("training runs", 20)] },
  server: { replicas: 3, cores: 4, gibibytes: 8 },
};

const demand = { requests: "200/second", volume: "2 TB/day", region: "us-east-1" } as const;

function costs(definition = shop(demand, { provider: "aws" }), prices = {}, parts = sizes) {
  const { input, parts: all, sizing } = shopInput(definition, parts, prices);
  return costOf(input, all, sizing);
}

function option(name: string, cost = costs()): CostOption {
  const found = cost.options.find((one) => one.name === name);
  if (found === undefined) throw new Error(`there is no ${name} among ${cost.options.map((one) => one.name).join("; ")}`);
  return found;
}

const amounts = ({ lines }: CostOption) => lines.map(({ part, item, monthly }) => [part, item, monthly.value]);

test("the bill at AWS is what a person adds up from the price list", () => {
  expect(amounts(costs().chosen)).toEqual([
    // 100 h of 16 cores and 64 GiB: m6i.4xlarge, 0.768.
    ["engine", "m6i.4xlarge", 76.8],
    // 100,000 GB x 0.023; 60.8 TB / 128 MB = 475.3 thousand objects, each read ten times.
    ["lake", "s3 Standard / Storage", 2300],
    ["lake", "s3 Standard / PUT, COPY, POST, LIST requests", 2.38],
    ["lake", "s3 Standard / GET, SELECT, and all other requests", 1.9],
    // 730 h x 0.384; 5,000 GB x 0.08.
    ["warehouse", "m6i.2xlarge", 280.32],
    ["warehouse", "ebs Storage (general purpose SSD, gp3)", 400],
    // 10 h x 0.9776: g6.xlarge has 4 cores, which is too few.
    ["launcher", "g6.2xlarge", 9.78],
    // 3 x 730 h x 0.17; 200/s x 2,628,000 s x 1 kB = 525.6 GB, 526 x 0.09.
    ["server", "c6i.xlarge", 372.3],
    ["server", "data-transfer Outbound data transfer to Internet (first 10TB)", 47.34],
  ]);
  expect(costs().chosen.monthly.value).toBe(3490.82);
  expect(figureText(costs().chosen.monthly)).toBe("$3,490.82/month");
});

test("each line is the printed quantity by the printed price, to the cent, and the total is the sum of the printed lines", () => {
  for (const one of costs().options) expectToAddUp(one);
});

test("every price has a row of a source with its date, a line of a person, or says why it is unknown", () => {
  for (const { lines } of costs().options)
    for (const { price, item } of lines) {
      if (price.value === null) expect(whyUnknown(price), item).toMatch(/no source|the catalogue|takes its place/);
      else {
        const origins = price.origin.kind === "computed" ? price.origin.from.map(({ origin }) => origin) : [price.origin];
        for (const origin of origins)
          expect(origin, item).toMatchObject({
            kind: "catalogue",
            source: expect.stringMatching(/.../),
            date: expect.stringMatching(/^20\d\d/),
          });
      }
    }
});

test("all six stand side by side, the chosen one first, each with the reason for its region", () => {
  const { options, chosen } = costs(shop({ ...demand, region: "EU" }, { provider: "google" }));
  expect(options[0]).toBe(chosen);
  expect(options.map(({ name, because }) => `${name}: ${because}`)).toEqual([
    "google europe-west4, on demand: the requirement says EU: the region of google there whose prices are known best",
    "aws eu-west-1, on demand: the requirement says EU: the region of aws there whose prices are known best",
    "google europe-west4, reserved: the requirement says EU: the region of google there whose prices are known best",
    "google europe-west4, spot: the requirement says EU: the region of google there whose prices are known best",
    "azure westeurope, on demand: the requirement says EU: the region of azure there whose prices are known best",
    "azure westeurope, reserved: the requirement says EU: the region of azure there whose prices are known best",
    "lambda europe-central-1, on demand: the requirement says EU: the region of lambda there whose prices are known best",
    "nebius eu-north1, on demand: the requirement says EU: the region of nebius there whose prices are known best",
    "owned, EU: the requirement names it",
  ]);
});

test("a price of another region stands in only by name, with the range that machines known in both regions give", () => {
  const aws = option("aws eu-west-1, on demand", costs(shop({ ...demand, region: "eu-west-1" }, { provider: "google" })));
  const engine = aws.lines.find(({ part }) => part === "engine");
  expect(engine?.item).toBe("m6i.4xlarge, price of us-east-1");
  expect(engine?.price.origin).toMatchObject({ row: "aws/m6i.4xlarge us-east-1, in place of eu-west-1" });
  expect(engine?.price.range?.[0]).toBe(0.768);
  // g5 and g4dn cost 1.116 times as much in eu-west-1, the most of those that are known in both.
  expect(engine?.price.range?.[1]).toBeCloseTo(0.768 * 1.1163, 4);
  expect(aws.monthly.range?.[1]).toBeGreaterThan(aws.monthly.value ?? 0);
});

test("no price stands in for a region that nobody knows the place of, nor across an ocean without machines that are known on both sides", () => {
  const sydney = costs(shop({ ...demand, region: "ap-southeast-2" }, { provider: "aws", region: "ap-southeast-2" })).chosen;
  expect(sydney.monthly.value).toBeNull();
  expect(sydney.lines.filter(({ price }) => price.value !== null)).toEqual([]);
  expect(sydney.lines[1] && whyUnknown(sydney.lines[1].price)).toBe(
    "no source gives the price of aws/s3/Standard / Storage in or near ap-southeast-2; give one as 'aws/s3/Standard / Storage'",
  );
  const disks = costs(shop(demand, { provider: "aws", region: "eu-west-1" })).chosen.lines.find(({ item }) => item.startsWith("ebs"));
  // 0.08 in us-east-1; machines cost up to 1.1163 times as much in Ireland.
  expect(disks?.item).toBe("ebs Storage (general purpose SSD, gp3), price of us-east-1");
  expect(disks?.price.range?.[1]).toBeCloseTo(0.08 * 1.1163, 4);
});

test("a total with an unknown line is unknown, and stands beside its known part", () => {
  const azure = option("azure eastus, on demand");
  expect(azure.monthly.value).toBeNull();
  expect(whyUnknown(azure.monthly)).toBe("the catalogue has no machine with L4 of azure in or near eastus");
  expect(azure.known.value).toBe(3217.33);
  expect(azure.perTrainingRun.value).toBeNull();
  const lambda = option("lambda us-east-1, on demand");
  expect(figureText(lambda.known)).toBe("unknown");
});

test("a price that falls with the quantity is billed step by step", () => {
  const lake = option("azure eastus, on demand").lines.filter(({ item }) => item.includes("Capacity"));
  // 100 TB: 50,000 GB x 0.0208 and 50,000 GB x 0.019968.
  expect(lake.map(({ monthly }) => monthly.value)).toEqual([1040, 998.4]);
});

test("reserved is what always runs, spot what may be interrupted, and both only where a source has the price", () => {
  const of = (name: string) => option(name).lines.map(({ part, purchase, price }) => [part, purchase, price.value]);
  // E2 at 0.72 of 0.268046 and 0.134023; the engine runs 100 hours only.
  expect(of("google us-central1, reserved")).toContainEqual(["warehouse", "reserved", 0.192993]);
  expect(of("google us-central1, reserved")).toContainEqual(["engine", "on-demand", 0.536091]);
  expect(of("google us-central1, spot")).toContainEqual(["launcher", "spot", 0.479872]);
  expect(of("google us-central1, spot")).toContainEqual(["server", "on-demand", 0.134023]);
  expect(costs().options.map(({ name }) => name)).not.toContain("aws us-east-1, reserved");
  const chosen = costs(shop(demand, { provider: "aws", purchase: "reserved" })).chosen;
  expect(chosen.monthly.value).toBeNull();
  expect(whyUnknown(chosen.monthly)).toBe("no source gives the reserved price of aws/m6i.2xlarge; give one as 'aws/m6i.2xlarge/reserved'");
});

test("money, energy and carbon of an inference, a training run and a terabyte are their parts' by their number", () => {
  const { chosen } = costs();
  // (372.30 + 47.34) / 525,600,000; 9.776 / 20; (76.80 + 2300 + 2.38 + 1.9012 + 280.32 + 400) / 60.8333 TB.
  expect(chosen.perInference.value).toBeCloseTo(419.64 / 525_600_000, 15);
  expect(chosen.perTrainingRun.value).toBeCloseTo(0.4888, 10);
  expect(chosen.perTerabyte.value).toBeCloseTo(3061.4012 / ((2 * 730) / 24), 8);
  // g6.2xlarge: 8 cores x 2.12 W + 32 GiB x 0.392 W + an L4's 72 W = 101.504 W for 10 h, at 1.15.
  expect(chosen.energy.perTrainingRun.value).toBeCloseTo((101.504 * 10 * 1.15) / 1000 / 20, 10);
  expect(chosen.carbon.perTrainingRun.value).toBeCloseTo(((101.504 * 10 * 1.15) / 1000 / 20) * 0.39625, 10);
  // c6i.xlarge: 4 cores, 8 GiB.
  expect(chosen.energy.perInference.value).toBeCloseTo(((4 * 2.12 + 8 * 0.392) * 2190 * 1.15) / 1000 / 525_600_000, 18);
});

test("owned hardware is machines written off, electricity, disks and people", () => {
  const owned = option(
    "owned, US",
    costs(
      shop(demand, { provider: "aws" }),
      {},
      { ...sizes, launcher: { cores: 16, gibibytes: 128, hours: 100, accelerator: { type: "H100", count: 8 } } },
    ),
  );
  expect(amounts(owned)).toEqual([
    // 10,424 / 48 = 217.17 a month: 16, 8 and 3 x 4 of 128 threads.
    ["engine", "server of 128 threads", 27.15],
    ["warehouse", "server of 128 threads", 13.57],
    // 269,010 / 48 = 5,604.38.
    ["launcher", "DGX H100", 5604.38],
    ["server", "server of 128 threads", 20.37],
    // Two servers, because the endpoint has replicas: 2 - 0.125 - 0.0625 - 0.0938 = 1.72.
    ["shared", "server of 128 threads, unused", 373.53],
    // 100 TB and 5 TB, three copies, 0.014 / 48 = 0.000292 a GB.
    ["lake", "disks", 87.6],
    ["warehouse", "disks", 4.38],
    ["shared", "electricity", expect.any(Number)],
    // A quarter of 10,487.
    ["shared", "people", 2621.75],
  ]);
  const electricity = owned.lines.find(({ item }) => item === "electricity");
  const server = 128 * 2.12 + 1024 * 0.392;
  const disks = ((105 * 3 * 1.2 * 730) / 1000) * 1.56;
  const kilowattHours =
    disks + (1.56 * (server * (0.125 * 100 + 0.0625 * 730 + 0.0938 * 730) + (224 * 2.12 + 2048 * 0.392 + 8 * 700) * 100)) / 1000;
  expect(electricity?.quantity.value).toBe(Math.ceil(kilowattHours));
  expect(electricity?.price.value).toBe(0.0815);
});

test("replicas share machines with several accelerators, on two at least; a device at the edge is one of its own", () => {
  const of = (server: SaidPart) => amounts(option("owned, US", costs(undefined, {}, { server })))[0];
  // 19,804 / 48 = 412.58; four L4 a machine.
  expect(of({ replicas: 3, accelerator: { type: "L4", count: 1 } })).toEqual(["server", "server with 4 L4", 825.16]);
  expect(of({ replicas: 9, accelerator: { type: "L4", count: 1 } })).toEqual(["server", "server with 4 L4", 1237.74]);
  // 249 / 48 = 5.19.
  expect(of({ replicas: 10, cores: 6, gibibytes: 8, accelerator: { type: "Orin Nano", count: 1 } })).toEqual([
    "server",
    "Jetson Orin Nano",
    51.9,
  ]);
});

test("what nobody says where it stands is reckoned as one's own", () => {
  expect(costs(shop(demand, null)).chosen.name).toBe("owned, US");
});

test("a person's price takes the place of the catalogue's, keeps its line, and may change which machine is cheapest", () => {
  const where = { file: "prices.csv", line: 3 };
  const prices = { "aws/m7i.4xlarge": { price: 0.5, where }, "aws/s3/Standard / Storage": { price: 0.02, where } };
  const { chosen } = costs(shop(demand, { provider: "aws" }), prices);
  expect(chosen.lines[0]).toMatchObject({
    item: "m7i.4xlarge",
    price: { value: 0.5, origin: { kind: "declared", where } },
    monthly: { value: 50 },
  });
  expect(chosen.lines[1]?.monthly.value).toBe(2000);
  const sydney = costs(shop(demand, { provider: "aws", region: "ap-southeast-2" }), prices).chosen;
  expect(sydney.lines[0]).toMatchObject({ item: "m7i.4xlarge", monthly: { value: 50 } });
});

test("a managed warehouse is its provider's own elsewhere, and one whose draw nobody says leaves the energy unknown", () => {
  const cost = costs(shop(demand, { provider: "google" }, "bigquery"), {}, { ...sizes, warehouse: { storage: 5e12 } });
  const warehouse = (one: CostOption) => amounts(one).filter(([part]) => part === "warehouse");
  // 5,000 GB x 0.023; all of it thirty times: 150 TB x 6.25.
  expect(warehouse(cost.chosen)).toEqual([
    ["warehouse", "bigquery Active storage", 115],
    ["warehouse", "bigquery Queries (on-demand)", 937.5],
  ]);
  expect(warehouse(option("aws us-east-1, on demand", cost)).map(([, item]) => item)).toEqual([
    "redshift Cluster usage (on-demand, ra3.4xlarge) (for Google BigQuery)",
    "redshift Managed storage (ra3.4xlarge) (for Google BigQuery)",
  ]);
  expect(whyUnknown(cost.chosen.energy.monthly)).toBe("no source says what bigquery draws");
  // Nobody sizes what a provider runs: two nodes, 176 h x 2 x 3.26.
  const redshift = costs(shop(demand, { provider: "aws" }, "redshift"), {}, { warehouse: { replicas: 0, hours: 176, storage: 1e12 } });
  expect(amounts(redshift.chosen)[0]).toEqual(["warehouse", "redshift Cluster usage (on-demand, ra3.4xlarge)", 1147.52]);
});

test("an accelerator that the catalogue does not know has no price, which is not 0", () => {
  const { chosen } = costs(undefined, {}, { ...sizes, launcher: { accelerator: { type: "Abacus", count: 2 } } });
  const launcher = chosen.lines.find(({ part }) => part === "launcher");
  expect(launcher && whyUnknown(launcher.monthly)).toBe("the catalogue has no machine with Abacus of aws in or near us-east-1");
});

test("what no machine is large enough for is spread over several, and what runs in another's process is not paid for", () => {
  const { chosen } = costs(
    undefined,
    {},
    { engine: { cores: 4, replicas: 0 }, launcher: { cores: 64, gibibytes: 512, hours: 10, accelerator: { type: "H100", count: 32 } } },
  );
  // Four of eight H100: 4 x 10 h x 55.04.
  expect(amounts(chosen)).toEqual([["launcher", "p5.48xlarge", 2201.6]]);
});

test("the same input gives the same bytes", () => {
  expect(JSON.stringify(costs())).toBe(JSON.stringify(costs()));
});
