/** Characters from one code point to another, both included. */
type Range = readonly [number, number];

/** A regular expression of the portable kind, as every engine is told it. */
export type PatternNode =
  /** One character of these; ranges are sorted and apart. */
  | { readonly kind: "set"; readonly ranges: readonly Range[] }
  /** @param capture number from 1, null for a group that only holds together */
  | { readonly kind: "group"; readonly capture: number | null; readonly alternatives: readonly (readonly PatternNode[])[] }
  | { readonly kind: "repeat"; readonly node: PatternNode; readonly least: number; readonly most: number | null; readonly lazy: boolean }
  | { readonly kind: "begin" | "end" | "boundary" | "inside" };

export interface Pattern {
  readonly alternatives: readonly (readonly PatternNode[])[];
  /** How many groups are captured. */
  readonly groups: number;
}

/** Why a regular expression cannot be told to all engines, in words that follow its text: `is not portable: ...`. */
export class PatternFault extends Error {}

const last = 0x10ffff;
const digits: readonly Range[] = [[48, 57]];
const letters: readonly Range[] = [
  [65, 90],
  [97, 122],
];
const words: readonly Range[] = [...digits, ...letters, [95, 95]];
const spaces: readonly Range[] = [
  [9, 10],
  [12, 13],
  [32, 32],
];
const newline: readonly Range[] = [[10, 10]];

/**
 * Reads a regular expression in the subset that all engines can be told with one meaning: characters, `.`, classes, `\d \w \s` and their
 * opposites (ASCII), groups, alternatives, repetitions, lazy ones too, `^ $ \b \B`, and `(?i)` at the beginning (ASCII letters).
 *
 * @throws PatternFault for anything else: looking around, references to groups, flags in the middle, properties of Unicode.
 */
export function parsePattern(text: string): Pattern {
  const folded = text.startsWith("(?i)");
  const symbols = [...(folded ? text.slice(4) : text)];
  let at = 0;
  let groups = 0;
  const fault = (why: string): PatternFault => new PatternFault(why);
  const set = (ranges: readonly Range[]): PatternNode => ({ kind: "set", ranges: folded ? fold(ranges) : ranges });

  const alternatives = (): PatternNode[][] => {
    const all: PatternNode[][] = [[]];
    for (; at < symbols.length && symbols[at] !== ")";) {
      if (symbols[at] === "|") {
        at++;
        all.push([]);
      } else all.at(-1)?.push(repeated(atom()));
    }
    return all;
  };

  const atom = (): PatternNode => {
    const symbol = symbols[at++] ?? "";
    switch (symbol) {
      case "(":
        return group();
      case "[":
        return set(members());
      case ".":
        return set(without(newline));
      case "^":
        return { kind: "begin" };
      case "$":
        return { kind: "end" };
      case "*":
      case "+":
      case "?":
        throw fault(`'${symbol}' repeats nothing`);
      case "{":
        throw fault("a brace that repeats nothing is written \\{");
      case "\\":
        if (symbols[at] === "b" || symbols[at] === "B") return { kind: symbols[at++] === "b" ? "boundary" : "inside" };
        return set(escaped());
      default:
        return set(one(symbol));
    }
  };

  const group = (): PatternNode => {
    let capture: number | null = null;
    if (symbols[at] !== "?") capture = ++groups;
    else if (symbols[at + 1] === ":") at += 2;
    else throw fault("of groups that begin with (? only (?:...) is, and (?i) at the very beginning");
    const inner = alternatives();
    if (symbols[at++] !== ")") throw fault("a group is not closed");
    return { kind: "group", capture, alternatives: inner };
  };

  const repeated = (node: PatternNode): PatternNode => {
    const counts = /^(?:([*+?])|\{(\d{1,3})(,(\d{1,3})?)?\})/.exec(symbols.slice(at, at + 12).join(""));
    if (counts === null) return node;
    const [whole = "", sign, least = "0", comma, most] = counts;
    at += whole.length;
    const lazy = symbols[at] === "?";
    if (lazy) at++;
    if (/^[*+?{]/.test(symbols[at] ?? "")) throw fault(`'${whole}${symbols[at] ?? ""}' repeats a repetition`);
    const bounds =
      sign === undefined
        ? { least: Number(least), most: comma === undefined ? Number(least) : most === undefined ? null : Number(most) }
        : { least: sign === "+" ? 1 : 0, most: sign === "?" ? 1 : null };
    if (node.kind === "begin" || node.kind === "end" || node.kind === "boundary" || node.kind === "inside")
      throw fault("a place between characters is repeated");
    if (bounds.most !== null && bounds.most < bounds.least) throw fault(`'${whole}' is no number of times`);
    return { kind: "repeat", node, ...bounds, lazy };
  };

  /** After a backslash. */
  const escaped = (): readonly Range[] => {
    const symbol = symbols[at++];
    switch (symbol) {
      case "d":
        return digits;
      case "D":
        return without(digits);
      case "w":
        return words;
      case "W":
        return without(words);
      case "s":
        return spaces;
      case "S":
        return without(spaces);
      case "t":
        return one("\t");
      case "n":
        return one("\n");
      case "r":
        return one("\r");
      case "f":
        return one("\f");
      case undefined:
        throw fault("it ends with a backslash");
      default:
        if (/[0-9]/.test(symbol)) throw fault("what a group matched cannot be asked for again");
        if (/[A-Za-z]/.test(symbol)) throw fault(`\\${symbol} does not mean the same on all engines`);
        return one(symbol);
    }
  };

  /** After an opening bracket. */
  const members = (): readonly Range[] => {
    const negated = symbols[at] === "^";
    if (negated) at++;
    const ranges: Range[] = [];
    for (let first = true; first || symbols[at] !== "]"; first = false) {
      const symbol = symbols[at++];
      if (symbol === undefined) throw fault("a class is not closed");
      if (symbol === "[" || (symbol === "&" && symbols[at] === "&")) throw fault(`in a class '${symbol}' is written \\${symbol}`);
      const low = symbol === "\\" ? escaped() : one(symbol);
      if (symbols[at] !== "-" || symbols[at + 1] === "]" || low.length !== 1 || low[0]?.[0] !== low[0]?.[1]) {
        ranges.push(...low);
        continue;
      }
      at++;
      const end = symbols[at++];
      const high = end === "\\" ? escaped() : one(end ?? "");
      const [from, to] = [low[0]?.[0] ?? 0, high[0]?.[0] ?? 0];
      if (high.length !== 1 || to < from) throw fault("a range in a class goes backwards");
      ranges.push([from, to]);
    }
    at++;
    const sorted = joined(folded ? fold(ranges) : ranges);
    return negated ? without(sorted) : sorted;
  };

  const all = alternatives();
  if (at < symbols.length) throw fault("a group is closed that was not opened");
  return { alternatives: all, groups };
}

/** How an engine wants to be told. */
export interface Flavor {
  /** The end of the text, also where its last character is a line feed. */
  readonly end: "$" | "\\z";
  /** Where a word begins or ends, and where not. */
  readonly boundary: readonly [string, string];
}

/**
 * The text of a pattern for an engine.
 *
 * @param only the one group that is captured, for engines that give back the first; 0 is the whole. Default: all as they were
 */
export function printPattern(pattern: Pattern, { end, boundary }: Flavor, only?: number): string {
  const sequence = (nodes: readonly PatternNode[]): string => nodes.map(node).join("");
  const node = (each: PatternNode): string => {
    switch (each.kind) {
      case "set":
        return printSet(each.ranges);
      case "group": {
        const captured = only === undefined ? each.capture !== null : each.capture === only;
        return `(${captured ? "" : "?:"}${each.alternatives.map(sequence).join("|")})`;
      }
      case "repeat":
        return `${node(each.node)}${count(each.least, each.most)}${each.lazy ? "?" : ""}`;
      case "begin":
        return "^";
      case "end":
        return end;
      default:
        return boundary[each.kind === "boundary" ? 0 : 1];
    }
  };
  const text = pattern.alternatives.map(sequence).join("|");
  return only === 0 ? `(${text})` : text;
}

/**
 * Whether an engine that takes the longest match finds the same as one that takes the first of the alternatives: no lazy repetition, alternatives
 * that begin differently, and repeated groups that begin differently from what follows them. Some patterns for which it holds are not seen.
 */
export function isUnambiguous(pattern: Pattern): boolean {
  return alternativesDiffer(pattern.alternatives, []);
}

function alternativesDiffer(alternatives: readonly (readonly PatternNode[])[], after: readonly Range[]): boolean {
  const begins = alternatives.map((nodes) => (isEmpty(nodes) ? joined([...begin(nodes), ...after]) : begin(nodes)));
  return (
    begins.every((ranges, index) => begins.slice(0, index).every((other) => !meet(ranges, other))) &&
    !alternatives.slice(0, -1).some(isEmpty) &&
    alternatives.every((nodes) => sequenceDiffers(nodes, after))
  );
}

function sequenceDiffers(nodes: readonly PatternNode[], after: readonly Range[]): boolean {
  return nodes.every((node, index) => {
    const rest = nodes.slice(index + 1);
    const follows = joined([...begin(rest), ...(isEmpty(rest) ? after : [])]);
    if (node.kind === "group") return alternativesDiffer(node.alternatives, follows);
    if (node.kind !== "repeat") return true;
    if (node.lazy) return false;
    if (node.node.kind !== "group") return true;
    const own = begin([node.node]);
    return !isEmpty([node.node]) && !meet(own, follows) && alternativesDiffer(node.node.alternatives, joined([...own, ...follows]));
  });
}

/** Characters that a sequence can begin with. */
function begin(nodes: readonly PatternNode[]): readonly Range[] {
  const ranges: Range[] = [];
  for (const node of nodes) {
    if (node.kind === "set") ranges.push(...node.ranges);
    else if (node.kind === "group") ranges.push(...node.alternatives.flatMap(begin));
    else if (node.kind === "repeat") ranges.push(...begin([node.node]));
    if (!isEmpty([node])) break;
  }
  return joined(ranges);
}

/** Whether a sequence can match nothing. */
function isEmpty(nodes: readonly PatternNode[]): boolean {
  return nodes.every((node) => {
    if (node.kind === "set") return false;
    if (node.kind === "group") return node.alternatives.some(isEmpty);
    return node.kind !== "repeat" || node.least === 0 || isEmpty([node.node]);
  });
}

function meet(a: readonly Range[], b: readonly Range[]): boolean {
  return a.some(([low, high]) => b.some(([from, to]) => low <= to && from <= high));
}

function one(symbol: string): readonly Range[] {
  const code = symbol.codePointAt(0) ?? 0;
  return [[code, code]];
}

function joined(ranges: readonly Range[]): readonly Range[] {
  const result: Range[] = [];
  for (const [low, high] of ranges.toSorted((a, b) => a[0] - b[0])) {
    const before = result.at(-1);
    if (before !== undefined && low <= before[1] + 1) result[result.length - 1] = [before[0], Math.max(before[1], high)];
    else result.push([low, high]);
  }
  return result;
}

function without(ranges: readonly Range[]): readonly Range[] {
  let from = 0;
  const result: Range[] = [];
  for (const [low, high] of joined(ranges)) {
    if (low > from) result.push([from, low - 1]);
    from = high + 1;
  }
  return from <= last ? [...result, [from, last]] : result;
}

/** With the other case of ASCII letters. */
function fold(ranges: readonly Range[]): readonly Range[] {
  const other = (from: number, to: number, by: number): Range[] =>
    ranges.flatMap(([low, high]) => (low <= to && high >= from ? [[Math.max(low, from) + by, Math.min(high, to) + by] as const] : []));
  return joined([...ranges, ...other(65, 90, 32), ...other(97, 122, -32)]);
}

function printSet(ranges: readonly Range[]): string {
  const [first] = ranges;
  if (first === undefined) throw new PatternFault("a class holds no character");
  if (ranges.length === 1 && first[0] === first[1]) return first[0] === 45 ? "-" : character(first[0]);
  const negated = ranges.at(-1)?.[1] === last;
  const shown = negated ? without(ranges) : ranges;
  if (shown.length === 0) throw new PatternFault("a class of all characters is written as two alternatives");
  return `[${negated ? "^" : ""}${shown.map(([low, high]) => (low === high ? character(low) : `${character(low)}-${character(high)}`)).join("")}]`;
}

function character(code: number): string {
  const names: Readonly<Record<number, string>> = { 9: "\\t", 10: "\\n", 12: "\\f", 13: "\\r" };
  const symbol = String.fromCodePoint(code);
  return names[code] ?? (code < 128 && !/[A-Za-z0-9_ <>'"%&@~`=:;,!/#]/.test(symbol) ? `\\${symbol}` : symbol);
}

function count(least: number, most: number | null): string {
  if (most === null) return least === 0 ? "*" : least === 1 ? "+" : `{${least},}`;
  if (least === 0 && most === 1) return "?";
  return least === most ? `{${least}}` : `{${least},${most}}`;
}
