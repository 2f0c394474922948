import { MillwrightError } from "../error.ts";
import type { Options } from "../systems/roles.ts";
import type { Reply } from "./http.ts";
import { isObject } from "./json.ts";
import { numberOr, optionError, textOption, textOr } from "./options.ts";

/** How the pages of a REST table follow one another. Paths into the reply are names with dots: `meta.next`. */
export type PaginationOptions =
  | { readonly kind: "none" }
  /** `?page=1`, `?page=2` ... until a page is empty, or the last one by `pages`. A short page is no end: servers lower the size that was asked for. */
  | {
      readonly kind: "page";
      /** @default "page" */
      readonly pageParameter?: string;
      /** Number of the first page. @default 1 */
      readonly first?: number;
      readonly sizeParameter?: string;
      readonly size?: number;
      /** Where the reply says how many pages there are. */
      readonly pages?: string;
    }
  /** `?offset=0&limit=1000` ... until a page is empty; the offset grows by what came. */
  | {
      readonly kind: "offset";
      /** @default "offset" */
      readonly offsetParameter?: string;
      /** @default "limit" */
      readonly limitParameter?: string;
      /** @default 1000 */
      readonly limit?: number;
    }
  /** The reply holds the next page's cursor at `next`; it is absent, null or empty at the end. */
  | { readonly kind: "cursor"; readonly next: string; readonly cursorParameter?: string }
  /** The next page's address stands in the header `Link` (rel="next"), or in the reply at `next`. */
  | { readonly kind: "link"; readonly next?: string };

/** A page as the pagination sees it. */
export interface Page {
  readonly reply: Reply;
  readonly body: unknown;
  /** Items on it. */
  readonly count: number;
}

export interface Pagination {
  /** The first page's address. */
  first(url: URL): URL;
  /** The next page's address; null after the last one. Addresses that were asked for already end it. */
  next(page: Page, url: URL): URL | null;
}

/** The pagination of a table's resolved option. */
export function paginationOf(system: string, options: Options): Pagination {
  const kind = textOr(system, options, "kind", "none");
  switch (kind) {
    case "none":
      return { first: (url) => url, next: () => null };
    case "page":
      return byPage(system, options);
    case "offset":
      return byOffset(system, options);
    case "cursor":
      return byCursor(textOption(system, options, "next"), textOr(system, options, "cursorParameter", "cursor"));
    case "link":
      return byLink(options["next"] === undefined ? null : textOption(system, options, "next"));
    default:
      throw optionError(system, "pagination.kind", "none, page, offset, cursor or link");
  }
}

function byPage(system: string, options: Options): Pagination {
  const parameter = textOr(system, options, "pageParameter", "page");
  const size = options["size"] === undefined ? null : numberOr(system, options, "size", 0);
  const sizeParameter = options["sizeParameter"] === undefined ? null : textOption(system, options, "sizeParameter");
  const pages = options["pages"] === undefined ? null : textOption(system, options, "pages");
  const first = numberOr(system, options, "first", 1);
  return {
    first: (url) =>
      withParameters(url, { [parameter]: first, ...(sizeParameter === null || size === null ? {} : { [sizeParameter]: size }) }),
    next({ count, body }, url) {
      const number = Number(url.searchParams.get(parameter));
      const total = pages === null ? null : valueAt(body, pages);
      if (count === 0 || (typeof total === "number" && number >= total - 1 + first)) return null;
      return withParameters(url, { [parameter]: number + 1 });
    },
  };
}

function byOffset(system: string, options: Options): Pagination {
  const offset = textOr(system, options, "offsetParameter", "offset");
  const limit = textOr(system, options, "limitParameter", "limit");
  const size = numberOr(system, options, "limit", 1000);
  return {
    first: (url) => withParameters(url, { [offset]: 0, [limit]: size }),
    next: ({ count }, url) => (count === 0 ? null : withParameters(url, { [offset]: Number(url.searchParams.get(offset)) + count })),
  };
}

function byCursor(path: string, parameter: string): Pagination {
  const seen = new Set<string>();
  return {
    first: (url) => url,
    next({ body }, url) {
      const cursor = valueAt(body, path) ?? "";
      if (typeof cursor !== "string" && typeof cursor !== "number")
        throw new MillwrightError({
          code: "bad-reply",
          what: `the reply's next cursor at '${path}' is neither a text nor a number`,
          fix: "check pagination.next",
        });
      const text = String(cursor);
      // A server may repeat its last cursor for ever.
      if (text === "" || seen.has(text)) return null;
      seen.add(text);
      return withParameters(url, { [parameter]: text });
    },
  };
}

function byLink(path: string | null): Pagination {
  const seen = new Set<string>();
  return {
    first: (url) => url,
    next({ reply, body }, url) {
      const link = path === null ? nextLink(reply.headers.get("link")) : valueAt(body, path);
      if (typeof link !== "string" || link === "") return null;
      const next = new URL(link, url);
      // The token must not go to another host because a reply says so.
      if (next.origin !== url.origin)
        throw new MillwrightError({
          code: "bad-reply",
          what: `the next page of ${url.origin} is said to be at ${next.origin}`,
          fix: "let the option url name that host if it is right",
        });
      seen.add(url.href);
      return seen.has(next.href) ? null : next;
    },
  };
}

/** The address of rel="next" in a Link header (RFC 8288). */
export function nextLink(header: string | null): string | null {
  for (const [, target, parameters = ""] of (header ?? "").matchAll(/<([^>]*)>((?:\s*;\s*[^\s=;,]+\s*=\s*(?:"[^"]*"|[^\s;,]*))*)/g)) {
    const relation = /;\s*rel\s*=\s*(?:"([^"]*)"|([^\s;,]*))/i.exec(parameters);
    if ((relation?.[1] ?? relation?.[2] ?? "").toLowerCase().split(/\s+/).includes("next")) return target ?? null;
  }
  return null;
}

/** The value at a path of names with dots; the empty path is the reply itself. */
export function valueAt(body: unknown, path: string): unknown {
  let value = body;
  for (const name of path === "" ? [] : path.split(".")) {
    if (Array.isArray(value)) value = value[Number(name)];
    else if (isObject(value)) value = value[name];
    else return undefined;
  }
  return value;
}

function withParameters(url: URL, parameters: Readonly<Record<string, string | number>>): URL {
  const next = new URL(url);
  for (const [name, value] of Object.entries(parameters)) next.searchParams.set(name, String(value));
  return next;
}
