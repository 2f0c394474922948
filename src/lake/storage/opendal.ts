import { posix } from "node:path";
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

/** What is taken for the size of something whose size is not known: 4 MiB. */
const unknownBytes = 4 * 1024 * 1024;

type Library = typeof import("opendal");

interface Operators {
  /** Asks once; what fails is asked again here. */
  readonly plain: Operator;
  /** Asks again by itself, for the parts of one file cannot be begun again one by one from outside. */
  readonly stubborn: Operator;
}

/** An object store or HDFS, through the library opendal, which is loaded when it is first used. */
export function openRemote(storage: Storage): StorageDriver {
  let opening: Promise<Operators> | null = null;
  let entering: Promise<void> | null = null;
  const operators = () => (opening ??= openOperators(storage));
  const pathOf = (location: string): string => {
    const path = pathWithin(storage.location, location);
    if (path === undefined) throw new StorageError("other", location, `${location} does not lie in ${storage.location}`);
    return path;
  };
  // In HDFS a file has one writer at a time: a write that is begun again while the first still goes on fails. It is given longer.
  const slack = storage.service === "webhdfs" ? 6 : 1;
  const once = async <T>(location: string, limit: number, work: (operator: Operator, path: string) => Promise<T>): Promise<T> => {
    const { plain } = await operators();
    return within(limit * slack, location, work(plain, pathOf(location))).catch((error: unknown) => {
      throw named(error, location, storage);
    });
  };
  /** One request until it passes; `bytes` is what it moves, null when nobody knows: then each attempt is given longer. */
  const ask = <T>(location: string, bytes: number | null, work: (operator: Operator, path: string) => Promise<T>): Promise<T> =>
    retried((before) => once(location, deadline(bytes ?? unknownBytes * 4 ** before, before), work));
  const stat = (location: string): Promise<StoredFile | null> =>
    ask(location, 0, async (operator, path) => storedFile(location, await operator.stat(path))).catch(orNull);
  const read: StorageDriver["read"] = (location, range) =>
    ask(location, range?.length ?? null, (operator, path) =>
      operator.read(path, range === undefined ? {} : { offset: BigInt(range.offset), size: BigInt(range.length) }),
    );
  const entries = (location: string): Promise<readonly Entry[]> =>
    ask(location, null, (operator, path) => operator.list(path === "" ? "/" : `${path}/`, { recursive: true })).catch(
      (error: unknown) => orNull(error) ?? [],
    );
  const write = async (location: string, content: string | Uint8Array): Promise<void> => {
    const bytes = Buffer.from(content);
    const conditional = (await operators()).plain.capability().writeWithIfNotExists;
    // Where the service has no condition, looking first is the best there is; our names are random and never meet.
    if (!conditional && (await stat(location)) !== null) throw new StorageError("exists", location, `${location} is there already`);
    const options = conditional ? { ifNotExists: true } : {};
    await retried(async (before) => {
      try {
        await once(location, deadline(bytes.length, before), (operator, path) => operator.write(path, bytes, options));
      } catch (error) {
        // An attempt before this one may have written it, and only its reply was lost.
        if (!(error instanceof StorageError) || error.fault !== "exists" || before === 0) throw error;
        if (!(await read(location)).equals(bytes)) throw error;
      }
    });
  };
  return {
    read,
    stat,
    write,
    remove: (location) => ask(location, 0, (operator, path) => operator.delete(path)),
    async removeFolder(location) {
      const found = await entries(location);
      const files = found.filter((entry) => entry.metadata().isFile());
      await atOnce(files, (entry) => ask(location, 0, (operator) => operator.delete(entry.path())));
      if (storage.service !== "webhdfs") return;
      const folders = found.filter((entry) => entry.metadata().isDirectory()).map((entry) => entry.path());
      // The innermost first: HDFS removes empty folders only.
      for (const folder of [...new Set([`${pathOf(location)}/`, ...folders])].toSorted((a, b) => b.length - a.length))
        await ask(location, 0, (operator) => operator.delete(folder));
    },
    list: async (location) =>
      (await entries(location)).flatMap((entry) =>
        entry.metadata().isFile() ? [storedFile(`${storage.location}/${entry.path()}`, entry.metadata())] : [],
      ),
    // Object stores have no folders, and HDFS makes them with the file: it is enough that the storage is there and lets us in.
    createFolders: () => (entering ??= ask(storage.location, 0, (operator) => operator.check()).catch(unreachable)),
    async settle(locations) {
      // A file stands when its writer was told so; what is looked for is one that never came.
      await atOnce(locations, async (location) => {
        if ((await stat(location)) === null) throw new StorageError("missing", location, `There is no file ${location}`);
      });
    },
    async copyWithin(from, to, bytes) {
      const { plain } = await operators();
      if (!plain.capability().copy || bytes > largestCopy) return false;
      await ask(from, bytes, (operator, path) => operator.copy(path, pathOf(to)));
      return true;
    },
    async writeParts(location, parts) {
      const { stubborn } = await operators();
      // HDFS renames what was put together aside, into a folder that must be there, and opendal does not see when it refuses.
      if (storage.service === "webhdfs") await ask(location, 0, (operator, path) => operator.createDir(posix.join(path, "../")));
      try {
        const writer = await stubborn.writer(pathOf(location), { chunk: BigInt(partBytes) });
        // With time for the repetitions inside.
        for await (const part of parts) await within(4 * deadline(part.length), location, writer.write(part));
        await within(4 * deadline(partBytes), location, writer.close());
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

async function openOperators({ service, options }: Storage): Promise<Operators> {
  const library = await load();
  const plain = new library.Operator(service, options);
  const retry = new library.RetryLayer();
  retry.maxTimes = 7;
  retry.minDelay = 100;
  retry.maxDelay = 2_000;
  retry.jitter = true;
  return { plain, stubborn: new library.Operator(service, options).layer(retry.build()) };
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

function unreachable(error: unknown): never {
  if (!(error instanceof StorageError)) throw error;
  throw new MillwrightError(
    {
      code: "lake-unreachable",
      what: `the lake cannot be used: ${error.message}`,
      fix: "check the address in the lake's binding, its credentials and what they may do, and that the bucket is there",
    },
    { cause: error },
  );
}

function orNull(error: unknown): null {
  if (error instanceof StorageError && error.fault === "missing") return null;
  throw error;
}

/** opendal's kinds of errors. */
const faults: Readonly<Record<string, StorageFault>> = {
  ConfigInvalid: "refused",
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
  // S3 says so while another write of the same name, such as our own late one, is under way.
  const conflict = error.message.includes("ConditionalRequestConflict");
  // "Persistent" is a temporary failure that outlasted opendal's own repetitions.
  const passing = conflict || lasting === "temporary" || (lasting === "persistent" && kind === "Unexpected");
  const fault = passing ? "transient" : (faults[kind] ?? "other");
  // Without the cause, whose message may hold a signed address.
  return new StorageError(fault, location, `${location}: ${withoutSecrets(error.message, storage)}`);
}

/** An error's text without what could be a secret: signatures in addresses, and the values of the storage's own secrets. */
function withoutSecrets(text: string, { options }: Storage): string {
  const secrets = Object.entries(options).filter(
    ([name, value]) => /key|secret|token|credential|delegation/.test(name) && value.length > 3,
  );
  // The context in the middle repeats the whole request and reply.
  const plain = text
    .replace(/, context: .*? => /s, ": ")
    .replaceAll(/\?[^\s)},]*/g, "?...")
    .replaceAll(/\bsig=[^\s&"<]*/g, "sig=...");
  return secrets.reduce((rest, [, value]) => rest.replaceAll(value, "..."), plain);
}
