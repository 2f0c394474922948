import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

export const root: string = fileURLToPath(new URL("../../", import.meta.url));

/** The pages that users and contributors read, from the repository's root. */
export const pages: readonly string[] = [
  "README.md",
  "CONTRIBUTING.md",
  ...readdirSync(join(root, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];

export function pageText(page: string): string {
  return readFileSync(join(root, page), "utf8");
}

/** A piece of code that the documentation shows. */
export interface Snippet {
  /** `file:line` from the repository's root. */
  readonly where: string;
  /** `ts`, `sh`, `python`; empty where a fence says nothing. */
  readonly language: string;
  readonly code: string;
}

/** The fenced blocks of a page. */
export function fencedBlocks(page: string): Snippet[] {
  return [...pageText(page).matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map((match) => ({
    where: `${page}:${lineAt(pageText(page), match.index) + 1}`,
    language: match[1] ?? "",
    code: match[2] ?? "",
  }));
}

/** What users import and call, or call on what they have: with its documentation's `@example`, if it has one. */
export interface Documented {
  readonly name: string;
  readonly example: Snippet | null;
}

/** A value that a module exports, and the file that declares it. */
interface Export {
  readonly name: string;
  readonly file: string;
}

/** The values (not types) that an index re-exports. */
function exportsOf(index: string): Export[] {
  const text = readFileSync(join(root, index), "utf8");
  return [...text.matchAll(/^export \{([^}]*)\} from "([^"]+)";/gm)].flatMap((match) =>
    (match[1] ?? "")
      .split(",")
      .map((name) => name.trim())
      .filter((name) => name !== "" && !name.startsWith("type "))
      .map((name) => ({ name, file: join(dirname(index), match[2] ?? "") })),
  );
}

/** Interfaces whose members users call, by file. */
const called: Readonly<Record<string, readonly string[]>> = {
  "src/define/table.ts": ["Table", "SqlTable", "TableFunction"],
  "src/define/source.ts": ["SourceRole"],
};

/** Everything that users call: exported functions and classes, and the methods of tables and sources. */
export function publicFunctions(): Documented[] {
  const functions = ["src/index.ts", "src/systems/index.ts"].flatMap(exportsOf).flatMap(({ name, file }): Documented[] => {
    const documented = documentedBefore(file, new RegExp(`^export (?:async )?(?:function|class) ${name}\\b`, "m"));
    // A function that is a constant has its documentation at the interface of its type, among those that are called.
    return documented === undefined ? [] : [{ name, example: documented }];
  });
  const methods = Object.entries(called).flatMap(([file, interfaces]) =>
    interfaces.flatMap((holder) =>
      membersOf(file, holder).map((name) => ({
        name: name === "" ? holder : `${holder}.${name}`,
        example: exampleOfMember(file, holder, name),
      })),
    ),
  );
  return [...functions, ...methods];
}

/** The interfaces of expressions, each with the methods that its example must show. */
export function expressionInterfaces(): (Documented & { readonly methods: readonly string[] })[] {
  const file = "src/define/expression-types.ts";
  return [
    "AnyMethods",
    "OrderedMethods",
    "NumberExpression",
    "TextExpression",
    "BooleanExpression",
    "DateMethods",
    "TimestampExpression",
  ].map((name) => ({
    name,
    example: documentedBefore(file, new RegExp(`^(?:export )?interface ${name}\\b`, "m")) ?? null,
    methods: membersOf(file, name),
  }));
}

function bodyOf(file: string, name: string): { readonly text: string; readonly from: number } {
  const text = readFileSync(join(root, file), "utf8");
  const from = text.search(new RegExp(`^(?:export )?interface ${name}\\b`, "m"));
  const to = text.indexOf("\n}", from);
  if (from < 0 || to < 0) throw new Error(`${file} has no interface ${name}`);
  return { text: text.slice(from, to), from };
}

/** The names of an interface's methods; the empty name is its own call. */
function membersOf(file: string, name: string): string[] {
  return [...new Set([...bodyOf(file, name).text.matchAll(/^ {2}([a-zA-Z]*)[<(]/gm)].map((match) => match[1] ?? ""))];
}

function exampleOfMember(file: string, holder: string, name: string): Snippet | null {
  const { text, from } = bodyOf(file, holder);
  return exampleBefore(file, from + text.search(new RegExp(`^ {2}${name}[<(]`, "m"))) ?? null;
}

/** The example before a declaration; null where it has none, undefined where there is no such declaration. */
function documentedBefore(file: string, declaration: RegExp): Snippet | null | undefined {
  const at = readFileSync(join(root, file), "utf8").search(declaration);
  return at < 0 ? undefined : exampleBefore(file, at);
}

function exampleBefore(file: string, at: number): Snippet | null {
  const text = readFileSync(join(root, file), "utf8");
  const before = text.slice(0, at).trimEnd();
  if (!before.endsWith("*/")) return null;
  const start = before.lastIndexOf("/**");
  const marker = before.indexOf("@example", start);
  if (marker < 0) return null;
  const code = before
    .slice(marker + "@example".length, -2)
    .split("\n")
    .map((line) => line.replace(/^\s*\* ?/, ""))
    .join("\n")
    .replace(/\n@[\s\S]*$/, "");
  return { where: `${relative(root, join(root, file))}:${lineAt(text, marker)}`, language: "ts", code: `${code.trim()}\n` };
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split("\n").length;
}
