/** What a run of several plans remembers from one to the next: encoded pictures, and bias features. */
import { isZero } from '../../plan/curve.ts';
import type { PicturePlan } from '../../plan/plan.ts';
import { editPoints } from '../../plan/sites.ts';
import { type FeatureMemory, featureMemory } from '../denoise/features.ts';
import type { Posterior } from '../engine/stable-diffusion.ts';

export interface RunMemory {
    readonly features: FeatureMemory;
    /** The posterior of a picture; `key` names model, picture and size. Encoded when first asked for. */
    posterior(key: string, encode: () => Promise<Posterior>): Promise<Posterior>;
}

/** The memory for these plans. Features are computed at the edit points of all plans at once, so that one pass serves all. */
export function runMemory(plans: readonly PicturePlan[]): RunMemory {
    const sites = plans.flatMap((plan) => plan.infusions).flatMap((infusion) => infusion.sites);
    const points = sites.filter(({ weight }) => !isZero(weight)).flatMap(({ site }) => editPoints(site));
    const features = featureMemory([...new Set(points)]);
    const posteriors = new Map<string, Promise<Posterior>>();
    return {
        features,
        posterior(key, encode) {
            const posterior = posteriors.get(key) ?? encode();
            posteriors.set(key, posterior);
            return posterior;
        },
    };
}
