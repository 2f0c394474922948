import type { Column } from "../define/column.ts";
import type { BindingNode, SourceTableNode } from "../define/node.ts";
import type { SecretReference } from "../define/option.ts";
import { MillwrightError } from "../error.ts";
import { authorizationOf, type AuthOptions } from "../extract/authorization.ts";
import { request, type Authorization, type Reply, type RetryPolicy } from "../extract/http.ts";
import { inferColumns } from "../extract/infer.ts";
import { isObject, jsonText, parseJson, type JsonObject } from "../extract/json.ts";
import { newest } from "../extract/newest.ts";
import { numberOr, objectOr, optionError, textOption, textOr } from "../extract/options.ts";
import { paginationOf, valueAt, type PaginationOptions } from "../extract/pagination.ts";
import { unknownTable } from "../extract/schema.ts";
import { binding } from "./binding.ts";
import type { Extracted, ExtractRequest, Options, Rejected, Source, System, Value } from "./roles.ts";

export interface RestTable {
  /** From the option url: `/weather`. */
  readonly path: string;
  /** Where the reply holds the list of items, as names with dots. @default "" (the reply is the list) */
  readonly rows?: string;
  /** @default { kind: "none" } */
  readonly pagination?: PaginationOptions;
  /** The query parameter that asks for items at or after the table's cursor value; without it every extract reads all. */
  readonly cursorParameter?: string;
  /** Further query parameters. */
  readonly parameters?: Readonly<Record<string, string | number | SecretReference>>;
}

export interface RestOptions {
  /** `https://api.example.com/v1`. */
  readonly url: string | SecretReference;
  readonly headers?: Readonly<Record<string, string | SecretReference>>;
  readonly auth?: AuthOptions<SecretReference>;
  readonly tables: Readonly<Record<string, RestTable>>;
  readonly retry?: {
    /** Requests in all for one page. @default 8 */
    readonly attempts?: number;
    /** Upper bound of the first pause, in milliseconds; each further one is twice as long. @default 500 */
    readonly firstDelay?: number;
    /** Upper bound of any pause, Retry-After included, in milliseconds. @default 120000 */
    readonly longestDelay?: number;
    /** Of one request, in milliseconds. @default 30000 */
    readonly timeout?: number;
  };
}

/**
 * Tables of a REST API that answers with JSON.
 *
 * A field that is an object or a list becomes its JSON text. A JSON number is a double, in the table's key a bigint:
 * declare the table's columns where that is not wanted. Items that do not fit go to the quarantine with page and index.
 *
 * @example
 * rest({ url: "http://127.0.0.1:8017", tables: { weather: { path: "/weather", rows: "data", pagination: { kind: "page" }, cursorParameter: "since" } } })
 */
export function rest(options: RestOptions): BindingNode {
  return binding("rest", options);
}

export const system: System = {
  name: "rest",
  title: "REST API",
  peers: [],
  roles: { source: connect },
};

interface Api {
  readonly base: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly authorization: Authorization | null;
  readonly retry: RetryPolicy;
  readonly tables: Options;
}

interface ReadPage {
  /** From 1. */
  readonly number: number;
  readonly items: readonly unknown[];
}

async function connect(options: Options): Promise<Source> {
  const given = objectOr("rest", options, "retry");
  const retry = {
    attempts: numberOr("rest", given, "attempts", 8),
    firstDelay: numberOr("rest", given, "firstDelay", 500),
    longestDelay: numberOr("rest", given, "longestDelay", 120_000),
    timeout: numberOr("rest", given, "timeout", 30_000),
  };
  const headers = objectOr("rest", options, "headers");
  const api: Api = {
    base: baseOf(textOption("rest", options, "url")),
    headers: Object.fromEntries(Object.keys(headers).map((name) => [name, textOption("rest", headers, name)])),
    authorization: options["auth"] === undefined ? null : authorizationOf("rest", objectOr("rest", options, "auth"), retry),
    retry,
    tables: objectOr("rest", options, "tables"),
  };
  return {
    describe: (table) => describe(api, table),
    async fingerprint() {
      return null;
    },
    extract: (asked) => extract(api, asked),
    async close() {},
  };
}

function baseOf(url: string): string {
  if (!URL.canParse(url) || !/^https?:/.test(url)) throw optionError("rest", "url", "an address that begins with http:// or https://");
  if (new URL(url).username !== "")
    throw new MillwrightError({
      code: "bad-option",
      what: "rest: the option url holds a user or password",
      fix: "use the option auth: { kind: 'basic', user, password: env('NAME') }",
    });
  return url.replace(/\/+$/, "");
}

async function describe(api: Api, table: SourceTableNode): Promise<Column[]> {
  for await (const { items } of pages(api, table, null, new AbortController().signal)) {
    const columns = inferColumns(items.filter(isObject), { numbers: "double", whole: table.key });
    if (columns.length > 0) return columns;
    break;
  }
  throw new MillwrightError({
    code: "nothing-to-describe",
    what: `the first page of ${table.table} has no items to take the columns from`,
    where: table.origin,
    fix: "declare the table's columns",
  });
}

async function extract(api: Api, asked: ExtractRequest): Promise<Extracted> {
  const { table, columns, position, stage, progress, signal } = asked;
  const incremental = table.cursor !== null && table.key.length > 0 && tableOptions(api, table)["cursorParameter"] !== undefined;
  const since = incremental && position?.["cursor"] === table.cursor && typeof position["last"] === "string" ? position["last"] : null;
  const last = newest(columns.find(({ name }) => name === table.cursor)?.type ?? "text", since);
  for await (const { number, items } of pages(api, table, since, signal)) {
    const good: JsonObject[] = [];
    const places: number[] = [];
    const bad: Rejected[] = [];
    for (const [index, item] of items.entries()) {
      if (isObject(item)) {
        good.push(item);
        places.push(index + 1);
        if (table.cursor !== null) last.see(item[table.cursor]);
      } else bad.push({ origin: `${table.table} page ${number} item ${index + 1}`, reason: "is no object", raw: jsonText(item) });
    }
    await stage.reject(bad);
    await stage.rows(
      good.map((item) => columns.map(({ name }) => valueOf(item[name]))),
      (index) => `${table.table} page ${number} item ${places[index]}`,
    );
    progress.report({ done: number, total: null, unit: "pages" });
  }
  const value = last.value();
  return {
    position: incremental && value !== null ? { cursor: table.cursor, last: value } : {},
    contains: since === null ? "all" : "changes",
  };
}

/** The pages of a table, each with its list of items. */
async function* pages(api: Api, table: SourceTableNode, since: string | null, signal: AbortSignal): AsyncGenerator<ReadPage> {
  const options = tableOptions(api, table);
  const pagination = paginationOf("rest", objectOr("rest", options, "pagination"));
  const rows = textOr("rest", options, "rows", "");
  let url: URL | null = pagination.first(firstUrl(api, options, since));
  let former = "";
  for (let number = 1; url !== null; number++) {
    const reply: Reply = await request(url, {
      headers: api.headers,
      ...(api.authorization === null ? {} : { authorization: api.authorization }),
      retry: api.retry,
      signal,
      refuse: notJson,
    });
    const body = parseJson(reply.text);
    const items = valueAt(body, rows);
    if (!Array.isArray(items)) throw noList(table, url, rows, body);
    if (items.length > 0 && reply.text === former) throw repeated(table, url, number);
    former = reply.text;
    yield { number, items };
    url = pagination.next({ reply, body, count: items.length }, url);
  }
}

function tableOptions(api: Api, table: SourceTableNode): Options {
  if (!(table.table in api.tables)) throw unknownTable(table, Object.keys(api.tables));
  return objectOr("rest", api.tables, table.table);
}

function firstUrl(api: Api, options: Options, since: string | null): URL {
  const url = new URL(api.base + textOption("rest", options, "path"));
  for (const [name, value] of Object.entries(objectOr("rest", options, "parameters"))) url.searchParams.set(name, String(value));
  if (since !== null) url.searchParams.set(textOption("rest", options, "cursorParameter"), since);
  return url;
}

function notJson({ text, headers }: Reply): string | null {
  try {
    parseJson(text);
    return null;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return `a reply that is no JSON (${headers.get("content-type") ?? "no content type"}, ${text.length} characters, begins ${JSON.stringify(text.slice(0, 60))})`;
  }
}

function noList(table: SourceTableNode, url: URL, rows: string, body: unknown): MillwrightError {
  const has = isObject(body) ? `an object with ${Object.keys(body).slice(0, 20).join(", ")}` : Array.isArray(body) ? "a list" : typeof body;
  return new MillwrightError({
    code: "bad-reply",
    what: `the reply of ${url.origin}${url.pathname} has no list at '${rows}': it is ${has}`,
    where: table.origin,
    fix: `set tables.${table.table}.rows to the path of the list`,
  });
}

function repeated(table: SourceTableNode, url: URL, number: number): MillwrightError {
  return new MillwrightError({
    code: "bad-reply",
    what: `page ${number} of ${url.origin}${url.pathname} is the same as the page before`,
    where: table.origin,
    fix: `check tables.${table.table}.pagination: the server seems to ignore its parameters`,
  });
}

function valueOf(value: unknown): Value {
  switch (typeof value) {
    case "string":
    case "number":
    case "bigint":
    case "boolean":
      return value;
    default:
      return value === null || value === undefined ? null : jsonText(value);
  }
}
