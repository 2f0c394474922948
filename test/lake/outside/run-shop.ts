import { environmentOf } from "../../../src/run/bind.ts";
import { silent } from "../../../src/run/report.ts";
import { runPlatform } from "../../../src/run/run.ts";
import { iceberg, local } from "../../../src/systems/index.ts";
import { shopWith, type ShopPlace } from "./shop.ts";

/** A process that makes one run of the shop: `node run-shop.ts FOLDER PLACE`. */
const [directory = "", text = ""] = process.argv.slice(2);
const place: ShopPlace = JSON.parse(text);
const definition = {
  ...shopWith({ catalog: iceberg({ url: place.url }), lake: local({ directory: place.warehouse }) }),
  steps: { attempts: 1, timeoutSeconds: null },
};
const result = await runPlatform({
  definition,
  environment: environmentOf(definition, "local"),
  directory,
  assets: [],
  signal: new AbortController().signal,
  reporter: silent,
});
process.exit(result.outcome === "succeeded" ? 0 : 1);
