"""The model in MLServer: a custom runtime as its guide shows, with ONNX Runtime on one thread."""
import onnxruntime
from mlserver import MLModel
from mlserver.codecs import NumpyCodec
from mlserver.types import InferenceRequest, InferenceResponse


class Trees(MLModel):
    async def load(self) -> bool:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(self.settings.parameters.uri, options, providers=["CPUExecutionProvider"])
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        rows = self.decode(payload.inputs[0], default_codec=NumpyCodec)
        (probabilities,) = self.session.run(["probabilities"], {"input": rows})
        output = NumpyCodec.encode_output("probabilities", probabilities)
        return InferenceResponse(id=payload.id, model_name=self.name, model_version=self.version, outputs=[output])
