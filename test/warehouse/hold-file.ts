import { openDuckDB } from "../../src/systems/duckdb/connection.ts";

/** A process that opens a database file, says so, and lets it go when a second has passed: `node hold-file.ts FILE`. */
const [file = ""] = process.argv.slice(2);
const instance = await openDuckDB({ file });
console.log("open");
setTimeout(() => {
  instance.closeSync();
  process.exit();
}, 1000);
