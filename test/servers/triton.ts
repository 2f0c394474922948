/** tritonclient and what it needs, for HTTP and gRPC, with ONNX Runtime beside it. */
export const clientRequirements: readonly string[] = [
  "tritonclient[http,grpc]==2.73.0",
  "onnxruntime==1.32.0",
  "numpy==1.26.4",
  "protobuf==6.33.6",
  "grpcio==1.85.1",
];
