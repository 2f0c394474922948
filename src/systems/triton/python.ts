import { onnxPython } from "../../serve/remote/onnx-python.ts";

/** For a Triton that has the Python backend only: an ONNX file beside it, all requests of a batch in one run, one by one when that fails. */
export const tritonPython: string = `import os
import sys

# The backend's interpreter does not look at it by itself.
sys.path[:0] = [folder for folder in os.environ.get("PYTHONPATH", "").split(os.pathsep) if folder]
${onnxPython}

class TritonPythonModel:
    def initialize(self, args):
        self.model = OnnxModel(os.path.join(args["model_repository"], args["model_version"], "model.onnx"))

    def execute(self, requests):
        import triton_python_backend_utils as backend

        def feeds_of(request):
            feeds = {}
            for name, datatype in self.model.inputs.items():
                values = backend.get_input_tensor_by_name(request, name).as_numpy()
                if datatype == "BYTES":
                    values = numpy.array([text.decode("utf8") for text in values.ravel()], dtype=object).reshape(values.shape)
                feeds[name] = values
            return feeds

        def reply(values):
            return backend.InferenceResponse([backend.Tensor(name, value) for (name, _, _), value in values])

        def alone(request):
            try:
                return reply([(output, output[2]) for output in self.model.run(feeds_of(request))])
            except Exception as error:
                return backend.InferenceResponse(error=backend.TritonError(str(error)))

        if len(requests) == 1:
            return [alone(requests[0])]
        try:
            feeds = [feeds_of(request) for request in requests]
            first = next(iter(self.model.inputs))
            joined = {name: numpy.concatenate([feed[name] for feed in feeds]) for name in self.model.inputs}
            outputs = self.model.run(joined)
        except Exception:
            return [alone(request) for request in requests]
        ends = numpy.cumsum([len(feed[first]) for feed in feeds])[:-1]
        parts = [numpy.split(output[2], ends) for output in outputs]
        return [reply([(output, part[index]) for output, part in zip(outputs, parts)]) for index in range(len(requests))]
`;
