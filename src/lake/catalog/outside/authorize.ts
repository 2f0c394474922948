import { clientCredentials } from "../../../extract/authorization.ts";
import type { OutsideCatalog } from "../../../systems/roles.ts";
import type { Outgoing } from "./send.ts";
import { signedHeaders } from "./sign.ts";

/** What lets requests in. */
export interface Authorize {
  headers(request: Outgoing): Promise<Readonly<Record<string, string>>>;
  /** After a refusal of these headers: whether trying again can help. */
  renew(refused: Readonly<Record<string, string>>): boolean;
}

const tokenRetry = { attempts: 5, firstDelay: 500, longestDelay: 30_000, timeout: 30_000 };

/** How an outside catalog's requests are authorised. A token of client credentials is used until it expires or is refused. */
export function authorize({ authorization }: OutsideCatalog): Authorize {
  switch (authorization.kind) {
    case "none":
      return { headers: async () => ({}), renew: () => false };
    case "bearer":
      return { headers: async () => ({ authorization: `Bearer ${authorization.token}` }), renew: () => false };
    case "aws":
      return { headers: async (request) => signedHeaders(request, authorization, new Date()), renew: () => false };
    case "oauth2": {
      const { url, credential, scope } = authorization;
      const colon = credential.indexOf(":");
      const granted = clientCredentials(new URL(url), credential.slice(0, colon), credential.slice(colon + 1), scope, tokenRetry);
      const never = new AbortController().signal;
      let last: string | null = null;
      let asking: Promise<string | null> | null = null;
      return {
        async headers() {
          // Who asks at the same time gets the same token: a server may end the one before with the next.
          asking ??= granted.header(never).finally(() => (asking = null));
          last = await asking;
          return last === null ? {} : { authorization: last };
        },
        renew: (refused) => refused["authorization"] !== last || granted.renew(),
      };
    }
  }
}
