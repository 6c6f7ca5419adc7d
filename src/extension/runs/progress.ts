/** Where a run is, in a few words: the same in the status bar, the lens and the results page. */

export interface Progress {
    readonly stage: string;
    readonly step: number;
    readonly steps: number;
}

const STAGES: Readonly<Record<string, string>> = {
    open: 'opening the model',
    text: 'reading the prompt',
    encode: 'reading pictures',
    features: 'preparing features',
    denoise: 'denoising',
    decode: 'decoding',
    save: 'saving',
};

export function progressWords({ stage, step, steps }: Progress): string {
    return stage === 'denoise' && steps > 0 ? `step ${step}/${steps}` : (STAGES[stage] ?? stage);
}
