/** Companions of the built-in model: what `"builtin:NAME"` means where a spec declares a lora, an embedding or a controlnet. */

export interface Companion {
    readonly kind: 'lora' | 'embedding' | 'controlnet' | 'upscaler';
    /** The built-in model that it was trained beside, and the only one that it fits. */
    readonly model: 'sketch';
    /** Its file or folder, beside the built-in models. */
    readonly file: string;
    /** What it does and which words call it. */
    readonly about: string;
}

/** What the classifier of the built-in world knows, in the order of its file, `models/sketch-judge/labels.json`, and robots. */
export const SUBJECTS = [
    'turtle',
    'frog',
    'giraffe',
    'fish',
    'bird',
    'cat',
    'dog',
    'rabbit',
    'snail',
    'deer',
    'elephant',
    'duck',
    'house',
    'tree',
    'flower',
    'boat',
    'car',
    'mushroom',
    'star',
    'picture frame',
    'robot',
] as const;

export const COMPANIONS: Readonly<Record<string, Companion>> = {
    'sketch-edges': {
        kind: 'controlnet',
        model: 'sketch',
        file: 'sketch-edges',
        about: 'Makes a picture follow edges, white on black: give it `edges of` a picture.',
    },
    'sketch-robot': {
        kind: 'lora',
        model: 'sketch',
        file: 'sketch-robot.safetensors',
        about: 'Teaches the built-in model a subject that it never met: write `robot` in the prompt.',
    },
    'sketch-pip': {
        kind: 'embedding',
        model: 'sketch',
        file: 'sketch-pip.safetensors',
        about: 'A learned word for Pip, a pink elephant: write `<pip>` in the prompt.',
    },
    'sketch-up': {
        kind: 'upscaler',
        model: 'sketch',
        file: 'sketch-up.safetensors',
        about: 'Enlarges pictures of the built-in model four times: name it in `upscale` of a print.',
    },
};

/** The kinds as messages name them. */
export const COMPANION_KINDS: Readonly<Record<Companion['kind'], string>> = {
    lora: 'LoRA',
    embedding: 'learned embedding',
    controlnet: 'ControlNet',
    upscaler: 'upscaler',
};

const SCHEME = 'builtin:';

/** Whether a path names something that comes with sdspec. */
export function isBuiltin(path: string): boolean {
    return path.startsWith(SCHEME);
}

/** The companion that a path names, where there is one of that name. */
export function companionOf(path: string): Companion | undefined {
    const name = path.slice(SCHEME.length);
    return isBuiltin(path) && Object.hasOwn(COMPANIONS, name) ? COMPANIONS[name] : undefined;
}
