/** The `parameters` text of AUTOMATIC1111's web UI, which most tools read: written and read. */
import { numberOf, type Origin, type OriginLora, originOf } from '../../../plan/origin.ts';
import { A1111_NAMES, samplerOf } from './sampler-names.ts';

/** What the text says; `version` names the tool that writes. */
export interface ParametersSource extends Omit<Origin, 'tool' | 'texts'> {
    readonly version: string;
}

/** Prompt, negative prompt, then one line of `Key: value` pairs in the web UI's order. */
export function parametersText(source: ParametersSource): string {
    const { prompt = '', negative, sampler, schedule, clipSkip = 0, width, height, noise } = source;
    const pairs: [string, string | number | undefined][] = [
        ['Steps', source.steps],
        ['Sampler', sampler ? A1111_NAMES[sampler] : source.samplerText],
        ['Schedule type', schedule && schedule !== 'normal' ? capital(schedule) : undefined],
        ['CFG scale', source.guidance],
        ['Seed', source.seed],
        ['Size', width && height ? `${width}x${height}` : undefined],
        ['Model hash', source.modelHash],
        ['Model', source.model],
        ['Denoising strength', source.strength],
        ['Clip skip', clipSkip > 0 ? clipSkip + 1 : undefined],
        ['Eta', source.eta],
        ['RNG', noise && { 'torch-cpu': 'CPU', philox: 'NV' }[noise]],
        ['Version', source.version],
    ];
    const line = pairs.flatMap(([key, value]) => (value === undefined ? [] : [`${key}: ${quoted(String(value))}`]));
    return [prompt, ...(negative ? [`Negative prompt: ${negative}`] : []), line.join(', ')].join('\n');
}

/** Reads the text, however incomplete; undefined where it has no line of pairs. */
export function readParameters(text: string, texts: Readonly<Record<string, string>>): Origin | undefined {
    const lines = text.trim().split('\n');
    const pairs = pairsOf(lines.at(-1) ?? '');
    if (pairs.size < 3) return undefined;
    lines.pop();
    const start = lines.findIndex((line) => line.trim().startsWith(NEGATIVE));
    const prompt = (start < 0 ? lines : lines.slice(0, start)).join('\n').trim();
    const negative = start < 0 ? '' : lines.slice(start).join('\n').trim().slice(NEGATIVE.length).trim();
    const [width, height] = (pairs.get('Size') ?? '').split('x').map(Number);
    const clipSkip = numberOf(pairs.get('Clip skip'));
    const rng = pairs.get('RNG');
    const sampler = pairs.get('Sampler');
    return originOf('automatic1111', texts, {
        prompt,
        negative,
        seed: numberOf(pairs.get('Seed')),
        steps: numberOf(pairs.get('Steps')),
        ...(sampler ? samplerOf(sampler, pairs.get('Schedule type')) : {}),
        guidance: numberOf(pairs.get('CFG scale')),
        width: numberOf(width),
        height: numberOf(height),
        model: pairs.get('Model'),
        modelHash: pairs.get('Model hash'),
        clipSkip: clipSkip === undefined ? undefined : clipSkip - 1,
        strength: numberOf(pairs.get('Denoising strength')),
        eta: numberOf(pairs.get('Eta')),
        noise: rng === 'CPU' ? 'torch-cpu' : rng === 'NV' ? 'philox' : undefined,
        loras: lorasIn(prompt),
    });
}

const NEGATIVE = 'Negative prompt:';

/** Longer lines come from no tool, and would take long to read. */
const LONGEST_LINE = 20_000;

/** `Key: value, Key: "quoted, value", …` */
function pairsOf(line: string): Map<string, string> {
    const pairs = new Map<string, string>();
    if (line.length > LONGEST_LINE) return pairs;
    for (const [, key, value] of line.matchAll(/\s*(\w[\w \-/]+):\s*("(?:\\.|[^\\"])+"|[^,]*)(?:,|$)/g)) {
        pairs.set(key!, unquoted(value!.trim()));
    }
    return pairs;
}

/** `<lora:name:weight>` in a prompt; the weight may be left out. */
function lorasIn(prompt: string): OriginLora[] | undefined {
    const found = [...prompt.matchAll(/<lora:([^:<>]+)(?::([^:<>]*))?[^<>]*>/g)];
    return found.length > 0
        ? found.map(([, name, weight]) => ({ name: name!, weight: numberOf(weight) ?? 1 }))
        : undefined;
}

function quoted(value: string): string {
    return /[,:\n]/.test(value) ? JSON.stringify(value) : value;
}

function unquoted(value: string): string {
    if (!/^".*"$/.test(value)) return value;
    try {
        return String(JSON.parse(value));
    } catch {
        return value;
    }
}

function capital(word: string): string {
    return word[0]!.toUpperCase() + word.slice(1);
}
