import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { expect, test } from "vitest";
import { commands, isCommand, usage } from "../../src/cli/commands.ts";
import { fencedBlocks, pages, pageText, root } from "./snippets.ts";

/** What a page sets in code: inline, and the lines of its shell blocks. */
function codeOf(page: string): string[] {
  const prose = pageText(page).replaceAll(/^```[\s\S]*?^```$/gm, "");
  const inline = [...prose.matchAll(/`([^`\n]+)`/g)].map((match) => match[1] ?? "");
  const shell = fencedBlocks(page)
    .filter(({ language }) => language === "sh")
    .flatMap(({ code }) => code.split("\n").map((line) => line.replace(/\s+#.*$/, "")));
  return [...inline, ...shell];
}

/** A heading's anchor, as GitHub makes it. */
function anchorsOf(page: string): string[] {
  return [...readFileSync(page, "utf8").matchAll(/^#+ (.+)$/gm)].map((match) =>
    (match[1] ?? "")
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, "")
      .replaceAll(" ", "-"),
  );
}

const sources = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts"))
  .map((name) => readFileSync(join(root, "src", name), "utf8"))
  .join("\n");

test.each(pages)("every relative link of %s leads to a file that is there, and to a heading in it", (page) => {
  const links = [...pageText(page).matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1] ?? "").filter((link) => !/^[a-z]+:/.test(link));
  const broken = links.filter((link) => {
    const [path = "", anchor] = link.split("#");
    const file = path === "" ? join(root, page) : resolve(join(root, dirname(page)), path);
    return !existsSync(file) || (anchor !== undefined && !anchorsOf(file).includes(anchor));
  });
  expect(broken).toEqual([]);
});

test.each(pages)("%s names no command and no option that the command line does not know", (page) => {
  const everyOption = new Set([
    "--help",
    "--version",
    ...Object.keys(commands).flatMap((name) => (isCommand(name) ? optionsOf(usage(name)) : [])),
  ]);
  const unknown = codeOf(page).flatMap((code) => {
    const options = [...code.matchAll(/(?<![\w-])--[a-z][a-z-]*/g)].map((match) => match[0]);
    const named = /^(?:npx )?millwright (.*)$/.exec(code)?.[1];
    // Options that stand alone are ours; another program's stand with its name.
    if (named === undefined)
      return code.startsWith("-") || /^(?:run|up|check|query|status|lineage|init) /.test(code)
        ? options.filter((option) => !everyOption.has(option))
        : [];
    if (named.includes("·"))
      return named
        .split("·")
        .map((name) => name.trim())
        .filter((name) => !isCommand(name));
    const name = named.split(/[\s[]/)[0] ?? "";
    if (name.startsWith("-")) return [];
    if (!isCommand(name)) return [name];
    const known = [...optionsOf(usage(name)), "--help"];
    return options.filter((option) => !known.includes(option)).map((option) => `${name} ${option}`);
  });
  expect(unknown).toEqual([]);
});

test("the README lists every command and leads to every page", () => {
  expect(codeOf("README.md")).toContain(`millwright ${Object.keys(commands).join(" · ")}`);
  expect(pages.filter((page) => page !== "README.md" && !pageText("README.md").includes(`](${page})`))).toEqual([]);
});

test("every option of every command is described on some page", () => {
  const described = pages.flatMap(codeOf).join("\n");
  const options = Object.keys(commands).flatMap((name) =>
    isCommand(name) ? optionsOf(usage(name)).map((option) => `${name} ${option}`) : [],
  );
  expect(options.filter((option) => !new RegExp(`${option.split(" ")[1]}(?![\\w-])`).test(described))).toEqual([]);
});

test.each(pages)("every npm script that %s names is there", (page) => {
  const { scripts }: { scripts: Readonly<Record<string, string>> } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const named = codeOf(page).flatMap(
    (code) =>
      /^npm (?:run ([\w-]+)|(start|test))\b/
        .exec(code)
        ?.slice(1)
        .find((name) => name !== undefined) ?? [],
  );
  expect(named.filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
});

test.each(pages)("every code of a problem that %s names stands in the sources", (page) => {
  const named = codeOf(page).filter((code) => /^[a-z]+(?:-[a-z]+)+$/.test(code));
  expect(named.filter((name) => !sources.includes(`"${name}"`))).toEqual([]);
});

function optionsOf(help: string): string[] {
  return [...help.matchAll(/^ {2}(--[a-z-]+)/gm)].map((match) => match[1] ?? "");
}
