"""A linear regression by stochastic gradient descent that can be killed at any step: the checkpoint holds all that the next step needs."""

import json, os, random, sys, time

steps, pause = int(sys.argv[1]), float(sys.argv[2])
state = {"step": 0, "weights": [0.0, 0.0, 0.0]}
if os.path.exists("checkpoint.json"):
    state = json.load(open("checkpoint.json"))
print("from step", state["step"], "on", os.environ.get("SLURMD_NODENAME"), flush=True)
while state["step"] < steps:
    draw = random.Random(f"seed 1, step {state['step']}")
    inputs = [draw.uniform(-1, 1) for _ in range(2)] + [1.0]
    wanted = 3 * inputs[0] - 2 * inputs[1] + 0.5 + draw.gauss(0, 0.1)
    error = sum(weight * value for weight, value in zip(state["weights"], inputs)) - wanted
    weights = [weight - 0.1 * error * value for weight, value in zip(state["weights"], inputs)]
    state = {"step": state["step"] + 1, "weights": weights}
    with open("checkpoint.aside", "w") as file:
        json.dump(state, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace("checkpoint.aside", "checkpoint.json")
    print("step", state["step"], flush=True)
    time.sleep(pause)
with open("model.json", "w") as file:
    json.dump(state["weights"], file)
