import { describe, expect, test } from "vitest";
import { auc, brier, calibration, calibrationError, confusion, confusionAtBestF1, logLoss, scores } from "../../src/train/metrics.ts";

/** A thousand rows with many equal probabilities, 0 and 1 among them, from a linear congruential generator (modulus 2^32). */
function sample(): { labels: number[]; probabilities: number[] } {
  let state = 42;
  const draw = (): number => (state = Number((BigInt(state) * 1664525n + 1013904223n) % 2n ** 32n)) / 2 ** 32;
  const labels: number[] = [];
  const probabilities: number[] = [];
  for (let row = 0; row < 1000; row++) {
    const probability = Math.round(draw() * 200) / 200;
    labels.push(draw() < 0.15 + 0.6 * probability * probability ? 1 : 0);
    probabilities.push(probability);
  }
  return { labels, probabilities };
}

/**
 * The expected figures are scikit-learn 1.9.1's for the same thousand rows, made in Python by the same generator:
 * roc_auc_score, log_loss, brier_score_loss, calibration_curve(n_bins=10), confusion_matrix(y, p >= 0.5), precision_recall_curve.
 */
describe("agrees with scikit-learn", () => {
  const { labels, probabilities } = sample();

  test("in the area under the ROC curve, with ties", () => {
    expect(auc(labels, probabilities)).toBeCloseTo(0.7477398545776266, 14);
  });

  test("in log loss, with probabilities of 0 and 1", () => {
    expect(logLoss(labels, probabilities)).toBeCloseTo(0.6617278679489447, 14);
  });

  test("in the Brier score", () => {
    expect(brier(labels, probabilities)).toBeCloseTo(0.2233429, 14);
  });

  test("in the calibration curve, and the error is its weighted mean", () => {
    const bins = calibration(labels, probabilities);
    expect(bins.map((bin) => bin.rows)).toEqual([84, 99, 98, 98, 103, 95, 107, 107, 106, 103]);
    expect(bins.map((bin) => bin.shareOfPositives?.toFixed(10))).toEqual(
      [
        0.10714285714285714, 0.1717171717171717, 0.15306122448979592, 0.19387755102040816, 0.3300970873786408, 0.3368421052631579,
        0.42990654205607476, 0.5046728971962616, 0.6415094339622641, 0.7281553398058253,
      ].map((share) => share.toFixed(10)),
    );
    expect(bins[9]?.meanProbability).toBeCloseTo(0.9581553398058253, 12);
    expect(calibrationError(bins)).toBeCloseTo(0.16301, 12);
  });

  test("in the confusion matrix and what follows from it", () => {
    expect(confusion(labels, probabilities, 0.5)).toEqual({
      threshold: 0.5,
      trueNegatives: 382,
      falsePositives: 249,
      falseNegatives: 91,
      truePositives: 278,
      accuracy: 0.66,
      precision: expect.closeTo(0.5275142314990512, 12),
      recall: expect.closeTo(0.7533875338753387, 12),
      f1: expect.closeTo(0.6205357142857143, 12),
    });
  });

  test("in the threshold with the highest F1", () => {
    const best = confusionAtBestF1(labels, probabilities);
    expect(best).toMatchObject({ threshold: 0.46, trueNegatives: 362, falsePositives: 269, falseNegatives: 75, truePositives: 294 });
    expect(best.f1).toBeCloseTo(0.630901287553648, 12);
  });
});

describe("where a figure does not exist it is null", () => {
  test("without a positive row there is no AUC, recall or best threshold", () => {
    const found = scores([0, 0, 0], [0.1, 0.2, 0.3]);
    expect(found).toMatchObject({ rows: 3, positives: 0, auc: null });
    expect(confusion([0, 0], [0.1, 0.2], 0.5)).toMatchObject({ precision: null, recall: null, f1: null, accuracy: 1 });
    expect(confusionAtBestF1([0, 0], [0.1, 0.2])).toMatchObject({ threshold: 1, falsePositives: 0 });
  });

  test("without rows there are no figures at all", () => {
    expect(scores([], [])).toEqual({ rows: 0, positives: 0, auc: null, logLoss: null, brier: null, calibrationError: null });
  });

  test("a probability that is the same for all ranks nothing: AUC is a half", () => {
    expect(auc([0, 1, 1, 0, 0], [0.3, 0.3, 0.3, 0.3, 0.3])).toBe(0.5);
  });
});
