import { clientCredentials } from "../../../extract/authorization.ts";
import type { OutsideCatalog } from "../../../systems/roles.ts";
import type { Outgoing } from "./send.ts";
import { signedHeaders } from "./sign.ts";

/** What lets requests in. */
export interface Authorize {
  headers(request: Outgoing): Promise<Readonly<Record<string, string>>>;
  /** After a refusal: whether trying again can help. */
  renew(): boolean;
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
      return {
        async headers() {
          const header = await granted.header(never);
          return header === null ? {} : { authorization: header };
        },
        renew: () => granted.renew(),
      };
    }
  }
}
