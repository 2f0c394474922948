import { MillwrightError } from "../../error.ts";

/** A server's interface for those who operate it. */
export interface ServerClient {
  /**
   * The status and body of an answer; the status may be any.
   * @param patience milliseconds; loading takes its time
   * @throws MillwrightError `server-unreachable`
   */
  ask(
    method: "GET" | "POST" | "PUT" | "DELETE",
    path: string,
    body?: object,
    patience?: number,
  ): Promise<{ readonly status: number; readonly text: string }>;
  /** The same; @throws MillwrightError `server-refused` where the answer is no 2xx, with what the server says */
  demand(method: "GET" | "POST" | "PUT" | "DELETE", path: string, what: string, body?: object, patience?: number): Promise<string>;
}

/** @param title of the server, for complaints */
export function serverClient(title: string, url: string, headers: Readonly<Record<string, string>>): ServerClient {
  const base = url.replace(/\/+$/, "");
  const ask: ServerClient["ask"] = async (method, path, body, patience = 30_000) => {
    try {
      const reply = await fetch(`${base}${path}`, {
        method,
        headers: { ...headers, ...(body === undefined ? {} : { "content-type": "application/json" }) },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(patience),
      });
      return { status: reply.status, text: await reply.text() };
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
      throw new MillwrightError(
        {
          code: "server-unreachable",
          what: `${title} does not answer: ${cause instanceof Error ? cause.message : String(cause)}`,
          where: base,
          fix: "start it, or correct its address in the binding of the role server",
        },
        { cause: error },
      );
    }
  };
  return {
    ask,
    async demand(method, path, what, body, patience) {
      const { status, text } = await ask(method, path, body, patience);
      if (status >= 200 && status < 300) return text;
      throw new MillwrightError({
        code: "server-refused",
        what: `${title} cannot ${what}: it answers ${status}, ${saying(text)}`,
        where: base,
        fix: "see the server's own log",
      });
    },
  };
}

function saying(text: string): string {
  const line = text.replaceAll(/\s+/g, " ").trim();
  return line === "" ? "and says nothing" : line.length > 500 ? `${line.slice(0, 500)}...` : line;
}
