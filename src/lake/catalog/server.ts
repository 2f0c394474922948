import { createInterface } from "node:readline";
import { openCatalog } from "./catalog.ts";
import type { OutsideCatalog, Storage } from "../../systems/roles.ts";
import { catalogServer } from "./http.ts";

/** What the parent writes to this process's stdin, as one line of JSON. The token is in no argument and no variable that others could read. */
export interface ServerSettings {
  readonly directory: string;
  /** 0 for a free one. */
  readonly port: number;
  readonly token: string;
  /** Folders beside the warehouse in which tables may lie. */
  readonly locations: readonly string[];
  readonly storages: readonly Storage[];
  readonly outside: OutsideCatalog | null;
}

/** What this process prints on stdout, as one line of JSON, when it is ready. */
export interface ServerReady {
  readonly port: number;
}

/** The catalog's process: serves until its stdin closes, which happens at the latest when its parent dies. */
async function main(): Promise<void> {
  const lines = createInterface({ input: process.stdin });
  const { value } = await lines[Symbol.asyncIterator]().next();
  if (typeof value !== "string") return;
  const settings: ServerSettings = JSON.parse(value);
  const catalog = await openCatalog(settings.directory, settings.storages, settings.locations);
  const server = catalogServer(catalog, settings.token, (error) => console.error(error));
  const stop = (): void => {
    server.close(() => {
      catalog.close();
      process.exit(0);
    });
    // Whoever is in the middle of a request gets its answer; idle connections end now.
    server.closeIdleConnections();
    setTimeout(() => process.exit(0), 2_000).unref();
  };
  process.stdin.on("end", stop);
  process.stdin.on("error", stop);
  // Ctrl-C reaches the whole group; the parent decides when the catalog ends, after its own last commit.
  process.on("SIGINT", () => undefined);
  process.on("SIGTERM", stop);
  server.listen(settings.port, "127.0.0.1", () => {
    const address = server.address();
    const ready: ServerReady = { port: typeof address === "object" && address !== null ? address.port : settings.port };
    process.stdout.write(`${JSON.stringify(ready)}\n`);
  });
  server.on("error", (error) => {
    console.error(error.message);
    process.exit(1);
  });
}

await main();
