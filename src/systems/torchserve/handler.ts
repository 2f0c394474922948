import { onnxPython } from "../../serve/remote/onnx-python.ts";
import { zip } from "./archive.ts";

/** A handler of TorchServe that takes and gives the Open Inference Protocol's JSON. */
const handler = `import json
import os

# TorchServe wants one class in the handler's module.
from millwright_model import OnnxModel, Refused, elements


class OnnxHandler:
    def initialize(self, context):
        self.model = OnnxModel(os.path.join(context.system_properties["model_dir"], "model.onnx"))
        self.name = context.manifest["model"]["modelName"]
        self.version = context.manifest["model"]["modelVersion"]

    def handle(self, data, context):
        return [self.reply(index, row.get("body", row.get("data")), context) for index, row in enumerate(data)]

    def reply(self, index, body, context):
        try:
            return self.answer(body)
        except Refused as error:
            context.set_response_status(code=400, phrase="Bad Request", idx=index)
            return {"error": str(error)}

    def answer(self, body):
        if isinstance(body, (bytes, bytearray)):
            try:
                body = json.loads(body)
            except ValueError as error:
                raise Refused("the body is not JSON: %s" % error)
        if not isinstance(body, dict) or not isinstance(body.get("inputs"), list):
            raise Refused("'inputs' must be an array of tensors")
        feeds = {}
        for sent in body["inputs"]:
            if not isinstance(sent, dict) or "name" not in sent or "shape" not in sent or not isinstance(sent.get("data"), list):
                raise Refused("every input must have 'name', 'shape' and 'data'; binary tensors are not offered")
            feeds[sent["name"]] = self.model.tensor(sent["name"], sent["shape"], sent["data"])
        outputs = self.model.run(feeds, [wanted.get("name") for wanted in body.get("outputs") or []])
        return {
            "model_name": self.name,
            "model_version": self.version,
            **({"id": body["id"]} if "id" in body else {}),
            "outputs": [{"name": name, "datatype": datatype, "shape": list(result.shape), "data": elements(result)} for name, datatype, result in outputs],
        }
`;

/** A model archive (.mar): the ONNX file, the handler, and a manifest. The same model gives the same archive. */
export function modelArchive(name: string, version: string, model: Uint8Array): Buffer {
  const manifest = {
    createdOn: "01/01/1980 00:00:00",
    runtime: "python",
    model: { modelName: name, serializedFile: "model.onnx", handler: "millwright_handler.py", modelVersion: version },
    archiverVersion: "0.12.0",
  };
  return zip({
    "model.onnx": model,
    "millwright_handler.py": Buffer.from(handler),
    "millwright_model.py": Buffer.from(onnxPython),
    "MAR-INF/MANIFEST.json": Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`),
  });
}
