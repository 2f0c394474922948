import { setTimeout as sleep } from "node:timers/promises";
import { MillwrightError } from "../../error.ts";
import type { ModelPackage, ModelServer } from "../../systems/roles.ts";
import { sharesOf } from "../endpoint.ts";
import { checkNames, readPackage } from "./package.ts";
import { readRecord, writeRecord, type ServerRecord } from "./record.ts";

/** What differs between servers that hold several versions of a model, and leave it to others to divide the requests. */
export interface RoutedBackend {
  /** As people write it. */
  readonly title: string;
  readonly url: string;
  readonly protocol: ReturnType<ModelServer["address"]>["protocol"];
  /** Sent with each request for an answer. */
  readonly headers: Readonly<Record<string, string>>;
  /** Where what is known of an endpoint's versions is kept: a file where the server reads its models. */
  record(endpoint: string): string;
  /** Whether the name is somebody else's there: asked where nothing is known of an endpoint. */
  occupied(endpoint: string): Promise<boolean>;
  /** Refuses what the server could not load, before anything is changed. */
  check?(model: ModelPackage, content: Buffer, record: ServerRecord): Promise<void>;
  /**
   * Brings a version beside those of `record`, of which it is one, and asks the server to load it.
   * @throws MillwrightError when the server refuses: then `unload` takes away what was brought
   */
  load(model: ModelPackage, content: Buffer, record: ServerRecord): Promise<void>;
  /** Takes a version away; `record` are those that stay. */
  unload(endpoint: string, version: string, record: ServerRecord): Promise<void>;
  ready(endpoint: string, version: string): Promise<boolean>;
  /** Told of each change of the division. */
  shared?(endpoint: string, record: ServerRecord): Promise<void>;
  /** How long a version may take until it answers, in milliseconds. */
  readonly patience: number;
}

/** A server whose requests our router divides. What each version's part is stands beside the models, so that all who reach them agree. */
export function routedServer(backend: RoutedBackend): ModelServer {
  const { title, url, protocol, headers } = backend;

  async function versions(endpoint: string): ReturnType<ModelServer["versions"]> {
    const record = await readRecord(backend.record(endpoint));
    return Promise.all(
      Object.entries(record).map(async ([version, { percent }]) => ({ version, percent, ready: await backend.ready(endpoint, version) })),
    );
  }

  async function known(endpoint: string, version: string): Promise<ServerRecord> {
    const record = await readRecord(backend.record(endpoint));
    if (Object.hasOwn(record, version)) return record;
    const there = Object.keys(record);
    throw new MillwrightError({
      code: "unknown-version",
      what: `${title} has no version ${version} of ${endpoint}${there.length === 0 ? "" : `; it has ${there.join(", ")}`}`,
      fix: "deploy it first",
    });
  }

  async function waitUntilReady({ endpoint, version }: ModelPackage): Promise<void> {
    for (const deadline = Date.now() + backend.patience; !(await backend.ready(endpoint, version)); await sleep(100))
      if (Date.now() > deadline)
        throw new MillwrightError({
          code: "version-not-ready",
          what: `version ${version} of ${endpoint} was not ready within ${backend.patience / 1000} s`,
          where: url,
          fix: "see the server's own log",
        });
  }

  /** What the server did not load; that it cannot be taken away either is the lesser fault. */
  async function takeAway({ endpoint, version }: ModelPackage, others: ServerRecord): Promise<void> {
    try {
      await writeRecord(backend.record(endpoint), others);
      await backend.unload(endpoint, version, others);
    } catch (error) {
      process.emitWarning(
        `version ${version} of ${endpoint} lies at ${title} still: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }

  return {
    address: () => ({ url, protocol }),
    routed: { headers },
    versions,
    async deploy(model) {
      const { endpoint, version, sha256 } = model;
      checkNames(model);
      const content = await readPackage(model);
      const file = backend.record(endpoint);
      const before = await readRecord(file);
      const there = before[version];
      if (there !== undefined && there.sha256 !== sha256)
        throw new MillwrightError({
          code: "version-differs",
          what: `${title} has another file as version ${version} of ${endpoint}, with the SHA-256 ${there.sha256}`,
          fix: "give this environment a server, or a repository, of its own: versions are numbered in each environment for itself",
        });
      if (there !== undefined && (await backend.ready(endpoint, version))) return;
      const record = { ...before, [version]: { sha256, percent: there?.percent ?? 0 } };
      if (Object.keys(before).length === 0 && (await backend.occupied(endpoint)))
        throw new MillwrightError({
          code: "model-of-another",
          what: `${title} has a model '${endpoint}' that Millwright did not bring`,
          where: file,
          fix: "name the endpoint otherwise, or take that model away",
        });
      await backend.check?.(model, content, record);
      // First: what a killed process leaves is known, and brought anew.
      await writeRecord(file, record);
      try {
        await backend.load(model, content, record);
        await waitUntilReady(model);
      } catch (error) {
        // A version that was there may only be slow to come back.
        if (there === undefined) await takeAway(model, before);
        throw error;
      }
    },
    async share(endpoint, percentages) {
      const wanted = Object.entries(percentages);
      sharesOf(
        endpoint,
        wanted.map(([, percent]) => percent),
      );
      let record: ServerRecord = {};
      for (const [version, percent] of wanted) {
        record = await known(endpoint, version);
        if (percent > 0 && !(await backend.ready(endpoint, version)))
          throw new MillwrightError({
            code: "version-not-ready",
            what: `version ${version} of ${endpoint} is not ready`,
            where: url,
            fix: "deploy it again",
          });
      }
      const divided = Object.fromEntries(
        Object.entries(record).map(([version, one]) => [version, { ...one, percent: percentages[version] ?? 0 }]),
      );
      await writeRecord(backend.record(endpoint), divided);
      await backend.shared?.(endpoint, divided);
    },
    async remove(endpoint, version) {
      const { [version]: gone, ...others } = await known(endpoint, version);
      if (gone !== undefined && gone.percent > 0)
        throw new MillwrightError({
          code: "version-in-use",
          what: `version ${version} of ${endpoint} answers ${gone.percent} percent of the requests`,
          fix: "give its part to others first",
        });
      // First, so that no router asks it any more.
      await writeRecord(backend.record(endpoint), others);
      await backend.unload(endpoint, version, others);
    },
    async close() {},
  };
}
