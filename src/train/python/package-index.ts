import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { promisify } from "node:util";

const execute = promisify(execFile);

/** pip's settings, and uv's variables that say the same. */
const variables: Readonly<Record<string, string>> = {
  "index-url": "UV_DEFAULT_INDEX",
  "extra-index-url": "UV_INDEX",
  "find-links": "UV_FIND_LINKS",
  cert: "SSL_CERT_FILE",
};

/**
 * Where pip finds packages on this machine, told to uv, which does not read pip's settings: who has set up a package index once has done enough.
 * Variables, because an index's address may hold a password, which no process's arguments may. uv's own settings go first.
 */
export async function indexVariables(): Promise<Record<string, string>> {
  const { stdout } = await execute("python3", ["-m", "pip", "config", "list"]).catch(() => ({ stdout: "" })); // no pip, no settings of pip's
  const found: Record<string, string> = {};
  for (const [, key = "", value = ""] of stdout.matchAll(/^(?:global|install|:env:)\.([\w-]+)='([^']*)'$/gm)) {
    const variable = variables[key];
    if (variable === undefined || process.env[variable] !== undefined) continue;
    const known = value.split(/(?:\s|\\n)+/).filter((place) => place.includes("://") || existsSync(place));
    if (known.length > 0) found[variable] = known.join(" ");
  }
  return found;
}
