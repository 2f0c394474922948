import { randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { MillwrightError } from "../../error.ts";

/** The name of a record in the folder of an endpoint. */
export const recordName = "millwright.json";

/** What is known of an endpoint's versions on a server, kept beside them where the server reads its models. */
export type ServerRecord = Readonly<Record<string, { readonly sha256: string; readonly percent: number }>>;

/** Empty where there is none. @throws MillwrightError `server-record` for a file that is something else */
export async function readRecord(file: string): Promise<ServerRecord> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return null;
    throw error;
  });
  if (text === null) return {};
  try {
    const { versions }: { readonly versions: ServerRecord } = JSON.parse(text);
    if (typeof versions === "object") return versions;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new MillwrightError({
    code: "server-record",
    what: "the record of an endpoint's versions cannot be read",
    where: file,
    fix: "remove it together with the endpoint's versions, and run millwright run: it brings them anew",
  });
}

export function writeRecord(file: string, versions: ServerRecord): Promise<void> {
  return writeAside(file, `${JSON.stringify({ versions }, null, 2)}\n`);
}

/** Whether a folder holds something beside a record, such as a model of somebody else. */
export async function holdsOthers(folder: string): Promise<boolean> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  return names.some((name) => name !== recordName && !name.endsWith(".partial"));
}

/** A file that others read is whole at every moment. */
export async function writeAside(file: string, content: string | Uint8Array): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const aside = `${file}.${randomUUID()}.partial`;
  try {
    await writeFile(aside, content);
    await rename(aside, file);
  } catch (error) {
    await rm(aside, { force: true });
    throw error;
  }
}

/** A folder with files, whole or not there; one that is there is replaced. */
export async function placeFolder(folder: string, files: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
  const aside = `${folder}.${randomUUID()}.partial`;
  try {
    await mkdir(aside, { recursive: true });
    for (const [name, content] of Object.entries(files)) await writeFile(`${aside}/${name}`, content);
    await rm(folder, { recursive: true, force: true });
    await rename(aside, folder);
  } catch (error) {
    await rm(aside, { recursive: true, force: true });
    throw error;
  }
}
