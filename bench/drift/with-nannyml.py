"""NannyML's univariate drift of two Parquet files, read into pandas beforehand: with-nannyml.py REFERENCE CURRENT"""
import json
import sys
import time

import nannyml as nml
import pandas as pd

reference, current = (pd.read_parquet(file) for file in sys.argv[1:3])
texts = [name for name in reference.columns if name.startswith("kind")]
began, cpu = time.perf_counter(), time.process_time()
calculator = nml.UnivariateDriftCalculator(
    column_names=list(reference.columns),
    treat_as_categorical=texts,
    continuous_methods=["kolmogorov_smirnov"],
    categorical_methods=["chi2"],
    chunk_number=1,
)
calculator.fit(reference)
calculator.calculate(current)
print(json.dumps({"wall": time.perf_counter() - began, "cpu": time.process_time() - cpu}))
