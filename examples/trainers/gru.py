"""PyTorch: a gated recurrent unit over the last hours, which stand side by side as columns; on a GPU where the launcher gives one."""

import json
import os
import re
import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import torch

with open(sys.argv[1]) as file:
    task = json.load(file)
parameters = {"epochs": 8, "hidden": 16, "batch": 256, "rate": 0.005, **task["parameters"]}
device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
torch.use_deterministic_algorithms(True)
torch.manual_seed(task["seed"])

# temp_5, temp_4 ... temp_0 are one measure's last six hours, oldest first; what has no number at its end holds for all hours.
numbered = [re.fullmatch(r"(.+)_(\d+)", name) for name in task["features"]]
measures = sorted({match[1] for match in numbered if match})
hours = sorted({int(match[2]) for match in numbered if match}, reverse=True)
steps = [[task["features"].index(f"{measure}_{hour}") for measure in measures] for hour in hours]
constant = [index for index, match in enumerate(numbered) if not match]


class Rain(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.recurrent = torch.nn.GRU(len(measures), parameters["hidden"], batch_first=True)
        self.last = torch.nn.Linear(parameters["hidden"] + len(constant), 1)

    def forward(self, rows):
        rows = torch.where(torch.isnan(rows), torch.zeros_like(rows), rows)  # zero is the mean of a z-score
        sequence = torch.stack([rows[:, step] for step in steps], dim=1)
        _, state = self.recurrent(sequence)
        return torch.sigmoid(self.last(torch.cat([state[0], rows[:, constant]], dim=1)))


def read(path):
    table = pq.read_table(path)
    rows = np.column_stack([table[name].to_numpy() for name in task["features"]])
    return torch.from_numpy(rows).to(device), torch.from_numpy(table[task["target"]].to_numpy().astype("float32")).to(device)


rows, labels = read(task["training"])
test_rows, _ = read(task["test"])
model = Rain().to(device)
optimiser = torch.optim.Adam(model.parameters(), lr=parameters["rate"])
order = torch.Generator().manual_seed(task["seed"])
checkpoint = f"{task['checkpoint']}/epoch.pt"
done = 0
if os.path.exists(checkpoint):
    state = torch.load(checkpoint, map_location=device)
    model.load_state_dict(state["model"])
    optimiser.load_state_dict(state["optimiser"])
    order.set_state(state["order"].cpu())
    done = state["epoch"]

while done < parameters["epochs"]:
    total = 0.0
    for part in torch.randperm(len(rows), generator=order).split(parameters["batch"]):
        loss = torch.nn.functional.binary_cross_entropy(model(rows[part])[:, 0], labels[part])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        total += loss.item() * len(part)
    done += 1
    print(json.dumps({"metric": {"name": "training log loss", "step": done, "value": total / len(rows)}}))
    state = {"model": model.state_dict(), "optimiser": optimiser.state_dict(), "order": order.get_state(), "epoch": done}
    # Aside and then renamed, so that a file of that name is whole whenever the process is killed.
    torch.save(state, f"{checkpoint}.partial")
    os.replace(f"{checkpoint}.partial", checkpoint)
    print(json.dumps({"progress": {"done": done, "total": parameters["epochs"], "unit": "steps"}}))

model = model.cpu().eval()
test_rows = test_rows.cpu()
with torch.no_grad():
    probability = model(test_rows)[:, 0].numpy()
pq.write_table(pa.table({"probability": probability.astype("float64")}), f"{task['out']}/predictions.parquet")
torch.onnx.export(
    model,
    (test_rows[:2],),
    f"{task['out']}/model.onnx",
    input_names=["rows"],
    output_names=["probability"],
    dynamic_axes={"rows": {0: "N"}, "probability": {0: "N"}},
    opset_version=17,
    dynamo=False,
)
torch.save(model.state_dict(), f"{task['out']}/model.pt")
