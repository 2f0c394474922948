// Will it rain in the next hour at New York's airports? The same table learnt from by four libraries of Python, each by a script
// of its own; the weather of 2013 lies beside the flights.
import { environment, model, platform, python, source, table } from "millwright";
import { files } from "millwright/systems";

const weather = source("data").table("weather", { key: ["origin", "time_hour"] });

// The last six hours of each measure side by side, temp_0 the newest.
const measures = ["temp", "dewp", "humid", "pressure", "wind_speed", "visib", "precip"];
const hours = [0, 1, 2, 3, 4, 5];
const columns = measures.flatMap((measure) => hours.map((hour) => `${measure}_${hour}`));
const lags = measures.flatMap((measure) => hours.map((hour) => `lag(${measure}, ${hour}) OVER hours AS ${measure}_${hour}`));

const rain = table.sql(
  "rain",
  { weather },
  {
    duckdb: `SELECT origin, time_hour, ${lags.join(", ")}, lead(precip) OVER hours > 0 AS rain
             FROM weather WINDOW hours AS (PARTITION BY origin ORDER BY time_hour)`,
  },
  { origin: "text", time_hour: "timestamp", ...Object.fromEntries(columns.map((name) => [name, "double" as const])), rain: "boolean" },
);

const scaled = Object.fromEntries(columns.map((name) => [name, "zscore" as const]));
const common = {
  from: rain,
  target: "rain",
  split: { by: "time_hour", test: "last 60 days" },
  accept: { auc: ">= 0.8" },
} as const;
const reading = ["numpy==2.4.6", "pyarrow==26.0.1"];

const logistic = model("rain_logistic", {
  ...common,
  prepare: { origin: "onehot" },
  train: python("logistic_regression.py", {
    requirements: [...reading, "scikit-learn==1.9.1", "skl2onnx==1.20.0", "onnx==1.23.2"],
    parameters: { C: 0.1 },
  }),
});

const xgboost = model("rain_xgboost", {
  ...common,
  train: python("xgboost_trees.py", {
    // `xgboost` itself is the same with code for GPUs, and 50 times as large.
    requirements: [
      ...reading,
      "xgboost-cpu==3.2.0",
      "onnxmltools==1.16.0",
      "onnx==1.23.2",
      "skl2onnx==1.20.0",
      "packaging==25.0",
      "scikit-learn==1.9.1",
    ],
    parameters: { trees: 100, max_depth: 4, eta: 0.1 },
    resources: { threads: 2 },
  }),
});

const lightgbm = model("rain_lightgbm", {
  ...common,
  train: python("lightgbm_trees.py", {
    requirements: [
      ...reading,
      "lightgbm==4.7.0",
      "onnxmltools==1.16.0",
      "onnx==1.23.2",
      "skl2onnx==1.20.0",
      "packaging==25.0",
      "scikit-learn==1.9.1",
    ],
    parameters: { trees: 100, num_leaves: 15, learning_rate: 0.1 },
    resources: { threads: 2 },
  }),
});

const gru = model("rain_gru", {
  ...common,
  prepare: { ...scaled, origin: "onehot" },
  train: python("gru.py", {
    requirements: [...reading, "torch==2.7.1", "onnx==1.23.2"],
    parameters: { epochs: 8, hidden: 16 },
    resources: { threads: 2 },
  }),
});

export default platform({
  name: "rain",
  assets: [logistic, xgboost, lightgbm, gru],
  environments: { local: environment({ data: files({ directory: "../flights/data" }) }) },
});
