import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Place } from "../../../src/define/node.ts";
import { costOf } from "../../../src/plan/cost/cost.ts";
import { focusColumns, focusOf, type FocusExport } from "../../../src/plan/cost/focus.ts";
import type { Cost } from "../../../src/plan/vocabulary.ts";
import { pythonEnvironment } from "../../servers/python.ts";
import { shop, shopInput } from "./shop.ts";

/** Column IDs of the specification, version 1.2, by their feature level; those with `?` may be empty. */
const mandatory = (
  "BilledCost BillingAccountId BillingAccountName? BillingCurrency BillingPeriodEnd BillingPeriodStart ChargeCategory ChargeClass? ChargeDescription? " +
  "ChargePeriodEnd ChargePeriodStart ContractedCost EffectiveCost InvoiceIssuerName ListCost PricingQuantity? PricingUnit? ProviderName PublisherName " +
  "ServiceCategory ServiceName"
).split(" ");
const others = (
  "AvailabilityZone BillingAccountType CapacityReservationId CapacityReservationStatus ChargeFrequency CommitmentDiscountCategory CommitmentDiscountId " +
  "CommitmentDiscountName CommitmentDiscountQuantity CommitmentDiscountStatus CommitmentDiscountType CommitmentDiscountUnit ConsumedQuantity ConsumedUnit " +
  "ContractedUnitPrice InvoiceId ListUnitPrice PricingCategory PricingCurrency PricingCurrencyContractedUnitPrice PricingCurrencyEffectiveCost " +
  "PricingCurrencyListUnitPrice RegionId RegionName ResourceId ResourceName ResourceType ServiceSubcategory SkuId SkuMeter SkuPriceDetails SkuPriceId " +
  "SubAccountId SubAccountName SubAccountType Tags"
).split(" ");

/** What the validator of the FinOps Foundation runs with. */
const requirements = [
  "focus-validator==1.0.0",
  "annotated-types==0.8.0",
  "certifi==2026.10.18",
  "charset-normalizer==3.5.2",
  "idna==3.20",
  "multimethod==1.12",
  "mypy-extensions==1.2.0",
  "numpy==1.26.4",
  "packaging==26.3",
  "pandas==2.3.3",
  "pandasql==0.7.3",
  "pandera==0.17.2",
  "pyarrow==26.0.1",
  "pydantic==2.14.3",
  "pydantic-core==2.50.4",
  "python-dateutil==4.0.0",
  "pytz==2023.4",
  "pyyaml==6.0.3",
  "requests==2.34.2",
  "sqlalchemy==2.1.9",
  "sqlglot==18.17.0",
  "tabulate==0.10.0",
  "typeguard==4.6.0",
  "typing-extensions==4.16.0",
  "typing-inspect==0.9.0",
  "typing-inspection==0.4.5",
  "tzdata==2026.6",
  "urllib3==2.8.0",
  "wrapt==2.5.2",
];

function costs(place: Partial<Place>): Cost {
  const { input, parts, sizing } = shopInput(shop({ requests: "200/second", volume: "2 TB/day", region: "US" }, place), {
    engine: { cores: 16, gibibytes: 64, hours: 100 },
    lake: { storage: 100e12 },
    warehouse: { cores: 8, gibibytes: 32, storage: 5e12 },
    launcher: { cores: 8, gibibytes: 32, hours: 10, accelerator: { type: "L4", count: 1 } },
    server: { replicas: 3, cores: 4, gibibytes: 8 },
  });
  return costOf(input, parts, sizing);
}

const exported = (cost: Cost): FocusExport => focusOf({ platform: "shop", environment: "cloud", cost }, "2026-12");

/** Fields by column; reads RFC 4180. */
function rowsOf(csv: string): Record<string, string>[] {
  const [header = [], ...rows] = csv
    .trimEnd()
    .split("\n")
    .map((line) =>
      [...`,${line}`.matchAll(/,(?:"((?:[^"]|"")*)"|([^,]*))/g)].map((match) => match[1]?.replaceAll('""', '"') ?? match[2] ?? ""),
    );
  return rows.map((row) => Object.fromEntries(header.map((name, index) => [name, row[index] ?? ""])));
}

test("every mandatory column of FOCUS 1.2 is there and filled, and each other is one of its columns or begins with x_", () => {
  const rows = rowsOf(exported(costs({ provider: "google", purchase: "reserved" })).csv);
  for (const name of mandatory) {
    const column = name.replace("?", "");
    expect(focusColumns).toContain(column);
    if (!name.endsWith("?")) for (const row of rows) expect(row[column], column).not.toBe("");
  }
  const known = new Set([...mandatory.map((name) => name.replace("?", "")), ...others]);
  expect(focusColumns.filter((name) => !known.has(name) && !name.startsWith("x_"))).toEqual([]);
});

test("what is billed adds up to the plan's total, and each cost is its quantity by its price", () => {
  for (const provider of ["aws", "google"] as const) {
    const cost = costs({ provider });
    const rows = rowsOf(exported(cost).csv);
    expect(rows).toHaveLength(cost.chosen.lines.length);
    expect(rows.reduce((cents, row) => cents + Math.round(Number(row["BilledCost"]) * 100), 0) / 100).toBe(cost.chosen.monthly.value);
    for (const row of rows) {
      expect(Number(row["ListUnitPrice"]) * Number(row["PricingQuantity"])).toBeCloseTo(Number(row["ListCost"]), 8);
      expect(Math.abs(Number(row["BilledCost"]) - Number(row["ContractedCost"]))).toBeLessThanOrEqual(0.005 + 1e-9);
      expect([row["ChargePeriodStart"], row["ChargePeriodEnd"]]).toEqual(["2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z"]);
    }
    expect(rows.find(({ ResourceName }) => ResourceName === "lake")).toMatchObject({
      ServiceCategory: "Storage",
      ServiceSubcategory: "Object Storage",
    });
  }
});

test("what is reserved is a planned commitment, and a line of unknown cost is left out and said", () => {
  const rows = rowsOf(exported(costs({ provider: "google", purchase: "reserved" })).csv);
  const reserved = rows.filter((row) => row["PricingCategory"] === "Committed");
  expect(reserved.map((row) => [row["ResourceName"], row["CommitmentDiscountStatus"]])).toEqual([
    ["warehouse", "Used"],
    ["server", "Used"],
  ]);
  const { left } = exported(costs({ provider: "azure" }));
  expect(left.map(({ part }) => part)).toEqual(["launcher"]);
});

test("the FinOps Foundation's validator accepts the export by its rules of version 1.0", { timeout: 600_000 }, async () => {
  const python = await pythonEnvironment(requirements);
  const folder = await mkdtemp(join(tmpdir(), "focus-"));
  try {
    const { csv } = exported(costs({ provider: "google", purchase: "reserved" }));
    // The validator calls four columns otherwise than the specification, and one of its rules reads a column that version 1.0 has no more (ChargeType).
    const renamed = csv
      .replace("InvoiceIssuerName", "InvoiceIssuer")
      .replace("ProviderName", "Provider")
      .replace("PublisherName", "Publisher")
      .replace("ResourceId", "ResourceID");
    await writeFile(join(folder, "overrides.yaml"), "overrides:\n  - SkuPriceId_Nullable\n");
    const validate = async (name: string, text: string) => {
      const file = join(folder, name);
      await writeFile(file, text);
      const args = [
        "--data-file",
        file,
        "--validate-version",
        "1.0",
        "--column-namespace",
        "x",
        "--override-file",
        join(folder, "overrides.yaml"),
      ];
      // It reads its currencies from a path in the folder that it lies in.
      return python.run(["-W", "ignore", "-m", "focus_validator.main", ...args], { cwd: python.env["PYTHONPATH"] ?? folder });
    };
    const good = await validate("good.csv", renamed);
    expect(good.stdout + good.stderr).not.toMatch(/failed/i);
    expect(good.code).toBe(0);
    const bad = await validate("bad.csv", renamed.replaceAll(",USD,", ",dollars,"));
    expect(bad.stdout).toContain("BillingCurrency");
    expect(bad.stdout).toMatch(/Validation failed/);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
