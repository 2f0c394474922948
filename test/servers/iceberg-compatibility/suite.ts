import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, readFile, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { cacheDirectory } from "../../../src/fetch/wheel.ts";

const execute = promisify(execFile);
const pom = join(import.meta.dirname, "pom.xml");

/**
 * The suite places some tables below this folder, a constant in its source, whatever the machine's own
 * temporary folder is. The catalog under test must be allowed to write there.
 */
export const suiteLocation = "/tmp";

export interface SuiteTest {
  readonly name: string;
  readonly outcome: "passed" | "failed" | "skipped";
  /** Why it failed or was skipped, in the suite's words. */
  readonly reason: string;
}

/** What is missing on this machine to run the suite; null when nothing is. */
export async function missingTools(): Promise<string | null> {
  const wanted = existsSync(await jarFolder()) ? ["java"] : ["java", "mvn"];
  const checks = await Promise.all(wanted.map(async (tool) => ((await exists(tool)) ? null : tool)));
  const missing = checks.filter((tool) => tool !== null);
  return missing.length === 0
    ? null
    : `${missing.join(" and ")} not found: Apache Iceberg's compatibility suite is Java, and its jars come through Maven (Debian: apt install maven default-jre-headless)`;
}

async function exists(tool: string): Promise<boolean> {
  try {
    await execute(tool, ["-version"]);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return false;
    throw error;
  }
}

async function jarFolder(): Promise<string> {
  const hash = createHash("sha256")
    .update(await readFile(pom))
    .digest("hex");
  return join(cacheDirectory(), `iceberg-compatibility-${hash.slice(0, 12)}`);
}

/** The folder with the suite's jars; fetched through Maven, with the machine's own settings, the first time only. */
export async function suiteJars(): Promise<string> {
  const folder = await jarFolder();
  if (existsSync(folder)) return folder;
  await mkdir(cacheDirectory(), { recursive: true });
  const aside = await mkdtemp(join(cacheDirectory(), "download-"));
  try {
    await copyFile(pom, join(aside, "pom.xml"));
    const jars = join(aside, "lib");
    await execute("mvn", ["-q", "-B", "dependency:copy-dependencies", `-DoutputDirectory=${jars}`], {
      cwd: aside,
      maxBuffer: 64 * 1024 * 1024,
    });
    await rename(jars, folder).catch((error: unknown) => {
      if (!existsSync(folder)) throw error;
    });
    return folder;
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

/**
 * Runs one class of the suite (`RESTCompatibilityKitCatalogTests`) against a running catalog.
 * What it leaves below `suiteLocation` is removed, unless it lay there before.
 */
export async function runSuite(
  testClass: string,
  catalog: { readonly url: string; readonly token: string },
  {
    jars: further = [],
    env = {},
  }: {
    /** Folders of further jars, for what the catalog's storage needs. */
    readonly jars?: readonly string[];
    /** Further variables; the suite reads those that begin with `CATALOG_` as properties of its client. */
    readonly env?: Readonly<Record<string, string>>;
  } = {},
): Promise<readonly SuiteTest[]> {
  const jars = await suiteJars();
  const before = new Set(readdirSync(suiteLocation));
  const reports = await mkdtemp(join(tmpdir(), "millwright-suite-"));
  const settings = {
    "rck.local": "false",
    "rck.requires-namespace-create": "true",
    "rck.supports-serverside-retry": "true",
    "rck.supports-names-with-dot": "true",
    "rck.supports-variant": "true",
    "rck.purge-test-namespaces": "true",
    "org.slf4j.simpleLogger.defaultLogLevel": "error",
    "java.io.tmpdir": reports,
  };
  const options = Object.entries(settings).map(([name, value]) => `-D${name}=${value}`);
  const selection = [
    "execute",
    "--select-class",
    `org.apache.iceberg.rest.${testClass}`,
    "--details=none",
    "--disable-banner",
    `--reports-dir=${reports}`,
  ];
  try {
    await execute(
      "java",
      [
        ...options,
        "-cp",
        [jars, ...further].map((folder) => join(folder, "*")).join(":"),
        "org.junit.platform.console.ConsoleLauncher",
        ...selection,
      ],
      {
        env: { ...process.env, CATALOG_URI: catalog.url, CATALOG_TOKEN: catalog.token, ...env },
        maxBuffer: 64 * 1024 * 1024,
      },
    ).catch((error: unknown) => {
      // The launcher's status is 1 when a test failed; the report then says which.
      if (!existsSync(join(reports, "TEST-junit-jupiter.xml"))) throw error;
    });
    return readReport(await readFile(join(reports, "TEST-junit-jupiter.xml"), "utf8"));
  } finally {
    await rm(reports, { recursive: true, force: true });
    const leftovers = ["ns", "newdb", "other_ns"].filter((name) => !before.has(name));
    await Promise.all(leftovers.map((name) => rm(join(suiteLocation, name), { recursive: true, force: true })));
  }
}

function readReport(xml: string): readonly SuiteTest[] {
  return [...xml.matchAll(/<testcase name="([^"]*)"[^>]*?(?:\/>|>([\s\S]*?)<\/testcase>)/g)].map(([, name = "", content = ""]) => {
    const outcome = /<(?:failure|error)\b/.test(content) ? "failed" : /<skipped\b/.test(content) ? "skipped" : "passed";
    const text = /<!\[CDATA\[([\s\S]*?)\]\]>/.exec(content)?.[1] ?? "";
    return { name, outcome, reason: text.split("\n\tat ")[0]?.replaceAll(/\s+/g, " ").trim() ?? "" };
  });
}
