import { dirname, resolve } from "node:path";
import type { ModelNode } from "../node.ts";
import type { Findings } from "./diagnostic.ts";

/** Reports a Python script that was not there when the platform was declared. */
export function checkScript({ name, train, origin }: ModelNode, findings: Findings): void {
  if (train.trainer !== "python" || train.code !== null) return;
  findings.error({
    code: "no-script",
    what: `the script ${train.script} of model '${name}' is not there`,
    where: origin,
    fix: `write it, or name it from the folder of the file that declares it: ${resolve(dirname(origin.file), train.script)}`,
  });
}
