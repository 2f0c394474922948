import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { MillwrightError } from "../../error.ts";

const execute = promisify(execFile);

/** Milliseconds before its end at which a token is renewed, and for which one without an end is kept. */
const margin = 60_000;

/** A token in a file that others renew. */
export function tokenOfFile(file: string): () => Promise<string> {
  return renewing(async () => ({ token: (await readFile(file, "utf8")).trim(), until: Date.now() + 2 * margin }));
}

/** A program of a kubeconfig that gives tokens, as the clouds' have: gke-gcloud-auth-plugin, aws eks get-token, kubelogin. */
export function execToken(exec: {
  readonly apiVersion?: string;
  readonly command: string;
  readonly args?: readonly string[] | null;
  readonly env?: readonly { readonly name: string; readonly value: string }[] | null;
}): () => Promise<string> {
  const version = exec.apiVersion ?? "client.authentication.k8s.io/v1";
  const information = JSON.stringify({ apiVersion: version, kind: "ExecCredential", spec: { interactive: false } });
  const own = Object.fromEntries((exec.env ?? []).map(({ name, value }) => [name, value]));
  return renewing(async () => {
    const failed = (said: string, cause?: unknown): MillwrightError =>
      new MillwrightError(
        {
          code: "kubernetes-credential",
          what: `${exec.command}, which the kubeconfig names, gave no token: ${said}`,
          fix: "log in again, and try kubectl",
        },
        { cause },
      );
    const { stdout } = await execute(exec.command, [...(exec.args ?? [])], {
      env: { ...process.env, ...own, KUBERNETES_EXEC_INFO: information },
      timeout: 120_000,
    }).catch((error: Error & { readonly stderr?: string }) => {
      throw failed((error.stderr ?? error.message).trim().slice(-500), error);
    });
    const said: { readonly status?: { readonly token?: string; readonly expirationTimestamp?: string } } = JSON.parse(stdout);
    const { token, expirationTimestamp } = said.status ?? {};
    // Client certificates from such a program are rare, and are not taken.
    if (token === undefined) throw failed("its answer holds none");
    return { token, until: expirationTimestamp === undefined ? Date.now() + 10 * margin : Date.parse(expirationTimestamp) };
  });
}

/** Asked once for all that ask at once, and again before the token's end. */
function renewing(fetch: () => Promise<{ readonly token: string; readonly until: number }>): () => Promise<string> {
  let held: Promise<{ readonly token: string; readonly until: number }> | null = null;
  let until = 0;
  return async () => {
    if (held === null || Date.now() > until - margin) {
      until = Number.POSITIVE_INFINITY;
      held = fetch();
      held.then(
        (given) => (until = given.until),
        () => (held = null),
      );
    }
    return (await held).token;
  };
}
