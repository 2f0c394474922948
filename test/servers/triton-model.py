"""An ONNX file in Triton's Python backend, by ONNX Runtime with one thread; FILE is a parameter of the model."""
import json
import os
import sys

# The backend's interpreter does not look at it by itself.
sys.path[:0] = os.environ["PYTHONPATH"].split(os.pathsep)


class TritonPythonModel:
    def initialize(self, args):
        import onnxruntime

        file = json.loads(args["model_config"])["parameters"]["FILE"]["string_value"]
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 4
        self.session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
        self.inputs = [port.name for port in self.session.get_inputs()]
        self.outputs = [port.name for port in self.session.get_outputs()]

    def execute(self, requests):
        """All requests of a batch in one run, as the guide of the backend advises; one by one when that fails."""
        import numpy as np
        import triton_python_backend_utils as backend

        def read(tensor):
            values = tensor.as_numpy()
            return np.array([text.decode("utf8") for text in values.ravel()], dtype=object).reshape(values.shape) if values.dtype == object else values

        def run(feeds):
            return self.session.run(self.outputs, feeds)

        def reply(values):
            return backend.InferenceResponse([backend.Tensor(name, value) for name, value in zip(self.outputs, values)])

        def alone(request):
            try:
                return reply(run(feeds_of(request)))
            except Exception as error:
                return backend.InferenceResponse(error=backend.TritonError(str(error)))

        def feeds_of(request):
            return {name: read(backend.get_input_tensor_by_name(request, name)) for name in self.inputs}

        if len(requests) == 1:
            return [alone(requests[0])]
        try:
            feeds = [feeds_of(request) for request in requests]
            results = run({name: np.concatenate([feed[name] for feed in feeds]) for name in self.inputs})
        except Exception:
            return [alone(request) for request in requests]
        ends = np.cumsum([len(feed[self.inputs[0]]) for feed in feeds])[:-1]
        return [reply(values) for values in zip(*(np.split(result, ends) for result in results))]
