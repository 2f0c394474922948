/**
 * Python that holds an ONNX file and answers the Open Inference Protocol's JSON with it, for servers that run Python: it needs numpy and
 * onnxruntime there. A missing value is `null`, and reaches the model as it does in the embedded server.
 */
export const onnxPython: string = `
import numpy
import onnxruntime

TYPES = {
    "BOOL": numpy.bool_, "INT8": numpy.int8, "INT16": numpy.int16, "INT32": numpy.int32, "INT64": numpy.int64,
    "UINT8": numpy.uint8, "UINT16": numpy.uint16, "UINT32": numpy.uint32, "UINT64": numpy.uint64,
    "FP32": numpy.float32, "FP64": numpy.float64, "BYTES": numpy.object_,
}
ONNX = {
    "tensor(bool)": "BOOL", "tensor(int8)": "INT8", "tensor(int16)": "INT16", "tensor(int32)": "INT32", "tensor(int64)": "INT64",
    "tensor(uint8)": "UINT8", "tensor(uint16)": "UINT16", "tensor(uint32)": "UINT32", "tensor(uint64)": "UINT64",
    "tensor(float)": "FP32", "tensor(double)": "FP64", "tensor(string)": "BYTES",
}
MISSING = {"BOOL": False, "INT64": -2**63, "FP32": float("nan"), "FP64": float("nan"), "BYTES": ""}


class Refused(Exception):
    """What is wrong with a request."""


def flat(values):
    for value in values:
        if isinstance(value, (list, tuple)):
            yield from flat(value)
        else:
            yield value


class OnnxModel:
    def __init__(self, file, threads=1):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 4
        self.session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
        self.inputs = {port.name: ONNX[port.type] for port in self.session.get_inputs()}
        self.outputs = {port.name: ONNX[port.type] for port in self.session.get_outputs()}

    def tensor(self, name, shape, values):
        datatype = self.inputs.get(name)
        if datatype is None:
            raise Refused("the model has no input '%s'; it takes %s" % (name, ", ".join(self.inputs)))
        elements = []
        for value in flat(values):
            if value is None and datatype not in MISSING:
                raise Refused("input '%s': %s has no value for a missing one" % (name, datatype))
            if value is None:
                value = MISSING[datatype]
            if datatype == "BYTES":
                value = value.decode("utf8") if isinstance(value, bytes) else value
            if (datatype == "BYTES") != isinstance(value, str):
                raise Refused("input '%s' is %s" % (name, datatype))
            elements.append(value)
        try:
            return numpy.array(elements, dtype=TYPES[datatype]).reshape(shape)
        except (ValueError, TypeError, OverflowError) as error:
            raise Refused("input '%s': %s" % (name, error))

    def run(self, feeds, wanted=None):
        missing = [name for name in self.inputs if name not in feeds]
        if missing:
            raise Refused("input '%s' is missing" % missing[0])
        unknown = [name for name in wanted or [] if name not in self.outputs]
        if unknown:
            raise Refused("the model has no output '%s'; it gives %s" % (unknown[0], ", ".join(self.outputs)))
        names = list(wanted or self.outputs)
        try:
            results = self.session.run(names, feeds)
        except Exception as error:
            raise Refused("the model cannot evaluate these inputs: %s" % error)
        return [(name, self.outputs[name], result) for name, result in zip(names, results)]


def elements(result):
    """NaN and the infinities are null: JSON has none."""
    if result.dtype.kind == "f" and not numpy.isfinite(result).all():
        return [float(value) if numpy.isfinite(value) else None for value in result.ravel()]
    return result.ravel().tolist()
`;
