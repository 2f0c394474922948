/** One tree of LightGBM's text format: inner nodes `0..n-2` and leaves `0..n-1`. A child below 0 is the leaf `-child - 1`. */
export interface Tree {
  readonly leaves: readonly number[];
  readonly features: readonly number[];
  readonly thresholds: readonly number[];
  /** Bit 0: a category split; bit 1: missing goes left; bits 2 and 3: 0 no missing, 1 zero is missing, 2 NaN is missing. */
  readonly decisions: readonly number[];
  readonly left: readonly number[];
  readonly right: readonly number[];
}

/**
 * Reads the trees out of LightGBM's text format (GBDT::SaveModelToString and Tree::ToString in its sources).
 *
 * @throws Error where the text is not such a model, or has splits that we never train (categories, linear trees, zero as missing).
 */
export function parseTrees(text: string): Tree[] {
  const end = text.indexOf("\nend of trees");
  if (end < 0) throw new Error("the LightGBM model has no end of trees");
  return text
    .slice(0, end)
    .split(/^Tree=\d+$/m)
    .slice(1)
    .map(parseTree);
}

function parseTree(block: string): Tree {
  const fields = new Map(
    block.split("\n").flatMap((line) => {
      const equals = line.indexOf("=");
      return equals < 0 ? [] : [[line.slice(0, equals), line.slice(equals + 1)] as const];
    }),
  );
  const list = (name: string, count: number): number[] => {
    const words = (fields.get(name) ?? "").split(" ").filter((word) => word !== "");
    if (words.length !== count) throw new Error(`a LightGBM tree has ${words.length} values of ${name} instead of ${count}`);
    const values = words.map((word) => (word === "inf" ? Number.POSITIVE_INFINITY : Number(word))); // a split of missing values from all others has the threshold inf
    const strange = values.findIndex(Number.isNaN);
    if (strange >= 0) throw new Error(`a LightGBM tree has '${words[strange]}' among its values of ${name}`);
    return values;
  };
  const count = Number(fields.get("num_leaves"));
  if (fields.get("num_cat") !== "0") throw new Error("a LightGBM tree splits by category sets");
  if ((fields.get("is_linear") ?? "0") !== "0") throw new Error("a LightGBM tree has linear leaves");
  const decisions = list("decision_type", count - 1);
  if (decisions.some((decision) => (decision & 1) !== 0 || missingKind(decision) === "zero"))
    throw new Error("a LightGBM tree splits by categories or takes zero for missing");
  return {
    leaves: list("leaf_value", count),
    features: list("split_feature", count - 1),
    thresholds: list("threshold", count - 1),
    decisions,
    left: list("left_child", count - 1),
    right: list("right_child", count - 1),
  };
}

function missingKind(decision: number): "none" | "zero" | "nan" {
  const kind = (decision >> 2) & 3;
  return kind === 0 ? "none" : kind === 1 ? "zero" : "nan";
}

/**
 * Whether a missing value goes left at a split. Where training saw no missing value (kind none),
 * LightGBM takes 0 for it: Tree::NumericalDecision in its include/LightGBM/tree.h.
 */
export function missingGoesLeft(decision: number, threshold: number): boolean {
  return missingKind(decision) === "nan" ? (decision & 2) !== 0 : 0 <= threshold;
}

/**
 * The largest 32-bit float that is not above a threshold: for 32-bit values x, `x <= threshold` holds just when `x <= floorToFloat(threshold)`.
 */
export function floorToFloat(threshold: number): number {
  const rounded = Math.fround(threshold);
  if (rounded <= threshold) return rounded;
  const bits = new DataView(new ArrayBuffer(4));
  bits.setFloat32(0, rounded);
  if (rounded > 0) bits.setUint32(0, bits.getUint32(0) - 1);
  else if (rounded < 0) bits.setUint32(0, bits.getUint32(0) + 1);
  else bits.setUint32(0, 0x8000_0001); // below zero comes the smallest negative number
  return bits.getFloat32(0);
}
