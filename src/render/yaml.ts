/** What a YAML document holds here; `undefined` members are left out. */
export type Yaml = string | number | boolean | null | readonly Yaml[] | { readonly [name: string]: Yaml | undefined };

/**
 * A YAML 1.2 document in block style that YAML 1.1 readers read the same: texts that either would take for something else are quoted, and
 * texts of several lines are literal blocks.
 */
export function yaml(value: Yaml): string {
  return `${block(value, 0).replace(/^\n/, "")}\n`;
}

/** A value after its key or dash: on the same line, or on lines of its own, which begin with a line break. */
function block(value: Yaml, depth: number): string {
  if (typeof value === "string") return value.includes("\n") ? literal(value, depth) : scalar(value);
  // Readers of YAML 1.1 know no exponent without a point before it.
  if (typeof value !== "object" || value === null) return String(value).replace(/^(-?\d+)e/, "$1.0e");
  const indent = "  ".repeat(depth);
  if (isList(value)) {
    if (value.length === 0) return "[]";
    return value.map((item) => `\n${indent}- ${inItem(item, depth + 1)}`).join("");
  }
  const members = Object.entries(value).flatMap(([name, member]) => (member === undefined ? [] : [[name, member] as const]));
  if (members.length === 0) return "{}";
  return members
    .map(([name, member]) => {
      const text = block(member, depth + 1);
      return `\n${indent}${scalar(name)}:${text.startsWith("\n") ? "" : " "}${text}`;
    })
    .join("");
}

/** An object or list in a list begins on the line of its dash. */
function inItem(value: Yaml, depth: number): string {
  const text = block(value, depth);
  return text.startsWith("\n") ? text.slice(1 + 2 * depth) : text;
}

function literal(text: string, depth: number): string {
  // A block cannot say a leading space, and `|-` drops line breaks at the end.
  if (/^\s|\n$|[^\n\x20-\x7e\u00a0-\u2027\u2030-\ud7ff]/.test(text)) return quoted(text);
  const indent = "  ".repeat(depth);
  return `|-\n${text
    .split("\n")
    .map((line) => (line === "" ? "" : indent + line))
    .join("\n")}`;
}

/** Words that some reader of YAML takes for a boolean, null or a number. */
const meaning = /^(?:y|n|yes|no|true|false|on|off|null|nan|inf|~)$/i;

function scalar(text: string): string {
  // Nothing that begins like a number is plain: 1:30, 0x10 and 1e3 are numbers to some.
  if (/^[A-Za-z_/][\w./ -]*$/.test(text) && !text.endsWith(" ") && !meaning.test(text)) return text;
  return /^[\x20-\x7e]*$/.test(text) && !text.includes("'") ? `'${text}'` : quoted(text);
}

/** As JSON has it, but for what readers of YAML take for line breaks or refuse. */
function quoted(text: string): string {
  return JSON.stringify(text).replaceAll(
    /[\x7f-\x9f\u2028\u2029\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function isList(value: Yaml & object): value is readonly Yaml[] {
  return Array.isArray(value);
}
