import { acquireRunLock } from "../../src/run/lock.ts";

/** A process that takes a lock, says so, and holds it until it is ended or its standard input closes: `node hold-lock.ts FILE`. */
const [file = ""] = process.argv.slice(2);
using lock = await acquireRunLock(file, { wait: true });
console.log("locked");
await new Promise((resolve) => process.stdin.resume().once("end", resolve));
lock.release();
