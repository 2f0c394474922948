import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { MillwrightError } from "../error.ts";
import { tryLock } from "../run/lock.ts";
import { cacheDirectory } from "./wheel.ts";

const execute = promisify(execFile);

/** Java programs that Maven finds, with all that they depend on. */
export interface MavenArtifacts {
  /** Names the folder in the cache: `spark-4.1.2`. */
  readonly name: string;
  /** Maven's coordinates, each with its version: `group:artifact:version` or `group:artifact:type:classifier:version`. */
  readonly artifacts: readonly string[];
  /** Left out wherever something depends on them: `group:artifact`; `*` stands for any. */
  readonly exclude?: readonly string[];
  /** Versions that hold wherever something depends on them: `group:artifact:version`. */
  readonly versions?: readonly string[];
  /** Only the artifacts themselves. @default false */
  readonly alone?: boolean;
}

/**
 * The folder `jars` with the artifacts, alone in a folder of the cache; fetched by the machine's own `mvn`, with its own settings, when the
 * cache lacks them. Versions of what they depend on are those that their authors published, so that the same request gives the same files.
 *
 * @throws MillwrightError `no-maven` when there is no `mvn` and the cache lacks them; `maven` with its words when it fails.
 */
export async function mavenJars(request: MavenArtifacts): Promise<string> {
  const pom = projectFile(request);
  const hash = createHash("sha256").update(pom).digest("hex").slice(0, 12);
  const folder = join(cacheDirectory(), `${request.name}-${hash}`);
  const jars = join(folder, "jars");
  if (existsSync(jars)) return jars;
  await mkdir(cacheDirectory(), { recursive: true });
  // Maven's own repository on this machine is not made for two writers.
  using _lock = await soleFetcher();
  if (existsSync(jars)) return jars;
  const aside = await mkdtemp(join(cacheDirectory(), "download-"));
  try {
    await writeFile(join(aside, "pom.xml"), pom);
    await maven(["dependency:copy-dependencies", `-DoutputDirectory=${join(aside, "made", "jars")}`], aside, request);
    await rename(join(aside, "made"), folder);
    return jars;
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

async function soleFetcher(): Promise<Disposable> {
  const file = join(cacheDirectory(), "maven.lock");
  for (;;) {
    const lock = tryLock(file);
    if (lock !== null) return lock;
    await sleep(200);
  }
}

async function maven(args: readonly string[], folder: string, request: MavenArtifacts): Promise<void> {
  try {
    await execute("mvn", ["--batch-mode", "--quiet", ...args], { cwd: folder, maxBuffer: 2 ** 26 });
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") {
      throw new MillwrightError(
        {
          code: "no-maven",
          what: `Maven is not installed, and ${request.name} comes through it`,
          fix: "install Maven and Java (Debian: apt install maven), and see that mvn is on the PATH",
        },
        { cause: error },
      );
    }
    const said = error instanceof Error && "stdout" in error ? String(error.stdout) : String(error);
    const reason = said
      .split("\n")
      .filter((line) => line.includes("[ERROR]"))
      .slice(0, 2)
      .join(" ")
      .replaceAll(/\[ERROR\]\s*/g, "");
    throw new MillwrightError(
      {
        code: "maven",
        what: `Maven could not fetch ${request.name}: ${reason === "" ? said.slice(0, 500) : reason}`,
        fix: "check that mvn reaches its repository (settings.xml)",
      },
      { cause: error },
    );
  }
}

/** A project that has nothing but dependencies. */
function projectFile({ artifacts, exclude = [], versions = [], alone = false }: MavenArtifacts): string {
  const left = alone ? ["*:*"] : exclude;
  const exclusions = left.map((each) => {
    const [group = "*", artifact = "*"] = each.split(":");
    return `<exclusion><groupId>${group}</groupId><artifactId>${artifact}</artifactId></exclusion>`;
  });
  const dependencies = artifacts.map(
    (each) => `<dependency>${coordinates(each)}<exclusions>${exclusions.join("")}</exclusions></dependency>`,
  );
  const managed = versions.map((each) => `<dependency>${coordinates(each)}</dependency>`);
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
<modelVersion>4.0.0</modelVersion><groupId>millwright</groupId><artifactId>fetch</artifactId><version>1</version><packaging>pom</packaging>
<dependencyManagement><dependencies>${managed.join("\n")}</dependencies></dependencyManagement>
<dependencies>
${dependencies.join("\n")}
</dependencies>
</project>
`;
}

function coordinates(text: string): string {
  const parts = text.split(":");
  const [group, artifact, second, third, fourth] = parts;
  const [type, classifier, version] =
    parts.length === 3 ? ["jar", "", second] : parts.length === 4 ? [second, "", third] : [second, third, fourth];
  if (version === undefined || !/^[\w.+-]+$/.test(version) || !/^[\w.-]+:[\w.-]+$/.test(`${group}:${artifact}`))
    throw new Error(`'${text}' is not group:artifact:version`);
  const extra = `<type>${type}</type>${classifier === "" ? "" : `<classifier>${classifier}</classifier>`}`;
  return `<groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version>${extra}`;
}
