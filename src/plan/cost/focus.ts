import type { Figure } from "../figure.ts";
import type { CostLine, CostOption, PlatformPlan, Purchase } from "../vocabulary.ts";
import { focusServiceOf, focusUnitOf } from "./focus-service.ts";

/** A plan's bill in the FinOps Open Cost and Usage Specification. */
export interface FocusExport {
  /** Comma-separated values, RFC 4180, one row a line whose cost is known. */
  readonly csv: string;
  /** Lines whose cost is unknown: the specification has no word for that, so they are not in it. */
  readonly left: readonly CostLine[];
}

type Planned = Pick<PlatformPlan, "platform" | "environment" | "cost">;

const providerNames: Readonly<Record<string, string>> = {
  aws: "Amazon Web Services",
  google: "Google Cloud",
  azure: "Microsoft Azure",
  lambda: "Lambda",
  nebius: "Nebius",
  owned: "Own hardware",
};

const pricing: Readonly<Record<Purchase, string>> = { "on-demand": "Standard", owned: "Standard", reserved: "Committed", spot: "Dynamic" };

/** What a column holds of a line; null is left empty. */
type Reading = (line: CostLine, row: Row) => string | number | null;

interface Row {
  readonly plan: Planned;
  readonly option: CostOption;
  readonly start: string;
  readonly end: string;
}

const committed =
  (value: (line: CostLine) => string | number | null): Reading =>
  (line) =>
    line.purchase === "reserved" ? value(line) : null;
const product: Reading = ({ quantity, price }) => Number(((quantity.value ?? 0) * (price.value ?? 0)).toPrecision(12));
const cents: Reading = ({ monthly }) => monthly.value;
const amount: Reading = ({ quantity }) => quantity.value;
const each: Reading = ({ price }) => price.value;
const unit: Reading = (line) => focusUnitOf(line);
const provider: Reading = ({ item }, { option }) =>
  item.startsWith("snowflake") ? "Snowflake" : (providerNames[option.provider] ?? option.provider);
const sku: Reading = ({ item }, { option }) => `${option.provider}/${item}`;

/**
 * The columns of version 1.2: every mandatory one, those of version 1.0, and the conditional ones that a plan can say. Cost to the cent stands in BilledCost
 * and EffectiveCost, the product that it was rounded from in ListCost and ContractedCost.
 */
const columns: Readonly<Record<string, Reading>> = {
  AvailabilityZone: () => null,
  BilledCost: cents,
  BillingAccountId: (_, { plan }) => plan.platform,
  BillingAccountName: (_, { plan }) => `${plan.platform}, planned`,
  BillingAccountType: () => "Plan",
  BillingCurrency: () => "USD",
  BillingPeriodEnd: (_, { end }) => end,
  BillingPeriodStart: (_, { start }) => start,
  ChargeCategory: () => "Usage",
  ChargeClass: () => null,
  ChargeDescription: ({ part, item }) => `${item} of ${part}`,
  ChargeFrequency: () => "Usage-Based",
  ChargePeriodEnd: (_, { end }) => end,
  ChargePeriodStart: (_, { start }) => start,
  CommitmentDiscountCategory: committed(() => "Usage"),
  CommitmentDiscountId: committed(({ item }) => `planned:${item}`),
  CommitmentDiscountName: committed(({ item }) => `planned for a year: ${item}`),
  CommitmentDiscountQuantity: committed(({ quantity }) => quantity.value),
  CommitmentDiscountStatus: committed(() => "Used"),
  CommitmentDiscountType: committed(() => "Planned commitment"),
  CommitmentDiscountUnit: committed((line) => focusUnitOf(line)),
  ConsumedQuantity: amount,
  ConsumedUnit: unit,
  ContractedCost: product,
  ContractedUnitPrice: each,
  EffectiveCost: cents,
  InvoiceIssuerName: provider,
  ListCost: product,
  ListUnitPrice: each,
  PricingCategory: ({ purchase }) => pricing[purchase],
  PricingQuantity: amount,
  PricingUnit: unit,
  ProviderName: provider,
  PublisherName: provider,
  RegionId: (_, { option }) => option.region,
  RegionName: (_, { option }) => option.region,
  ResourceId: ({ part }, { plan }) => `${plan.platform}/${plan.environment}/${part}`,
  ResourceName: ({ part }) => part,
  ResourceType: () => "Part",
  ServiceCategory: (line) => focusServiceOf(line).category,
  ServiceName: (line) => focusServiceOf(line).name,
  ServiceSubcategory: (line) => focusServiceOf(line).subcategory,
  SkuId: sku,
  SkuMeter: ({ quantity }) => quantity.name,
  SkuPriceDetails: () => null,
  SkuPriceId: (line, row) => `${sku(line, row)}/${line.purchase}`,
  SubAccountId: (_, { plan }) => plan.environment,
  SubAccountName: (_, { plan }) => plan.environment,
  SubAccountType: () => "Environment",
  Tags: ({ part }, { plan }) => JSON.stringify({ platform: plan.platform, environment: plan.environment, part }),
  x_PriceSource: ({ price }) => sourceOf(price),
};

/** Names of the columns, in their order. */
export const focusColumns: readonly string[] = Object.freeze(Object.keys(columns));

/**
 * The bill of where the environment stands, as FOCUS 1.2 would have it for a month.
 *
 * @param month which it is planned for: `2026-12`
 */
export function focusOf(plan: Planned, month: string): FocusExport {
  const [year = 0, number = 1] = month.split("-").map(Number);
  const day = (months: number) => `${new Date(Date.UTC(year, months, 1)).toISOString().slice(0, 19)}Z`;
  const row: Row = { plan, option: plan.cost.chosen, start: day(number - 1), end: day(number) };
  const known = plan.cost.chosen.lines.filter(({ monthly }) => monthly.value !== null);
  const rows = known.map((line) => Object.values(columns).map((read) => field(read(line, row))));
  return Object.freeze<FocusExport>({
    csv: [focusColumns, ...rows].map((fields) => `${fields.join(",")}\n`).join(""),
    left: plan.cost.chosen.lines.filter(({ monthly }) => monthly.value === null),
  });
}

function field(value: string | number | null): string {
  if (value === null) return "";
  // The specification writes no plus sign in exponents.
  const text = typeof value === "number" ? String(value).replace("e+", "E").replace("e-", "E-") : value;
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function sourceOf({ origin }: Figure): string {
  if (origin.kind === "catalogue") return `${origin.source} (${origin.date})`;
  if (origin.kind === "declared") return `${origin.where.file.split("/").at(-1)}:${origin.where.line}`;
  return origin.kind === "computed" ? origin.from.map(sourceOf).join("; ") : origin.kind;
}
