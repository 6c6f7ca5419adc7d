/** What a run of several plans remembers from one to the next: encoded pictures, and bias features. */
import { isZero } from '../../plan/curve.ts';
import type { PicturePlan } from '../../plan/plan.ts';
import { editPoints } from '../../plan/sites.ts';
import type { Topology } from '../../plan/topology.ts';
import { type FeatureMemory, featureMemory } from '../denoise/features.ts';
import type { Posterior } from '../engine/stable-diffusion.ts';

export interface RunMemory {
    /** Bias features of the U-Nets of one topology. */
    features(net: Topology): FeatureMemory;
    /** All of them. */
    featureMemories(): readonly FeatureMemory[];
    /** The posterior of a picture; `key` names model, picture and size. Encoded when first asked for. */
    posterior(key: string, encode: () => Promise<Posterior>): Promise<Posterior>;
}

/** The memory for these plans. Features are computed at the edit points of all plans at once, so that one pass serves all. */
export function runMemory(plans: readonly PicturePlan[]): RunMemory {
    const sites = plans.flatMap((plan) => plan.infusions).flatMap((infusion) => infusion.sites);
    const used = [...new Set(sites.filter(({ weight }) => !isZero(weight)).map(({ site }) => site))];
    const memories = new Map<string, FeatureMemory>();
    const posteriors = new Map<string, Promise<Posterior>>();
    return {
        features(net) {
            const key = JSON.stringify(net.shape);
            const memory =
                memories.get(key) ?? featureMemory([...new Set(used.flatMap((site) => editPoints(site, net)))]);
            memories.set(key, memory);
            return memory;
        },
        featureMemories: () => [...memories.values()],
        posterior(key, encode) {
            const posterior = posteriors.get(key) ?? encode();
            posteriors.set(key, posterior);
            return posterior;
        },
    };
}
