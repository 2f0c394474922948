"""Evidently's drift of two Parquet files, read into pandas beforehand: with-evidently.py REFERENCE CURRENT"""
import json
import sys
import time

import pandas as pd
from evidently import DataDefinition, Dataset, Report
from evidently.presets import DataDriftPreset

reference, current = (pd.read_parquet(file) for file in sys.argv[1:3])
texts = [name for name in reference.columns if name.startswith("kind")]
definition = DataDefinition(numerical_columns=[name for name in reference.columns if name not in texts], categorical_columns=texts)
began, cpu = time.perf_counter(), time.process_time()
report = Report([DataDriftPreset(num_method="ks", cat_method="chisquare")])
report.run(Dataset.from_pandas(current, data_definition=definition), Dataset.from_pandas(reference, data_definition=definition))
print(json.dumps({"wall": time.perf_counter() - began, "cpu": time.process_time() - cpu}))
