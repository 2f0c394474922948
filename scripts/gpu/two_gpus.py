"""Trains one small network on two GPUs, its gradient all-reduced by NCCL, and on one; ends with 1 where the weights differ by more than rounding."""

import json
import os
import socket
import sys
import tempfile

import torch
import torch.distributed as distributed
import torch.multiprocessing as multiprocessing

STEPS, ROWS, TOLERANCE = 50, 1024, 1e-5


def train(rank, ranks, file):
    torch.backends.cuda.matmul.allow_tf32 = False
    device = torch.device("cuda", rank)
    torch.cuda.set_device(device)
    if ranks > 1:
        distributed.init_process_group("nccl", rank=rank, world_size=ranks)
    torch.manual_seed(1)
    rows, labels = torch.randn(ROWS, 16), torch.randint(0, 2, (ROWS, 1)).float()
    model = torch.nn.Sequential(torch.nn.Linear(16, 32), torch.nn.Tanh(), torch.nn.Linear(32, 1)).to(device)
    mine = slice(rank * ROWS // ranks, (rank + 1) * ROWS // ranks)
    rows, labels = rows[mine].to(device), labels[mine].to(device)
    optimiser = torch.optim.SGD(model.parameters(), lr=0.1)
    for _ in range(STEPS):
        optimiser.zero_grad()
        torch.nn.functional.binary_cross_entropy_with_logits(model(rows), labels).backward()
        if ranks > 1:
            for parameter in model.parameters():
                distributed.all_reduce(parameter.grad)
                parameter.grad /= ranks
        optimiser.step()
    if rank == 0:
        torch.save([parameter.detach().cpu() for parameter in model.parameters()], file)
    if ranks > 1:
        distributed.destroy_process_group()


if __name__ == "__main__":
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT=str(free.getsockname()[1]))
    with tempfile.TemporaryDirectory() as folder:
        files = {ranks: f"{folder}/{ranks}.pt" for ranks in (1, 2)}
        for ranks, file in files.items():
            multiprocessing.spawn(train, args=(ranks, file), nprocs=ranks)
        one, two = (torch.load(file) for file in files.values())
    difference = max((a - b).abs().max().item() for a, b in zip(one, two))
    print(json.dumps({"steps": STEPS, "tolerance": TOLERANCE, "maximumDifference": difference}))
    sys.exit(0 if difference <= TOLERANCE else 1)
