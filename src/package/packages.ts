/** What quantising needs from PyPI, pinned with all that it needs in turn; for Python 3.11 and newer. */
export const onnxPackages: readonly string[] = [
  "onnxruntime==1.32.0",
  "onnx==1.23.2",
  "numpy==2.4.6",
  "protobuf==7.36.2",
  "ml_dtypes==0.6.0",
  "typing_extensions==4.16.0",
  "flatbuffers==25.12.19",
  "packaging==26.3",
];

/** What OpenVINO needs from PyPI, likewise. */
export const openvinoPackages: readonly string[] = ["openvino==2026.4.1", "openvino-telemetry==2025.2.0", "numpy==2.4.6"];
