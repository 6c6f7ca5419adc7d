/** Models: built-in ones that exist, hub names that are names, revisions that pin. */
import { COMPANION_KINDS, COMPANIONS, type Companion, companionOf, isBuiltin } from '../../plan/companions.ts';
import type * as ast from '../generated/ast.ts';
import { nearest } from '../linking/nearest.ts';
import { BUILTIN_MODELS, modelKind } from '../meaning/models.ts';
import { DIGEST_LENGTH, writtenDigest } from '../meaning/values.ts';
import { type Report, replace } from '../place.ts';
import type { Checks } from './check.ts';
import { quoted } from './settings.ts';

const SOURCE = { property: 'source' } as const;

const NO_DIGEST = 'Built-in models and their companions come with sdspec: they need no digest.';

export const modelChecks: Checks = {
    Model: (model, report) => {
        if (model.source === undefined) return;
        if (model.source === '') {
            report(
                'file/empty',
                'error',
                'Write where the model is: `"builtin:sketch"`, a path, or `"hf:owner/name"`.',
                model,
                SOURCE,
            );
            return;
        }
        const kind = modelKind(model.source);
        if (kind === 'builtin') checkBuiltin(model, report);
        if (kind === 'hub') checkHub(model, report);
        if (kind !== 'hub' && model.revision !== undefined) {
            report(
                'model/revision',
                'error',
                'Only hub models have a revision; pin a file by its digest: `sha256:…`.',
                model,
                { property: 'revision' },
            );
        }
        if (kind !== 'file' && model.digest) {
            const message = kind === 'hub' ? 'Hub models are pinned by `revision "…"`.' : NO_DIGEST;
            report('model/digest', 'error', message, model, { property: 'digest' });
        }
        checkChoices(model, report);
    },
    Lora: (node, report) => checkFile(node, 'lora', report),
    Embedding: (node, report) => checkFile(node, 'embedding', report),
    ControlNet: (node, report) => checkFile(node, 'controlnet', report),
    Upscaler: (node, report) => checkFile(node, 'upscaler', report),
};

/** What is said of a model beyond its files: once each, and of none that comes with sdspec. */
function checkChoices(model: ast.Model, report: Report): void {
    const { predicts, zeroSnr, vae } = model;
    if (modelKind(model.source) === 'builtin' && (predicts || vae !== undefined)) {
        const message = 'A built-in model is complete: `predicts` and `vae` are for models of your own.';
        report('model/choices', 'error', message, model, { property: predicts ? 'predicts' : 'vae' });
    }
    if (vae === '') {
        report('file/empty', 'error', 'Write the path of the VAE, relative to this file.', model, { property: 'vae' });
    } else if (vae && modelKind(vae) !== 'file') {
        const message = `The VAE is a file or a folder on this machine: write a path instead of "${vae}".`;
        report('model/vae', 'error', message, model, { property: 'vae' });
    }
    if (zeroSnr && predicts === 'epsilon') {
        const message =
            'At pure noise there is no noise left to predict: models with `zero-snr` predict `v`. Leave `zero-snr` out, or write `predicts v zero-snr`.';
        report('model/zero-snr', 'error', message, model, { property: 'zeroSnr' });
    }
}

type Kind = Companion['kind'] | 'upscaler';

const KINDS: Readonly<Record<Kind, string>> = { ...COMPANION_KINDS, upscaler: 'upscaler' };

function checkFile(node: ast.Lora | ast.Embedding | ast.ControlNet | ast.Upscaler, kind: Kind, report: Report): void {
    const { source, digest } = node;
    if (source === '') report('file/empty', 'error', 'Write the path of the file, relative to this one.', node, SOURCE);
    if (!source || !isBuiltin(source)) return;
    if (digest) report('model/digest', 'error', NO_DIGEST, node, { property: 'digest' });
    if (companionOf(source)?.kind === kind) return;
    const known = Object.keys(COMPANIONS).filter((name) => COMPANIONS[name]?.kind === kind);
    const near = nearest(source.slice('builtin:'.length), known) ?? known[0];
    const there = known.length > 0 ? `there is ${quoted(known.map((name) => `builtin:${name}`))}` : 'write a path';
    const message = `${otherwise(source) ?? `No ${KINDS[kind]} "${source}" comes with sdspec`}: ${there}.`;
    const fix = near ? { fix: replace(`Change to "builtin:${near}"`, node, `"builtin:${near}"`, SOURCE) } : {};
    report('model/companion', 'error', message, node, { ...SOURCE, ...fix });
}

/** What a name of sdspec's stands for, where something else is wanted. */
function otherwise(source: string): string | undefined {
    const kind = companionOf(source)?.kind;
    if (kind) return `"${source}" is a ${COMPANION_KINDS[kind]}`;
    return Object.hasOwn(BUILTIN_MODELS, source.slice('builtin:'.length)) ? `"${source}" is a model` : undefined;
}

function checkBuiltin(model: ast.Model, report: Report): void {
    const name = model.source.slice('builtin:'.length);
    const names = Object.keys(BUILTIN_MODELS);
    if (names.includes(name)) return;
    const near = nearest(name, names) ?? names[0]!;
    const what = otherwise(model.source) ?? `There is no built-in model "${name}"`;
    const message = `${what}: there is ${quoted(names.map((n) => `builtin:${n}`))}.`;
    report('model/builtin', 'error', message, model, {
        ...SOURCE,
        fix: replace(`Change to "builtin:${near}"`, model, `"builtin:${near}"`, SOURCE),
    });
}

function checkHub(model: ast.Model, report: Report): void {
    if (!/^hf:[\w.-]+\/[\w.-]+$/.test(model.source)) {
        report('model/hub', 'error', 'A hub model is named by its owner and name: `"hf:owner/name"`.', model, SOURCE);
    } else if (model.revision === undefined) {
        report(
            'model/unpinned',
            'warning',
            'This model may change under you: pin a commit with `revision "…"`.',
            model,
            SOURCE,
        );
    }
}

/** Digests have all of their digits; a file is pinned by its sha256. */
export const digestChecks: Checks = {
    ...Object.fromEntries(
        (['Model', 'Lora', 'Embedding', 'ControlNet', 'Upscaler', 'Image', 'NoiseClause'] as const).map((type) => [
            type,
            (node: ast.Image, report: Report) => {
                if (!node.digest) return;
                const { kind, hex } = writtenDigest(node.digest);
                if (kind !== 'sha256') {
                    report('digest/kind', 'error', 'A file is pinned by its sha256: `sha256:` and 64 digits.', node, {
                        property: 'digest',
                    });
                } else if (hex.length !== DIGEST_LENGTH.sha256)
                    reportShort(node, hex.length, DIGEST_LENGTH.sha256, report);
            },
        ]),
    ),
    PictureExpectation: (expectation, report) => {
        if (!expectation.digest) return;
        const { kind, hex } = writtenDigest(expectation.digest);
        if (hex.length !== DIGEST_LENGTH[kind]) reportShort(expectation, hex.length, DIGEST_LENGTH[kind], report);
    },
};

function reportShort(node: ast.Image | ast.PictureExpectation, length: number, wanted: number, report: Report): void {
    const message = `A digest of this kind has ${wanted} digits, this one ${length}: copy it whole.`;
    report('digest/length', 'error', message, node, { property: 'digest' });
}
