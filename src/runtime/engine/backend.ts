/** Execution providers of ONNX Runtime, by the names that users write. */

/** What a spec or the command line may ask for. */
export type DeviceChoice = 'auto' | 'cpu' | 'webgpu' | 'cuda' | 'dml';

export type Backend = Exclude<DeviceChoice, 'auto'>;
