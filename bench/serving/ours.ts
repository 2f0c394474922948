/** Our server as a process of its own: `node ours.ts MODEL`; prints its address. */
import { built } from "../built.ts";

const { startInference }: typeof import("../../src/serve/server.ts") = await import(built("serve/server"));
const [file = ""] = process.argv.slice(2);
const server = await startInference({ models: [{ name: "trees", version: "1", file }] });
console.log(`listening ${server.url}`);
process.once("SIGTERM", () => void server.stop());
