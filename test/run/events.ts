import { expect } from "vitest";
import { count, environment, max, platform, source, sum, table, type Definition } from "../../src/index.ts";
import type { BindingNode } from "../../src/define/node.ts";
import { sqlite } from "../../src/systems/index.ts";
import { openShop, type Shop } from "./shop.ts";

export interface EventsOptions {
  readonly by?: "day" | "month";
  /** Events above this are put aside. */
  readonly most?: number;
  /** Whether the table's files are divided by its parts. */
  readonly partitioned?: boolean;
  /** @default embedded */
  readonly engine?: BindingNode;
}

/** The same table made in parts and as a whole, with checks, a window that looks back over midnight, and a join. */
export function eventsPlatform({ by = "day", most = 90, partitioned = true, engine }: EventsOptions = {}): Definition {
  const ops = source("ops");
  const events = ops.table("events", { key: "id", columns: { id: "bigint", at: "timestamp", place: "text", amount: "bigint" } });
  const customers = ops.table("customers", { key: "name", columns: { name: "text", country: "text" } });
  const steps = (name: string, inParts: boolean) => {
    const begun = table(name, events);
    return (inParts ? begun.parts({ by, column: "at", lookback: "1 day" }) : begun)
      .check({ amount: { between: [0, most] } })
      .window({ by: "place", order: "at", range: "5 hours", columns: (e) => ({ recent: sum(e.amount), near: count() }) })
      .join(customers, { on: { place: "name" }, columns: ["country"] })
      .derive((e) => ({ day: e.at.truncate("day") }));
  };
  const parted = steps("events_parted", true);
  const laid = partitioned ? parted.layout({ partition: [by === "day" ? { day: "at" } : { month: "at" }], sort: ["id"] }) : parted;
  const totals = table("events_by_day", events)
    .parts({ by, column: "at" })
    .derive((e) => ({ day: e.at.truncate("day") }))
    .aggregate({ by: ["place", "day"], columns: (e) => ({ n: count(), most: max(e.amount) }) });
  return platform({
    name: "shop",
    assets: [laid, steps("events_whole", false), totals],
    environments: { local: environment({ ops: sqlite({ file: "shop.sqlite" }), ...(engine === undefined ? {} : { engine }) }) },
  });
}

/** A shop with an empty table of events beside its own. */
export function openEvents(): Shop {
  const shop = openShop();
  shop.source("CREATE TABLE events (id BIGINT PRIMARY KEY, at TIMESTAMP, place TEXT, amount BIGINT)");
  return shop;
}

/** That the table in parts is the table made as a whole, its quarantine too, and that days are summed up as they are. */
export async function expectEqual(shop: Shop): Promise<void> {
  const columns = 'id, "at", place, amount, recent, near, country, day';
  const pairs = [
    [`SELECT ${columns} FROM shop.events_parted`, `SELECT ${columns} FROM shop.events_whole`],
    [
      "SELECT place, day, n, most FROM shop.events_by_day",
      `SELECT place, date_trunc('day', "at"), count(*), max(amount) FROM shop.events GROUP BY 1, 2`,
    ],
    ...(shop.heads().has("events_whole_quarantine")
      ? [["SELECT reason, raw FROM shop.events_parted_quarantine", "SELECT reason, raw FROM shop.events_whole_quarantine"]]
      : []),
  ];
  // One question for all: each opens the lake anew.
  const differences = pairs.map(
    ([a, b], index) => `SELECT ${index} AS pair, count(*) AS n FROM (((${a}) EXCEPT ALL (${b})) UNION ALL ((${b}) EXCEPT ALL (${a})))`,
  );
  expect(await shop.ask(differences.join(" UNION ALL "))).toEqual(expect.arrayContaining(pairs.map((_, pair) => ({ pair, n: 0 }))));
}
