/** What an adapter's module does to its layer's weight and bias, in each of the forms that are published. */
import { ModelError } from '../weights/model-error.ts';
import { readTensor } from '../weights/read-tensor.ts';
import type { TensorLocation } from '../weights/safetensors.ts';
import type { Delta, Factor, WeightChange } from '../weights/weight-change.ts';
import type { AdapterModule } from './modules.ts';
import type { ScaleOf } from './scale.ts';

export interface ModuleReading {
    readonly path: string;
    readonly name: string;
    readonly module: AdapterModule;
    readonly scaleOf: ScaleOf;
    readonly weight: number;
    /** The weight that the module changes. */
    readonly weights: TensorLocation;
}

/** Throws where an entry is left over. */
export function changesOf(reading: ModuleReading): readonly (readonly ['weight' | 'bias', WeightChange])[] {
    const { module, weight, weights } = reading;
    const { difference, biasDifference, upBias } = module;
    const magnitude = module.magnitude ?? module.doraScale;
    const main = mainDelta(reading);
    const found: (readonly ['weight' | 'bias', WeightChange])[] = [];
    if (magnitude) {
        if (!main) throw faulty(reading, 'holds a magnitude without its matrices');
        found.push([
            'weight',
            {
                kind: 'decomposed',
                delta: main,
                magnitude,
                along: alongOf(magnitude, weights, magnitude === module.magnitude),
            },
        ]);
    } else if (main) found.push(['weight', main]);
    if (difference) found.push(['weight', { kind: 'difference', values: difference, scale: weight }]);
    if (biasDifference) found.push(['bias', { kind: 'difference', values: biasDifference, scale: weight }]);
    if (upBias) {
        if (!main) throw faulty(reading, 'holds the bias of an up matrix without the matrix');
        found.push(['bias', { kind: 'difference', values: upBias, scale: main.scale }]);
    }
    if (found.length === 0) throw faulty(reading, 'holds an alpha and no matrices');
    return found;
}

/** The one product that a module stores, in whichever form. */
function mainDelta(reading: ModuleReading): Delta | undefined {
    const { module } = reading;
    const { up, down, mid } = module;
    const deltas: Delta[] = [];
    if (up || down || mid) {
        if (!up || !down) throw lacks(reading, 'its up or down matrix');
        const rank = down.shape[0] ?? 0;
        if (rank === 0 || up.shape[1] !== (mid ? mid.shape[0] : rank))
            throw faulty(reading, 'holds matrices of different ranks');
        deltas.push({ kind: 'low-rank', up, down, ...(mid && { mid }), scale: scaleIn(reading, rank) });
    }
    const hadamard = [module.hadaFirstA, module.hadaFirstB, module.hadaSecondA, module.hadaSecondB] as const;
    if (hadamard.some(Boolean)) {
        const [a1, b1, a2, b2] = hadamard;
        if (!a1 || !b1 || !a2 || !b2) throw lacks(reading, 'one of its four Hadamard matrices');
        if (Boolean(module.hadaFirstCore) !== Boolean(module.hadaSecondCore))
            throw lacks(reading, 'one of its two cores');
        deltas.push({
            kind: 'hadamard',
            first: { a: a1, b: b1, ...(module.hadaFirstCore && { core: module.hadaFirstCore }) },
            second: { a: a2, b: b2, ...(module.hadaSecondCore && { core: module.hadaSecondCore }) },
            scale: scaleIn(reading, b1.shape[0] ?? 1),
        });
    }
    const first = factorOf(reading, module.lokrFirst, module.lokrFirstA, module.lokrFirstB);
    const second = factorOf(reading, module.lokrSecond, module.lokrSecondA, module.lokrSecondB, module.lokrSecondCore);
    if (first || second) {
        if (!first || !second) throw lacks(reading, 'one of its two Kronecker factors');
        // Both factors whole: there is no rank, and alpha says nothing.
        const ranked = 'b' in first ? first.b : 'b' in second ? second.b : undefined;
        const scale = ranked ? scaleIn(reading, ranked.shape[0] ?? 1) : reading.weight;
        deltas.push({ kind: 'kronecker', first, second, scale });
    }
    if (deltas.length > 1) throw faulty(reading, 'mixes several forms (LoRA, LoHa, LoKr)');
    return deltas[0];
}

function factorOf(
    reading: ModuleReading,
    whole: TensorLocation | undefined,
    a: TensorLocation | undefined,
    b: TensorLocation | undefined,
    core?: TensorLocation,
): Factor | undefined {
    if (whole) return { whole };
    if (!a && !b) return undefined;
    if (!a || !b) throw lacks(reading, 'one of the matrices of a Kronecker factor');
    return { a, b, ...(core && { core }) };
}

function scaleIn({ name, module, scaleOf, weight }: ModuleReading, rank: number): number {
    const alpha = module.alpha && readTensor(module.alpha).data[0];
    return weight * scaleOf(name, rank, alpha);
}

/** One magnitude per output: rows; per input: columns. The position of the ones decides where a layer is square. */
function alongOf(magnitude: TensorLocation, weights: TensorLocation, isPeft: boolean): 'rows' | 'columns' {
    const [first = 1, second = 1] = magnitude.shape;
    const isColumns = first === 1 && second !== 1 && second === weights.shape[1] && magnitude.shape.length > 1;
    // peft stores the magnitudes of a convolution's outputs as [1, out, 1, 1], LyCORIS those of its inputs as [1, in, 1, 1].
    return isColumns && !(isPeft && weights.shape.length === 4 && second === weights.shape[0]) ? 'columns' : 'rows';
}

function lacks(reading: ModuleReading, what: string): ModelError {
    return faulty(reading, `lacks ${what}`);
}

function faulty({ path, name }: ModuleReading, what: string): ModelError {
    return new ModelError('model/missing-tensor', `"${path}": the module "${name}" ${what}. Download the file again.`);
}
