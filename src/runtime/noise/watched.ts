/** A noise stream whose draws are handed to a run's tensor sink. */
import type { TensorSink } from '../tensor-sink.ts';
import type { NoiseStream } from './stream.ts';

/** The same stream; draw k goes to the sink as `noise.k`, flat. */
export function watched(stream: NoiseStream, sink: TensorSink | undefined): NoiseStream {
    if (!sink) return stream;
    let draw = 0;
    return {
        normal(count) {
            const data = stream.normal(count);
            sink.add(`noise.${draw++}`, { data, dims: [count] });
            return data;
        },
    };
}
