import type { Entry, Metadata, Operator } from "opendal";
import { MillwrightError } from "../../error.ts";
import type { Storage } from "../../systems/roles.ts";
import { pathWithin } from "./address.ts";
import { StorageError, type StorageFault } from "./error.ts";
import type { StorageDriver, StoredFile } from "./files.ts";
import { deadline, retried, within } from "./retry.ts";

/** A write of so much goes in one request; a larger file's parts have this size. */
export const partBytes: number = 8 * 1024 * 1024;
/** What S3 copies in one request. */
const largestCopy = 5 * 1024 ** 3;

type Library = typeof import("opendal");

/** An object store or HDFS, through the library opendal, which is loaded when it is first used. */
export function openRemote(storage: Storage): StorageDriver {
  let opening: Promise<{ readonly once: Operator; readonly stubborn: Operator }> | null = null;
  const operators = () => (opening ??= openOperators(storage));
  const pathOf = (location: string): string => {
    const path = pathWithin(storage.location, location);
    if (path === undefined) throw new StorageError("other", location, `${location} does not lie in ${storage.location}`);
    return path;
  };
  /** One request, with its deadline and its failure by name; `bytes` is what it moves. */
  const ask = async <T>(location: string, bytes: number, work: (operator: Operator, path: string) => Promise<T>): Promise<T> => {
    const { once } = await operators();
    return within(deadline(bytes), location, work(once, pathOf(location))).catch((error: unknown) => {
      throw named(error, location, storage);
    });
  };
  const stat = (location: string): Promise<StoredFile | null> =>
    retried(() => ask(location, 0, async (operator, path) => storedFile(location, await operator.stat(path)))).catch(orNull);
  const read: StorageDriver["read"] = (location, range) =>
    retried(() =>
      ask(location, range?.length ?? 64 * 1024 * 1024, (operator, path) =>
        operator.read(path, range === undefined ? {} : { offset: BigInt(range.offset), size: BigInt(range.length) }),
      ),
    );
  const entries = (location: string): Promise<readonly Entry[]> =>
    retried(() =>
      ask(location, 64 * 1024 * 1024, (operator, path) => operator.list(path === "" ? "/" : `${path}/`, { recursive: true })),
    ).catch((error: unknown) => orNull(error) ?? []);
  return {
    read,
    stat,
    write: (location, content) => {
      const bytes = Buffer.from(content);
      return retried(async (before) => {
        try {
          await ask(location, bytes.length, async (operator, path) => {
            // Where the service has no condition, looking first is the best there is; our names are random and never meet.
            const conditional = operator.capability().writeWithIfNotExists;
            if (!conditional && before === 0 && (await operator.exists(path)))
              throw new StorageError("exists", location, `${location} is there already`);
            await operator.write(path, bytes, conditional ? { ifNotExists: true } : {});
          });
        } catch (error) {
          // An attempt before this one may have written it, and only its reply was lost.
          if (!(error instanceof StorageError) || error.fault !== "exists" || before === 0) throw error;
          if (!(await read(location)).equals(bytes)) throw error;
        }
      });
    },
    remove: (location) => retried(() => ask(location, 0, (operator, path) => operator.delete(path))),
    async removeFolder(location) {
      const found = await entries(location);
      const files = found.filter((entry) => entry.metadata().isFile());
      await atOnce(files, (entry) => retried(() => ask(location, 0, (operator) => operator.delete(entry.path()))));
      if (storage.service !== "webhdfs") return;
      const folders = found.filter((entry) => entry.metadata().isDirectory()).map((entry) => entry.path());
      // The innermost first: HDFS removes empty folders only.
      for (const folder of [...new Set([`${pathOf(location)}/`, ...folders])].toSorted((a, b) => b.length - a.length))
        await retried(() => ask(location, 0, (operator) => operator.delete(folder)));
    },
    list: async (location) =>
      (await entries(location)).flatMap((entry) =>
        entry.metadata().isFile() ? [storedFile(`${storage.location}/${entry.path()}`, entry.metadata())] : [],
      ),
    // Object stores have no folders, and HDFS makes them with the file: it is enough that the storage can be opened.
    createFolders: async () => void (await operators()),
    async settle(locations) {
      // A file stands when its writer was told so; what is looked for is one that never came.
      await atOnce(locations, async (location) => {
        if ((await stat(location)) === null) throw new StorageError("missing", location, `There is no file ${location}`);
      });
    },
    async copyWithin(from, to, bytes) {
      const { once } = await operators();
      if (!once.capability().copy || bytes > largestCopy) return false;
      await retried(() => ask(from, bytes, (operator, path) => operator.copy(path, pathOf(to))));
      return true;
    },
    async writeParts(location, parts) {
      const { stubborn } = await operators();
      try {
        const writer = await stubborn.writer(pathOf(location), { chunk: BigInt(partBytes) });
        for await (const part of parts) await within(deadline(part.length), location, writer.write(part));
        await within(deadline(partBytes), location, writer.close());
      } catch (error) {
        throw named(error, location, storage);
      }
    },
  };
}

/** Requests that run at the same time; more would only queue. */
const concurrency = 64;

async function atOnce<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  for (let first = 0; first < items.length; first += concurrency) await Promise.all(items.slice(first, first + concurrency).map(work));
}

async function openOperators({ service, options }: Storage): Promise<{ readonly once: Operator; readonly stubborn: Operator }> {
  const library = await load();
  const once = new library.Operator(service, options);
  // The parts of one file cannot be begun again one by one from outside.
  const retry = new library.RetryLayer();
  retry.maxTimes = 7;
  retry.jitter = true;
  return { once, stubborn: new library.Operator(service, options).layer(retry.build()) };
}

async function load(): Promise<Library> {
  try {
    return await import("opendal");
  } catch (error) {
    if (!(error instanceof Error) || !("code" in error) || error.code !== "ERR_MODULE_NOT_FOUND") throw error;
    throw new MillwrightError(
      {
        code: "peer-missing",
        what: "a lake that is not on a local disk needs the package opendal, which is not installed",
        fix: 'npm install "opendal@0.49.1"',
      },
      { cause: error },
    );
  }
}

function storedFile(location: string, metadata: Metadata): StoredFile {
  return {
    location,
    bytes: Number(metadata.contentLength ?? 0n),
    modified: metadata.lastModified === null ? 0 : Date.parse(metadata.lastModified),
  };
}

function orNull(error: unknown): null {
  if (error instanceof StorageError && error.fault === "missing") return null;
  throw error;
}

/** opendal's kinds of errors. */
const faults: Readonly<Record<string, StorageFault>> = {
  NotFound: "missing",
  AlreadyExists: "exists",
  ConditionNotMatch: "exists",
  PermissionDenied: "refused",
  RateLimited: "transient",
};

/** opendal says `Kind (temporary) at operation, context: { ... } => reason`. */
function named(error: unknown, location: string, storage: Storage): unknown {
  if (error instanceof StorageError || !(error instanceof Error)) return error;
  const [, kind = "", lasting] = /^(\w+) \((temporary|persistent|permanent)\)/.exec(error.message) ?? [];
  const fault = faults[kind] ?? (lasting === "temporary" ? "transient" : "other");
  // Without the cause, whose message may hold a signed address.
  return new StorageError(fault, location, `${location}: ${withoutSecrets(error.message, storage)}`);
}

/** An error's text without what could be a secret: signatures in addresses, and the values of the storage's own secrets. */
function withoutSecrets(text: string, { options }: Storage): string {
  const secrets = Object.entries(options).filter(
    ([name, value]) => /key|secret|token|credential|delegation/.test(name) && value.length > 3,
  );
  // The context in the middle repeats the whole request and reply.
  const plain = text.replace(/, context: .*? => /s, ": ").replaceAll(/\?[^\s)},]*/g, "?...");
  return secrets.reduce((rest, [, value]) => rest.replaceAll(value, "..."), plain);
}
