"""The libraries of examples/trainers called by hand, with nothing of Millwright: rows in, probabilities of the newest 60 days and their AUC out."""

import datetime
import json
import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from sklearn.metrics import roc_auc_score

library, rows_file, predictions_file = sys.argv[1:]
table = pq.read_table(rows_file)
times = table["time_hour"].to_numpy()
test = times > times.max() - np.timedelta64(datetime.timedelta(days=60))
measures = [name for name in table.column_names if name not in ("time_hour", "rain", "origin")]
rows = np.column_stack([table[name].to_numpy().astype("float32") for name in measures])
labels = table["rain"].to_numpy(zero_copy_only=False).astype(int)
origins = table["origin"].to_numpy(zero_copy_only=False)

if library == "rain_logistic":
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    encoder = OneHotEncoder(sparse_output=False, dtype="float32").fit(origins[~test].reshape(-1, 1))
    rows = np.column_stack([encoder.transform(origins.reshape(-1, 1)), rows])
    model = make_pipeline(
        SimpleImputer(strategy="median"),
        StandardScaler(),
        LogisticRegression(max_iter=2000, random_state=1, C=0.1),
    )
    model.fit(rows[~test], labels[~test])
    probabilities = model.predict_proba(rows[test])[:, 1]
elif library == "rain_xgboost":
    from xgboost import XGBClassifier

    model = XGBClassifier(n_estimators=100, max_depth=4, learning_rate=0.1, random_state=1, n_jobs=2)
    model.fit(rows[~test], labels[~test])
    probabilities = model.predict_proba(rows[test])[:, 1]
else:
    import lightgbm

    settings = {"objective": "binary", "num_leaves": 15, "learning_rate": 0.1, "seed": 1, "num_threads": 2, "verbose": -1}
    booster = lightgbm.train(
        {**settings, "deterministic": True, "force_row_wise": True}, lightgbm.Dataset(rows[~test], labels[~test]), 100
    )
    probabilities = booster.predict(rows[test])

pq.write_table(pa.table({"probability": probabilities, "label": labels[test]}), predictions_file)
print(json.dumps({"auc": roc_auc_score(labels[test], probabilities)}))
