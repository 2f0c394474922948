import { contentHash } from "../define/canonical.ts";
import { packageVersion } from "../version.ts";

/** Hash of the code that trains: this package's version and Node's, since both decide what comes out. */
export function codeHash(): string {
  return contentHash({ millwright: packageVersion(), node: process.versions.node });
}
