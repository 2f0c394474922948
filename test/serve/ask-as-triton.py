"""Asks an endpoint everything that tritonclient can ask, over HTTP and gRPC, and compares its answers with ONNX Runtime's own. Prints one JSON object."""
import json
import queue
import sys
import urllib.request

import grpc
import numpy as np
import onnxruntime
import tritonclient.grpc
import tritonclient.http
from prometheus_client.parser import text_string_to_metric_families
from tritonclient.grpc import service_pb2
from tritonclient.utils import InferenceServerException

http_address, grpc_address, model, file = sys.argv[1:5]
session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])

rows = 37
columns = {
    "carrier": ("BYTES", np.array([["UA", "AA", "DL", "", "Zürich ✈"][row % 5] for row in range(rows)], dtype=object).reshape(rows, 1)),
    "distance": ("FP64", np.array([np.nan if row % 7 == 0 else row * 3.5 for row in range(rows)], dtype=np.float64).reshape(rows, 1)),
    "day": ("INT64", np.array([row % 28 for row in range(rows)], dtype=np.int64).reshape(rows, 1)),
    "night": ("BOOL", np.array([row % 2 == 0 for row in range(rows)], dtype=bool).reshape(rows, 1)),
    "temp": ("FP32", np.array([row / 8 for row in range(rows)], dtype=np.float32).reshape(rows, 1)),
}
label, probabilities = session.run(["label", "probabilities"], {name: values for name, (_, values) in columns.items()})


def difference(result):
    same = bool((result.as_numpy("label") == label).all())
    return float(np.abs(result.as_numpy("probabilities") - probabilities).max()) if same else "labels differ"


def refused(call):
    try:
        call()
    except InferenceServerException as error:
        return [error.status(), error.message()]


def inputs_of(library, *binary):
    inputs = []
    for name, (datatype, values) in columns.items():
        tensor = library.InferInput(name, list(values.shape), datatype)
        # NaN is not JSON; the model takes a missing distance for 0.
        tensor.set_data_from_numpy(np.nan_to_num(values) if binary == (False,) and datatype == "FP64" else values, *binary)
        inputs.append(tensor)
    return inputs


def common(client, inputs, as_json):
    """What both clients have."""
    infer = lambda **more: client.infer(model, inputs(), **more)
    found = {
        "live": client.is_server_live(),
        "ready": client.is_server_ready(),
        "model_ready": client.is_model_ready(model),
        "version_ready": client.is_model_ready(model, "3"),
        "unknown_ready": client.is_model_ready("none"),
        "server": client.get_server_metadata(**as_json),
        "metadata": client.get_model_metadata(model, **as_json),
        "version_metadata": client.get_model_metadata(model, "4", **as_json),
        "configuration": client.get_model_config(model, **as_json),
        "plain": difference(infer()),
        "version": difference(infer(model_version="3")),
        "timeout": difference(infer(timeout=20_000_000)),
        "statistics": client.get_inference_statistics(model, "3", **as_json),
        "all_statistics": client.get_inference_statistics(**as_json),
        "unknown_model": refused(lambda: client.get_model_metadata("none")),
        "unknown_version": refused(lambda: infer(model_version="9")),
        "too_late": refused(lambda: infer(timeout=1)),
        "shared_memory": refused(client.get_system_shared_memory_status) is not None and refused(client.get_cuda_shared_memory_status) is not None,
        "trace_settings": refused(client.get_trace_settings) is not None,
        "log_settings": refused(client.get_log_settings) is not None,
    }
    index = lambda: client.get_model_repository_index(**as_json)
    found["index"] = index()
    client.unload_model(model)
    found["unloaded_ready"] = client.is_model_ready(model)
    found["unloaded_infer"] = refused(infer)
    client.load_model(model, config=json.dumps({"version_policy": {"specific": {"versions": [4]}}, "max_batch_size": 16}))
    found["loaded"] = client.get_model_metadata(model, **as_json)
    found["loaded_configuration"] = client.get_model_config(model, **as_json)
    found["loaded_index"] = index()
    found["load_with_files"] = refused(lambda: client.load_model(model, config="{}", files={"file:1/model.onnx": b"x"}))
    found["load_unknown"] = refused(lambda: client.load_model("none"))
    client.load_model(model)
    found["loaded_again"] = client.get_model_metadata(model, **as_json)
    return found


def over_http():
    library = tritonclient.http
    client = library.InferenceServerClient(http_address, connection_timeout=20, network_timeout=20, concurrency=4)

    def infer(binary_in, binary_out, **more):
        outputs = None if binary_out is None else [library.InferRequestedOutput(name, binary_data=binary_out) for name in ("label", "probabilities")]
        return client.infer(model, inputs_of(library, binary_in), outputs=outputs, **more)

    found = common(client, lambda: inputs_of(library, True), {})
    found["json"] = difference(infer(False, False))
    found["binary_in"] = difference(infer(True, False))
    found["binary_both"] = difference(infer(True, True))
    found["one_output"] = [output["name"] for output in client.infer(model, inputs_of(library, True), outputs=[library.InferRequestedOutput("label")]).get_response()["outputs"]]
    found["id"] = infer(True, True, request_id="from triton").get_response()["id"]
    found["async"] = max(difference(pending.get_result()) for pending in [client.async_infer(model, inputs_of(library, True)) for _ in range(8)])
    body, length = library.InferenceServerClient.generate_request_body(inputs_of(library, True))
    found["generated_body"] = length is not None and len(body) > length
    found["compressed"] = refused(lambda: infer(True, True, request_compression_algorithm="gzip"))
    client.close()
    return found


def over_grpc():
    library = tritonclient.grpc
    client = library.InferenceServerClient(grpc_address)
    inputs = lambda: inputs_of(library)
    found = common(client, inputs, {"as_json": True})
    chosen = client.infer(model, inputs(), outputs=[library.InferRequestedOutput("probabilities")], request_id="from triton", client_timeout=20)
    found["id"] = chosen.get_response().id
    found["one_output"] = [output.name for output in chosen.get_response().outputs]
    found["deadline"] = refused(lambda: client.infer(model, inputs(), client_timeout=0.000001))
    answers = queue.Queue()
    for _ in range(8):
        client.async_infer(model, inputs(), lambda result, error: answers.put(error or result))
    found["async"] = max(difference(answers.get(timeout=20)) for _ in range(8))
    found["compressed"] = difference(client.infer(model, inputs(), compression_algorithm="gzip"))

    client.start_stream(lambda result, error: answers.put(error or result))
    for name in (model, "none", model):
        client.async_stream_infer(name, inputs())
    streamed = [answers.get(timeout=20) for _ in range(3)]
    client.stop_stream()
    found["stream"] = [difference(streamed[0]), str(streamed[1]), difference(streamed[2])]

    # Elements by type instead of bytes, which the client itself never sends.
    request = service_pb2.ModelInferRequest(model_name=model)
    fields = {"BYTES": "bytes_contents", "FP64": "fp64_contents", "INT64": "int64_contents", "BOOL": "bool_contents", "FP32": "fp32_contents"}
    for name, (datatype, values) in columns.items():
        tensor = request.inputs.add(name=name, datatype=datatype, shape=values.shape)
        flat = values.flatten().tolist()
        getattr(tensor.contents, fields[datatype]).extend([text.encode() for text in flat] if datatype == "BYTES" else flat)
    with grpc.insecure_channel(grpc_address) as channel:
        call = channel.unary_unary(
            "/inference.GRPCInferenceService/ModelInfer",
            request_serializer=service_pb2.ModelInferRequest.SerializeToString,
            response_deserializer=service_pb2.ModelInferResponse.FromString,
        )
        by_name = {output.name: output.contents for output in call(request, timeout=20).outputs}
        broken = channel.unary_unary("/inference.GRPCInferenceService/ModelInfer", request_serializer=bytes, response_deserializer=bytes)
        try:
            broken(b"\xff\xff\xff", timeout=20)
        except grpc.RpcError as error:
            found["broken"] = [error.code().name, error.details()]
    found["typed"] = [
        list(by_name["label"].int64_contents) == label.tolist(),
        float(np.abs(np.array(by_name["probabilities"].fp32_contents).reshape(-1, 2) - probabilities).max()),
    ]
    client.close()
    return found


found = {"http": over_http(), "grpc": over_grpc()}
metrics = urllib.request.urlopen(f"http://{http_address}/metrics").read().decode()
found["metrics"] = sorted(family.name for family in text_string_to_metric_families(metrics))
json.dump(found, sys.stdout)
