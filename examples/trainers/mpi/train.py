"""
Logistic regression, data-parallel: every rank holds a share of the rows, and the gradient is the sum over all of them (all-reduce). The model is
the same on 1 rank and on many, within the rounding of the sums. Needs mpi4py and numpy, and Open MPI's libraries on the machine.

    mpirun -n 2 python train.py --rows 4000 --steps 50 --out model.json
"""

import argparse
import json
import os

import numpy
from mpi4py import MPI

arguments = argparse.ArgumentParser()
arguments.add_argument("--rows", type=int, default=4000)
arguments.add_argument("--steps", type=int, default=50)
arguments.add_argument("--out", default="model.json")
asked = arguments.parse_args()

world = MPI.COMM_WORLD
rank, size = world.Get_rank(), world.Get_size()

# Every rank draws all rows and keeps its share; a real one reads its share of the Parquet file's row groups.
draw = numpy.random.default_rng(1)
features = numpy.hstack([draw.normal(size=(asked.rows, 5)), numpy.ones((asked.rows, 1))])
labels = (draw.random(asked.rows) < 1 / (1 + numpy.exp(-features @ [1.0, -2.0, 0.5, 0.0, 0.25, -0.5]))).astype(float)
features, labels = features[rank::size], labels[rank::size]

weights = numpy.zeros(6)
for step in range(asked.steps):
    gradient = features.T @ (1 / (1 + numpy.exp(-features @ weights)) - labels)
    world.Allreduce(MPI.IN_PLACE, gradient, op=MPI.SUM)
    weights -= 2.0 * gradient / asked.rows
    if rank == 0 and (step + 1) % 10 == 0:
        print("step", step + 1, "of", asked.steps, flush=True)

# All ranks hold the same weights; one writes them.
if rank == 0:
    with open(asked.out + ".aside", "w") as file:
        json.dump({"ranks": size, "weights": weights.tolist()}, file)
    os.replace(asked.out + ".aside", asked.out)
