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

const logistic = model("rain_logistic", {
  ...common,
  prepare: { origin: "onehot" },
  train: python("logistic_regression.py", {
    requirements: "requirements/scikit-learn.txt",
    parameters: { C: 0.1 },
  }),
});

const xgboost = model("rain_xgboost", {
  ...common,
  train: python("xgboost_trees.py", {
    // With xgboost-cpu: `xgboost` itself is the same with code for GPUs, and many times as large.
    requirements: "requirements/xgboost.txt",
    parameters: { trees: 100, max_depth: 4, eta: 0.1 },
    resources: { threads: 2 },
  }),
});

const lightgbm = model("rain_lightgbm", {
  ...common,
  train: python("lightgbm_trees.py", {
    requirements: "requirements/lightgbm.txt",
    parameters: { trees: 100, num_leaves: 15, learning_rate: 0.1 },
    resources: { threads: 2 },
  }),
});

const gru = model("rain_gru", {
  ...common,
  prepare: { ...scaled, origin: "onehot" },
  train: python("gru.py", {
    requirements: ["numpy==2.4.6", "pyarrow==26.0.1", "torch==2.15.0", "onnx==1.23.2"],
    parameters: { epochs: 8, hidden: 16 },
    resources: { threads: 2 },
  }),
});

export default platform({
  name: "rain",
  assets: [logistic, xgboost, lightgbm, gru],
  environments: { local: environment({ data: files({ directory: "../flights/data" }) }) },
});
