import { createInterface } from "node:readline";
import type { OutsideCatalog, Storage } from "../../systems/roles.ts";
import { MillwrightError, type Problem } from "../../error.ts";
import { openCatalog, type Catalog } from "./catalog.ts";
import { catalogServer, type Answer } from "./http.ts";
import { answer } from "./routes.ts";

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
  /** The namespace whose tables are looked at in the outside catalog when this process starts; null for none. */
  readonly namespace: string | null;
  /** Whether nothing may be changed in the outside catalog. */
  readonly readOnly: boolean;
}

/** What this process prints on stdout, as one line of JSON, when it is ready, or cannot be for a reason that is the user's. */
export type ServerReady = { readonly port: number } | { readonly problem: Problem };

/** The catalog's process: serves until its stdin closes, which happens at the latest when its parent dies. */
async function main(): Promise<void> {
  const lines = createInterface({ input: process.stdin });
  const { value } = await lines[Symbol.asyncIterator]().next();
  if (typeof value !== "string") return;
  const settings: ServerSettings = JSON.parse(value);
  const catalog = await openCatalog(settings.directory, settings.storages, settings.locations);
  const server = catalogServer(await answerOf(catalog, settings), settings.token, (error) => console.error(error));
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

/** Out of our own database, or out of the catalog that others run, whose tables are looked at now. */
async function answerOf(catalog: Catalog, { outside, namespace, readOnly }: ServerSettings): Promise<Answer> {
  if (outside === null) return (request) => answer(catalog, request);
  const [{ openOutside, explained }, { gatewayTo, readingOnly }, { follow }] = await Promise.all([
    import("./outside/outside.ts"),
    import("./outside/gateway.ts"),
    import("./outside/mirror.ts"),
  ]);
  const opened = await openOutside(outside);
  if (namespace !== null)
    await follow(catalog.database, opened, [namespace], null).catch((error: unknown) => {
      throw explained(error);
    });
  const gateway = gatewayTo(catalog, opened);
  return readOnly ? readingOnly(gateway) : gateway;
}

try {
  await main();
} catch (error) {
  if (!(error instanceof MillwrightError)) throw error;
  const ready: ServerReady = { problem: error.problem };
  process.stdout.write(`${JSON.stringify(ready)}\n`, () => process.exit(1));
}
