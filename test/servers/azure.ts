import { createHmac, randomBytes } from "node:crypto";
import { mkdtemp } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "./port.ts";
import { startServer } from "./process.ts";

/** A stand-in of Azure's Blob Storage. */
export interface Azure {
  /** `http://127.0.0.1:port/account`: the Blob endpoint. */
  readonly endpoint: string;
  readonly account: string;
  /** The account's key, in Base64; requests that are not signed with it are refused. */
  readonly key: string;
  /** Makes a container; gives its name. */
  container(name: string): Promise<string>;
  /** Ends the server; its blobs are gone. */
  stop(): Promise<void>;
}

const account = "flightsaccount";
const version = "2021-08-06";

/**
 * Starts azurite, Microsoft's own emulator of Blob Storage, with an account and a key of its own: a stand-in, which has no Data Lake
 * Storage endpoint. It checks signatures. It ends with this process.
 */
export async function startAzure(): Promise<Azure> {
  const script = createRequire(import.meta.url).resolve("azurite/dist/src/blob/main.js");
  for (let attempt = 1; ; attempt++) {
    const folder = await mkdtemp(join(tmpdir(), "azurite-"));
    const key = randomBytes(64).toString("base64");
    const port = await freePort();
    const server = startServer(
      process.execPath,
      [
        script,
        "--blobHost",
        "127.0.0.1",
        "--blobPort",
        String(port),
        "--location",
        folder,
        "--silent",
        "--disableTelemetry",
        "--skipApiVersionCheck",
      ],
      { folder, env: { ...process.env, AZURITE_ACCOUNTS: `${account}:${key}` } },
    );
    try {
      await server.ready(/successfully listens on/, 120);
      const endpoint = `http://127.0.0.1:${port}/${account}`;
      return { endpoint, account, key, container: (name) => createContainer(endpoint, key, name), stop: () => server.stop() };
    } catch (error) {
      await server.stop();
      // Somebody else may have taken the port in between.
      if (attempt === 3 || !server.output().includes("EADDRINUSE")) throw error;
    }
  }
}

async function createContainer(endpoint: string, key: string, name: string): Promise<string> {
  const date = new Date().toUTCString();
  // Shared Key: the method, eleven headers that are not there, ours, and the resource, whose path has the account twice.
  const text = `PUT${"\n".repeat(12)}x-ms-date:${date}\nx-ms-version:${version}\n/${account}/${account}/${name}\nrestype:container`;
  const signature = createHmac("sha256", Buffer.from(key, "base64")).update(text).digest("base64");
  const answer = await fetch(`${endpoint}/${name}?restype=container`, {
    method: "PUT",
    headers: { "x-ms-date": date, "x-ms-version": version, authorization: `SharedKey ${account}:${signature}` },
  });
  if (!answer.ok) throw new Error(`no container ${name}: ${answer.status} ${await answer.text()}`);
  return name;
}
