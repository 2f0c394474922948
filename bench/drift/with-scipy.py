"""SciPy's figures of two Parquet files, for equality: with-scipy.py REFERENCE CURRENT"""
import json
import sys

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq
from scipy import stats

reference, current = sys.argv[1:3]
found = {}
for name in pq.read_schema(reference).names:
    a, b = (pq.read_table(file, columns=[name])[name].combine_chunks() for file in (reference, current))
    if name.startswith("kind"):
        counts = [{str(row["values"]): row["counts"] for row in pc.value_counts(side).to_pylist()} for side in (a, b)]
        keys = sorted(set(counts[0]) | set(counts[1]))
        test = stats.chi2_contingency(np.array([[side.get(key, 0) for key in keys] for side in counts]))
        found[name] = {"statistic": float(test.statistic), "pValue": float(test.pvalue)}
    else:
        a, b = a.to_numpy().astype(float), b.to_numpy().astype(float)
        test = stats.ks_2samp(a, b)
        distance = stats.wasserstein_distance(a, b)
        found[name] = {"statistic": float(test.statistic), "pValue": float(test.pvalue), "wasserstein": float(distance)}
print(json.dumps(found))
