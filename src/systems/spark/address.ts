import { optionError } from "../../extract/options.ts";

/** Where a Spark Connect server is, and what a client shows it. */
export interface SparkAddress {
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
  readonly token: string | null;
  readonly user: string;
  /** Sent with every call, e.g. a proxy's. */
  readonly headers: Readonly<Record<string, string>>;
}

const wanted = "an address such as sc://host:15002 or sc://host:443/;use_ssl=true;token=...";

/**
 * Reads `sc://host:port/;name=value;...` as Spark's own clients do: `use_ssl`, `token`, `user_id`; other names become headers.
 * A token goes over TLS, but for a server of this machine.
 *
 * @param token one that stands beside the address; it counts more than the address's own.
 * @throws MillwrightError `bad-option`, without the address, which may hold a token.
 */
export function parseAddress(text: string, token: string | null): SparkAddress {
  if (!text.startsWith("sc://") || !URL.canParse(text.replace(/^sc:/, "http:"))) throw optionError("spark", "url", wanted);
  const { hostname, port, pathname, username, search } = new URL(text.replace(/^sc:/, "http:"));
  if (hostname === "" || username !== "" || search !== "") throw optionError("spark", "url", wanted);
  // Anything after the slash is a list of settings; they may be percent-encoded.
  const pairs = decoded(pathname.replace(/^\//, ""))
    .split(";")
    .filter((part) => part !== "")
    .map((part) => part.split(/=(.*)/s).slice(0, 2));
  if (pairs.some(([name, value]) => !name || value === undefined)) throw optionError("spark", "url", wanted);
  const { use_ssl: ssl, token: own, user_id: user, session_id: _session, user_agent: _agent, ...headers } = Object.fromEntries(pairs);
  if (ssl !== undefined && !/^(true|false)$/i.test(ssl)) throw optionError("spark", "url", wanted);
  const shown = token ?? own ?? null;
  return {
    host: hostname,
    // An http address leaves its own default port out; Spark Connect's is another.
    port: port === "" ? (/:80(\/|$)/.test(text) ? 80 : 15002) : Number(port),
    secure: ssl === undefined ? shown !== null && !isLoopback(hostname) : /^true$/i.test(ssl),
    token: shown,
    user: user ?? "millwright",
    headers,
  };
}

/** Whether the server is on this machine, and so sees its files. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "[::1]" || host.startsWith("127.");
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw optionError("spark", "url", wanted);
  }
}
