import { servicePrices, type ServicePrice } from "./service.ts";

/** Prices of snowflake: service, item, region, dollars, unit; a price that was worked out from a cost is marked. */
export const snowflakeServices: readonly ServicePrice[] = Object.freeze([
  ...servicePrices("snowflake", { source: "https://www.finout.io/blog/the-complete-guide-to-snowflake-pricing-2025", date: "2026" }, [
    ["snowflake", "Compute credit, Standard edition", "aws us-east (on demand; approximate)", 2, "credit", false],
    ["snowflake", "Compute credit, Enterprise edition", "aws us-east (on demand; approximate)", 3, "credit", false],
    ["snowflake", "Compute credit, Business Critical edition", "aws us-east (on demand; approximate)", 4, "credit", false],
  ]),
  ...servicePrices("snowflake", { source: "https://specialoffers.com/snowflake/", date: "2026" }, [
    ["snowflake", "Storage", "major US regions (approximate)", 23, "TB-month (compressed)", false],
  ]),
  ...servicePrices("snowflake", { source: "https://specialoffers.com/snowflake/", date: "2026-04" }, [
    ["snowflake", "Cortex AI credit (any edition or region)", "all", 2, "AI credit", false],
  ]),
]);
