import { onnxPython } from "../../serve/remote/onnx-python.ts";

/** The module and class that a model's settings name. */
export const mlserverImplementation = "millwright_onnx.Onnx";

/** A runtime of MLServer for an ONNX file with its preparation inside, which lies beside it. */
export const mlserverPython: string = `import asyncio
import os

from mlserver import MLModel
from mlserver.errors import InferenceError
from mlserver.types import InferenceRequest, InferenceResponse, MetadataModelResponse, MetadataTensor, ResponseOutput
${onnxPython}

class Onnx(MLModel):
    async def load(self) -> bool:
        self.model = OnnxModel(self.settings.parameters.uri)
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        # Another thread, for it blocks: others can be read meanwhile.
        return await asyncio.get_running_loop().run_in_executor(None, self.answer, payload)

    def answer(self, payload: InferenceRequest) -> InferenceResponse:
        try:
            feeds = {sent.name: self.model.tensor(sent.name, sent.shape, sent.data) for sent in payload.inputs}
            outputs = self.model.run(feeds, [wanted.name for wanted in payload.outputs or []])
        except Refused as error:
            raise InferenceError(str(error))
        return InferenceResponse(
            id=payload.id,
            model_name=self.name,
            model_version=self.version,
            outputs=[ResponseOutput(name=name, datatype=datatype, shape=list(result.shape), data=elements(result)) for name, datatype, result in outputs],
        )

    async def metadata(self) -> MetadataModelResponse:
        def tensors(ports, types):
            sizes = [[size if isinstance(size, int) else -1 for size in port.shape] for port in ports]
            return [MetadataTensor(name=port.name, datatype=types[port.name], shape=size) for port, size in zip(ports, sizes)]

        session = self.model.session
        return MetadataModelResponse(
            name=self.name,
            versions=[self.version],
            platform="onnxruntime",
            inputs=tensors(session.get_inputs(), self.model.inputs),
            outputs=tensors(session.get_outputs(), self.model.outputs),
        )
`;
