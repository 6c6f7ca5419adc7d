/** Signatures: the form of the clause that is being written, with the part under the cursor. */
import type { LangiumDocument } from 'langium';
import type { SignatureHelpProvider } from 'langium/lsp';
import type { SignatureHelp, SignatureHelpOptions, SignatureHelpParams } from 'vscode-languageserver';

interface Signature {
    readonly label: string;
    readonly doc: string;
}

/** Each part after the first word: what may follow, by the word that begins it. */
const SIGNATURES: Readonly<Record<string, Signature>> = {
    use: { label: 'use MODEL', doc: 'The model that paints.' },
    prompt: { label: 'prompt PROMPT | "words" weight 1, …', doc: 'What the picture shows.' },
    negative: { label: 'negative PROMPT | "words" weight 1, …', doc: 'What the picture is steered away from.' },
    size: {
        label: 'size WIDTHxHEIGHT windows 512px overlap 128px',
        doc: 'Pixels, multiples of 8. Windows are for pictures larger than the model was made for.',
    },
    seed: { label: 'seed SEED | FIRST..LAST | SEED, SEED, …', doc: 'Several seeds make several pictures.' },
    steps: { label: 'steps COUNT', doc: 'Number of denoising steps.' },
    sampler: {
        label: 'sampler SAMPLER on SCHEDULE eta 0..1 spacing leading|trailing|linspace',
        doc: 'How the steps are taken.',
    },
    guidance: { label: 'guidance SCALE -> SCALE rescale 0..1 during WINDOW', doc: 'How strongly the prompt pulls.' },
    noise: { label: 'noise torch-cpu|philox|numpy|"file" sha256:…', doc: 'Which generator makes the starting noise.' },
    clip: { label: 'clip skip LAYERS', doc: 'Layers of the text encoder that are left out.' },
    start: {
        label: 'start from PICTURE share 1, … mixing linear|spherical strength 0..1 latent mean|sampled|diffusers',
        doc: 'Begins from a picture. The strength is the part of the steps that is run: near 0 keeps the picture, 1 runs all of them.',
    },
    mask: {
        label: 'mask outside PICTURE only | corners X,Y X,Y X,Y X,Y feather 4px margin 24px',
        doc: 'Repaints where the mask is white, or black with `outside`; or a frame, clockwise from its top left corner.',
    },
    outpaint: { label: 'outpaint left 32px, right 32px, top 32px, bottom 32px', doc: 'Widens the picture.' },
    infuse: {
        label: 'infuse PICTURE share 1, … with WEIGHTS weight 1 decay 1 during 0%..100% noise none|matched text prompt|empty|as painted|caption on both|prompt normalise { LAYER 0.3 }',
        doc: 'A bias picture goes through the same U-Net; its features are added at chosen layers.',
    },
    scale: { label: 'scale with WEIGHTS { LAYER 0.5 }', doc: "Multiplies the U-Net's own features." },
    apply: { label: 'apply LORA weight 1 { mid 1 up.* 0.5 }', doc: 'Adds a LoRA to the model.' },
    control: {
        label: 'control NET by PICTURE weight 1 during 0%..100% { mid 1 skip.* 0.5 }',
        doc: 'Makes the picture follow another one.',
    },
    cache: {
        label: 'cache deep every 3 at OUT11 during 0%..100% | text during 40%..100%',
        doc: 'Between whole steps only the last blocks of the U-Net run, on a feature that is kept; or late steps keep what the text adds.',
    },
    precision: {
        label: 'precision int8 | fp16 | fp32',
        doc: "Computes the U-Net's linear layers in 8 bits, all of it in 16 bits on a GPU, or in 32 bits everywhere.",
    },
    trace: {
        label: 'trace every 5 | at 0%, 50% finished in 1, 10 steps attention "word", … gradient "word", …',
        doc: 'Keeps intermediate pictures.',
    },
    tiles: {
        label: 'tiles via GENERATE strength 0..1 colour 0..1 vary 4 pool 128 tile 128px',
        doc: 'How each tile is painted, and how closely it keeps the colours of its cell.',
    },
    depth: {
        label: 'depth LEVELS zoom into COLUMNxROW frames 48 width 384px',
        doc: 'Levels of tiles within tiles, and an endless zoom through them.',
    },
    upscale: {
        label: 'upscale UPSCALER | via GENERATE strength 0..1 by 2 tile 512px overlap 64px',
        doc: 'How the picture is enlarged. Several follow each other.',
    },
    paper: {
        label: 'paper WIDTHxHEIGHTcm at DENSITYdpi bleed 3mm fit cover|contain cmyk "profile.icc" marks',
        doc: 'Paper and fineness of a print.',
    },
    edges: { label: 'edges of IMAGE low 100 high 200', doc: 'Canny edges of a picture.' },
};

/** Words that begin a part of a signature. */
const PART =
    /\s(?=(?:on|eta|spacing|rescale|weight|mixing|strength|feather|windows|only|corners|margin|bleed|fit|cmyk|marks|share|with|decay|during|latent|noise|text|normalise|by|every|at|finished|attention|gradient|via|tile|overlap|colour|vary|pool|zoom|into|frames|width|low|high|skip|from|of|\{)(?![\w-]))/;

export class SdspecSignatures implements SignatureHelpProvider {
    readonly signatureHelpOptions: SignatureHelpOptions = { triggerCharacters: [] };

    provideSignatureHelp(document: LangiumDocument, { position }: SignatureHelpParams): SignatureHelp | undefined {
        const line = document.textDocument.getText({ start: { line: position.line, character: 0 }, end: position });
        const written = clauseIn(line);
        const word = /^([a-z]+)\s/.exec(written ?? '')?.[1];
        const signature = SIGNATURES[word ?? ''];
        if (!written || !signature) return undefined;
        const parts = partsOf(signature.label);
        return {
            activeSignature: 0,
            activeParameter: activePart(parts, written),
            signatures: [
                {
                    label: signature.label,
                    documentation: signature.doc,
                    parameters: parts.map(({ start, end }) => ({ label: [start, end] })),
                },
            ],
        };
    }
}

/** The clause that is being written: what follows the last brace or `=` of the line. None in strings and comments. */
function clauseIn(line: string): string | undefined {
    const words = line.replace(/"(?:\\.|[^"\\])*"/g, ({ length }) => `"${'.'.repeat(length - 2)}"`);
    if (words.includes('//') || (words.match(/"/g)?.length ?? 0) % 2 === 1) return undefined;
    return words.slice(Math.max(words.lastIndexOf('{'), words.lastIndexOf('= ')) + 1).trimStart();
}

interface Part {
    readonly start: number;
    readonly end: number;
    readonly word: string;
}

function partsOf(label: string): readonly Part[] {
    let start = 0;
    return label.split(PART).map((text) => {
        const part = { start, end: start + text.length, word: /^\S+/.exec(text)?.[0] ?? '' };
        start = part.end + 1;
        return part;
    });
}

/** The part that the last of its words began; the first one before any. */
function activePart(parts: readonly Part[], written: string): number {
    const words = written.replace(/"(?:\\.|[^"\\])*"/g, '""').split(/[\s,]+/);
    for (let i = words.length - 1; i >= 0; i--) {
        const index = parts.findIndex(({ word }, part) => part > 0 && word === words[i]);
        if (index > 0) return index;
    }
    return 0;
}
