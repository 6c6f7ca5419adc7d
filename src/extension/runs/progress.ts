/** Where a run is, in a few words: the same in the status bar, the lens and the results page. */

export interface Progress {
    readonly stage: string;
    readonly step: number;
    readonly steps: number;
    /** Of a learning: the mean loss of its last 50 steps, and the time that is left. */
    readonly loss?: number;
    readonly secondsLeft?: number;
}

const STAGES: Readonly<Record<string, string>> = {
    open: 'opening the model',
    text: 'reading the prompt',
    encode: 'reading pictures',
    features: 'preparing features',
    denoise: 'denoising',
    decode: 'decoding',
    save: 'saving',
    'lay-out': 'laying tiles out',
    pyramid: 'writing the deep zoom',
    zoom: 'writing the endless zoom',
};

export function progressWords({ stage, step, steps, loss, secondsLeft }: Progress): string {
    if (stage === 'learn')
        return `step ${step} of ${steps}, loss ${loss?.toFixed(3)}, ${leftWords(secondsLeft ?? 0)} left`;
    if (stage === 'tiles') return `tile ${step}/${steps}`;
    return stage === 'denoise' && steps > 0 ? `step ${step}/${steps}` : (STAGES[stage] ?? stage);
}

function leftWords(seconds: number): string {
    return seconds < 90 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;
}
