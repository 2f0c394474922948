import { MillwrightError } from "../error.ts";
import type { Options } from "../systems/roles.ts";
import { request, type Authorization, type RetryPolicy } from "./http.ts";
import { isObject, parseJson } from "./json.ts";
import { optionError, textOption } from "./options.ts";

/** How a REST source is let in. Secrets should come by `env("NAME")`. */
export type AuthOptions<Secret> =
  | { readonly kind: "bearer"; readonly token: Secret }
  | { readonly kind: "basic"; readonly user: string | Secret; readonly password: Secret }
  /** OAuth 2 client credentials (RFC 6749, 4.4): a token is fetched, used until it expires or is refused, and fetched anew. */
  | {
      readonly kind: "oauth2";
      readonly tokenUrl: string;
      readonly clientId: string | Secret;
      readonly clientSecret: Secret;
      readonly scope?: string;
    };

/** The authorization that the resolved option `auth` describes. */
export function authorizationOf(system: string, auth: Options, retry: RetryPolicy): Authorization {
  const text = (name: string): string => textOption(system, auth, name);
  switch (auth["kind"]) {
    case "bearer":
      return fixed(`Bearer ${text("token")}`);
    case "basic":
      return fixed(`Basic ${Buffer.from(`${text("user")}:${text("password")}`).toString("base64")}`);
    case "oauth2":
      return clientCredentials(
        new URL(text("tokenUrl")),
        text("clientId"),
        text("clientSecret"),
        auth["scope"] === undefined ? null : text("scope"),
        retry,
      );
    default:
      throw optionError(system, "auth.kind", "bearer, basic or oauth2");
  }
}

function fixed(header: string): Authorization {
  return { header: async () => header, renew: () => false };
}

export function clientCredentials(tokenUrl: URL, id: string, secret: string, scope: string | null, retry: RetryPolicy): Authorization {
  let token: { readonly header: string; readonly until: number } | null = null;
  return {
    async header(signal) {
      if (token !== null && Date.now() < token.until) return token.header;
      const body = new URLSearchParams({
        grant_type: "client_credentials",
        client_id: id,
        client_secret: secret,
        ...(scope === null ? {} : { scope }),
      });
      const reply = await request(tokenUrl, {
        method: "POST",
        headers: { "content-type": "application/x-www-form-urlencoded" },
        body: body.toString(),
        retry,
        signal,
      });
      const granted = parseToken(reply.text);
      if (granted === null)
        throw new MillwrightError({
          code: "oauth-failed",
          what: `${tokenUrl.origin}${tokenUrl.pathname} answered without an access_token`,
          fix: "check auth.tokenUrl, clientId and clientSecret",
        });
      token = { header: `Bearer ${granted.token}`, until: Date.now() + granted.seconds * 1000 };
      return token.header;
    },
    renew() {
      token = null;
      return true;
    },
  };
}

/** The token, and for how long it is used: a little less than it lives. */
function parseToken(text: string): { token: string; seconds: number } | null {
  const reply = text.trimStart().startsWith("{") ? parseJson(text) : null;
  if (!isObject(reply) || typeof reply["access_token"] !== "string") return null;
  const lives = Number(reply["expires_in"] ?? 300);
  return { token: reply["access_token"], seconds: Math.max(lives - 30, lives / 2) };
}
