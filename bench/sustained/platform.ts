// Readings of devices that arrive as CSV files: extracted, cleaned row by row, and loaded.
import { environment, maintenance, platform, source, table } from "millwright";
import { duckdb, files } from "millwright/systems";

const readings = source("raw").table("readings", {
  columns: {
    id: "bigint",
    device: "text",
    sent_at: "text",
    temperature: "double",
    humidity: "double",
    pressure: "double",
    status: "text",
    site: "text",
  },
});

const clean = table("readings_clean", readings)
  .convert({ sent_at: "timestamp" })
  .fill({ humidity: { constant: 0 } })
  .derive((r) => ({ hot: r.temperature.greaterThan(30), place: r.site.concat("/").concat(r.device), hour: r.sent_at.hour() }))
  .onehot({ status: ["ok", "warn", "fail"] })
  .check({ temperature: { between: [-60, 80] } })
  .load();

// A commit each five seconds: without this every reader would open each commit's manifest.
const tidy = maintenance("tidy", {
  compact: { below: "1 MB" },
  expire: { olderThan: "1 minute", keepLast: 10 },
  schedule: "every 2 minutes",
});

const memoryLimit = process.env["BENCH_MEMORY"];

export default platform({
  name: "bench",
  assets: [clean, tidy],
  environments: {
    local: environment({
      raw: files({ directory: "incoming", tables: { readings: { path: "readings-*.csv", archived: true } } }),
      engine: duckdb({ threads: 2, ...(memoryLimit === undefined ? {} : { memoryLimit }) }),
    }),
  },
});
