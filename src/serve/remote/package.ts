import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { MillwrightError } from "../../error.ts";
import type { ModelPackage } from "../../systems/roles.ts";

/**
 * The ONNX file of a package, which is the registered one.
 *
 * @throws MillwrightError `model-unreadable`; `model-hash` where its SHA-256 is another
 */
export async function readPackage({ endpoint, version, file, sha256 }: ModelPackage): Promise<Buffer> {
  const model = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    throw new MillwrightError(
      { code: "model-unreadable", what: `the model of ${endpoint} cannot be read: ${error.message}`, where: file },
      { cause: error },
    );
  });
  const found = createHash("sha256").update(model).digest("hex");
  if (found === sha256) return model;
  throw new MillwrightError({
    code: "model-hash",
    what: `the model of ${endpoint}, version ${version}, has the SHA-256 ${found}; it was registered with ${sha256}`,
    where: file,
    fix: "register the file again, or restore the one that was registered",
  });
}

/** Names become folders and parts of addresses. @throws MillwrightError `bad-name` */
export function checkNames({ endpoint, version }: Pick<ModelPackage, "endpoint" | "version">): void {
  if (/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(endpoint) && /^[1-9][0-9]{0,15}$/.test(version)) return;
  throw new MillwrightError({
    code: "bad-name",
    what: `'${endpoint}', version '${version}', cannot be deployed: the server takes letters, digits, '_', '.' and '-' in names, and whole numbers as versions`,
    fix: "name the endpoint otherwise",
  });
}
