import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { platform, tmpdir } from "node:os";
import { join } from "node:path";
import koffi from "koffi";
import { describe, expect, test } from "vitest";
import { lightgbmFile } from "../../src/train/lightgbm/library.ts";
import { fetchOpenMP, loadWithOpenMP } from "../../src/train/lightgbm/openmp.ts";
import { floorToFloat, missingGoesLeft, parseTrees } from "../../src/train/lightgbm/trees.ts";

describe("a threshold rounded to 32 bits", () => {
  test("parts all 32-bit values as the double does", () => {
    const bits = new DataView(new ArrayBuffer(4));
    for (let draw = 0; draw < 200_000; draw++) {
      bits.setUint32(0, Math.imul(draw, 2654435761) >>> 0);
      const value = bits.getFloat32(0);
      if (!Number.isFinite(value)) continue;
      for (const threshold of [value, value * (1 + 1e-9), value * (1 - 1e-9), value + 1e-46, value - 1e-46]) {
        const rounded = floorToFloat(threshold);
        if (Math.fround(rounded) !== rounded) expect.fail(`${rounded} has more than 32 bits`);
        if (value <= threshold !== value <= rounded) expect.fail(`${value} <= ${threshold} is not ${value} <= ${rounded}`);
      }
    }
  });

  test("a threshold just below zero keeps zero on the right", () => {
    expect(0 <= floorToFloat(-1e-60)).toBe(false);
    expect(0 <= floorToFloat(1e-60)).toBe(true);
    expect(floorToFloat(1e300)).toBeLessThan(Number.POSITIVE_INFINITY);
  });
});

describe("LightGBM's text", () => {
  const tree = (fields: string): string => `tree\nversion=v4\n\nTree=0\n${fields}\n\n\nend of trees\n`;

  test("where training saw no missing value, a missing one goes the way of zero; else the way that the split says", () => {
    expect(missingGoesLeft(0, 0.5)).toBe(true);
    expect(missingGoesLeft(2, -0.5)).toBe(false);
    expect(missingGoesLeft(8 + 2, -0.5)).toBe(true);
    expect(missingGoesLeft(8, 0.5)).toBe(false);
  });

  test("a tree without a split has one leaf", () => {
    expect(parseTrees(tree("num_leaves=1\nnum_cat=0\nleaf_value=-0.25"))).toEqual([
      { leaves: [-0.25], features: [], thresholds: [], decisions: [], left: [], right: [] },
    ]);
  });

  test("a split of missing values from all others is at infinity", () => {
    const [read] = parseTrees(
      tree("num_leaves=2\nnum_cat=0\nsplit_feature=0\nthreshold=inf\ndecision_type=8\nleft_child=-1\nright_child=-2\nleaf_value=1 2"),
    );
    expect(read?.thresholds.map(floorToFloat)).toEqual([Number.POSITIVE_INFINITY]);
  });

  test("splits that we cannot export are refused", () => {
    const split = "num_leaves=2\nsplit_feature=0\nthreshold=1\nleft_child=-1\nright_child=-2\nleaf_value=1 2";
    expect(() => parseTrees(tree(`${split}\nnum_cat=1\ndecision_type=1`))).toThrow("category");
    expect(() => parseTrees(tree(`${split}\nnum_cat=0\ndecision_type=4`))).toThrow("zero for missing");
    expect(() => parseTrees(tree(`${split}\nnum_cat=0\ndecision_type=2\nis_linear=1`))).toThrow("linear");
    expect(() => parseTrees("nothing")).toThrow("no end of trees");
  });
});

describe("where the system has no OpenMP library", () => {
  test.runIf(platform() === "linux")(
    "one is fetched, and LightGBM loads with it",
    async () => {
      const folder = mkdtempSync(join(tmpdir(), "millwright-openmp-"));
      try {
        // This machine may have libgomp: a copy of LightGBM asks for one under a name that no system has.
        const copy = join(folder, "lib_lightgbm.so");
        writeFileSync(
          copy,
          Buffer.from(
            readFileSync(await lightgbmFile())
              .toString("latin1")
              .replace("libgomp.so.1", "libgomp.so.x"),
            "latin1",
          ),
        );
        expect(() => koffi.load(copy)).toThrow("libgomp.so.x");
        const library = await loadWithOpenMP(
          (file) => koffi.load(file),
          copy,
          () => fetchOpenMP("libgomp.so.x"),
        );
        expect(library.func("const char* LGBM_GetLastError()")()).toBe("Everything is fine");
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
    120_000,
  );

  test("and none can be fetched, the error says what to install", async () => {
    const missing = (): never => {
      throw new Error("Failed to load shared library: libgomp.so.1: cannot open shared object file: No such file or directory");
    };
    const offline = async (): Promise<string> => {
      throw new Error("no network");
    };
    await expect(loadWithOpenMP(missing, "lib_lightgbm.so", offline)).rejects.toMatchObject({
      problem: {
        code: "openmp-missing",
        what: expect.stringContaining("libgomp.so.1"),
        fix: expect.stringContaining(platform() === "darwin" ? "brew install libomp" : "apt-get install libgomp1"),
      },
    });
  });
});
