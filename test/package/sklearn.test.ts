import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InferenceSession } from "onnxruntime-node";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { feedsOf } from "../../src/train/onnx/feeds.ts";
import { maximumDifference } from "../../src/train/onnx/parity.ts";
import type { TrainingColumn, TrainingData } from "../../src/train/columns.ts";
import { readForeign } from "../../src/train/onnx/foreign.ts";
import { joinPreparation } from "../../src/train/onnx/join.ts";
import { fitPreparation } from "../../src/train/preparation.ts";
import { pythonEnvironment } from "../servers/python.ts";
import { networkData, networkNode } from "./network.ts";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 300_000 }); // a first run downloads scikit-learn

/** Largest difference of a probability: the pipelines reckon in doubles or floats as each exporter likes, the scaling's sums differ in the last digits. */
const tolerance = 1e-5;

const node = networkNode({ features: ["a", "b", "d", "city"], prepare: { a: "zscore", b: "zscore", d: "minmax", city: "onehot" } });
let root: string;
let data: TrainingData;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "millwright-sklearn-"));
  data = await networkData(node);
  const environment = await pythonEnvironment([
    "scikit-learn==1.9.1",
    "skl2onnx==1.20.0",
    "onnx==1.23.2",
    "pandas==2.3.3",
    "numpy==2.4.6",
    "scipy==1.17.1",
    "joblib==1.6.0",
    "threadpoolctl==3.8.0",
    "narwhals==2.29.0",
    "protobuf==7.36.2",
    "ml_dtypes==0.6.0",
    "typing_extensions==4.16.0",
    "python-dateutil==2.9.0.post0",
    "pytz==2025.2",
    "tzdata==2025.2",
    "six==1.17.0",
  ]);
  const columns = Object.fromEntries(data.features.map((column) => [column.name, valuesOf(column)]));
  writeFileSync(join(root, "rows.json"), JSON.stringify({ columns, labels: [...data.labels], training: data.trainingRows }));
  const { code, stderr } = await environment.run(["-", root], { input: script });
  expect(stderr).toBe("");
  expect(code).toBe(0);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const valuesOf = (column: TrainingColumn): readonly (string | number)[] =>
  column.kind === "text" ? Array.from(column.codes, (code) => column.dictionary[code] ?? "") : [...column.values];

test.for(["logistic regression", "network"])(
  "a pipeline with a %s gives the same probabilities as scikit-learn, as skl2onnx exports it and with our preparation before the bare model",
  async (name) => {
    const own = fitPreparation(node, data.features, data.labels, data.trainingRows);
    const bare = readForeign(readFileSync(join(root, `${name}.bare.onnx`)), "their_");
    const ours = joinPreparation(node.name, own, bare, { name: "their_probabilities", shape: "both" }, {});
    const theirs = readFileSync(join(root, `${name}.pipeline.onnx`));
    const called: readonly number[] = JSON.parse(readFileSync(join(root, `${name}.json`), "utf8"));
    const [fromOurs, fromTheirs] = [await probabilities(ours), await probabilities(theirs)];
    expect(fromOurs).toHaveLength(2 * (data.rows - data.trainingRows));
    expect(new Set(called).size).toBeGreaterThan(1000);
    expect(maximumDifference(fromTheirs, called)).toBeLessThan(tolerance);
    expect(maximumDifference(fromOurs, called)).toBeLessThan(tolerance);
    expect(maximumDifference(fromOurs, fromTheirs)).toBeLessThan(tolerance);
  },
);

/** Both take the same raw rows. */
async function probabilities(model: Uint8Array): Promise<ArrayLike<number>> {
  const session = await InferenceSession.create(model, { logSeverityLevel: 4 });
  const result = await session.run(await feedsOf(data.features, data.trainingRows, data.rows), ["probabilities"]);
  await session.release();
  const values = result["probabilities"]?.data;
  if (values instanceof Float32Array || values instanceof Float64Array) return values;
  throw new Error("the model gave no probabilities");
}

const script = `
import json, sys, warnings
import pandas
from skl2onnx import to_onnx
from skl2onnx.common.data_types import DoubleTensorType, FloatTensorType, StringTensorType
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, StandardScaler

warnings.simplefilter("ignore")
folder = sys.argv[1]
with open(folder + "/rows.json") as file:
    rows = json.load(file)
frame, labels, training = pandas.DataFrame(rows["columns"]), rows["labels"], rows["training"]
scaling = {"a": StandardScaler(), "b": StandardScaler(), "d": MinMaxScaler(), "city": OneHotEncoder(handle_unknown="ignore")}
raw = [(name, StringTensorType([None, 1]) if name == "city" else DoubleTensorType([None, 1])) for name in frame.columns]
options, opset = {"zipmap": False}, {"": 17, "ai.onnx.ml": 3}
for name, model in {"logistic regression": LogisticRegression(max_iter=500), "network": MLPClassifier((32, 16), max_iter=5, random_state=1)}.items():
    preparation = ColumnTransformer([(column, scaling[column], [column]) for column in frame.columns], sparse_threshold=0)
    pipeline = Pipeline([("prepare", preparation), ("model", model)]).fit(frame[:training], [int(label) for label in labels[:training]])
    width = len(pipeline["prepare"].get_feature_names_out())
    with open(f"{folder}/{name}.pipeline.onnx", "wb") as file:
        file.write(to_onnx(pipeline, initial_types=raw, options={id(model): options}, target_opset=opset).SerializeToString())
    with open(f"{folder}/{name}.bare.onnx", "wb") as file:
        file.write(to_onnx(model, initial_types=[("matrix", FloatTensorType([None, width]))], options={id(model): options}, target_opset=opset).SerializeToString())
    with open(f"{folder}/{name}.json", "w") as file:
        json.dump(pipeline.predict_proba(frame[training:]).flatten().tolist(), file)
`;
