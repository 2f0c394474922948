"""
NannyML's univariate drift of two Parquet files, read into pandas beforehand: with-nannyml.py REFERENCE CURRENT WAY

WAY is `tests` for Kolmogorov-Smirnov (which it estimates from its own bins beyond 10,000 rows) and chi-squared alone, or `all` for those
exactly, with Jensen-Shannon and Wasserstein.
"""
import json
import sys
import time

import nannyml as nml
import pandas as pd

reference, current = (pd.read_parquet(file) for file in sys.argv[1:3])
whole = sys.argv[3] == "all"
texts = [name for name in reference.columns if name.startswith("kind")]
began, cpu = time.perf_counter(), time.process_time()
calculator = nml.UnivariateDriftCalculator(
    column_names=list(reference.columns),
    treat_as_categorical=texts,
    continuous_methods=["kolmogorov_smirnov", "jensen_shannon", "wasserstein"] if whole else ["kolmogorov_smirnov"],
    categorical_methods=["chi2", "jensen_shannon"] if whole else ["chi2"],
    computation_params={"kolmogorov_smirnov": {"calculation_method": "exact"}, "wasserstein": {"calculation_method": "exact"}} if whole else None,
    chunk_number=1,
)
calculator.fit(reference)
calculator.calculate(current)
print(json.dumps({"wall": time.perf_counter() - began, "cpu": time.process_time() - cpu}))
