/** The U-Nets of a run: plain, tapped, or for bias features only; compiled when first needed. */

import { branchOf } from '../../plan/passes/deep-cache.ts';
import type { PicturePlan } from '../../plan/plan.ts';
import type { EditPoint } from '../../plan/sites.ts';
import { editPoints, siteOf } from '../../plan/sites.ts';
import type { Topology } from '../../plan/topology.ts';
import type { Unets } from '../denoise/denoise-request.ts';
import type { StableDiffusion } from '../engine/stable-diffusion.ts';
import { RunError } from '../run-error.ts';
import type { TensorSink } from '../tensor-sink.ts';
import { topologyOf } from '../weights/config.ts';

/** The sites that the sink wants are watched in every pass over the guided rows, at cached steps those of the branch. */
export function unetsOf(model: StableDiffusion, { precision }: PicturePlan, sink?: TensorSink): Unets {
    const watched = (sink?.sites ?? []).flatMap((site) =>
        watchedPoints(site, topologyOf(model.checkpoint.unet.config)),
    );
    return {
        guided: ({ taps, remembered, control, attention, deep, text }) => {
            const resumes = deep?.use === 'resume';
            const features = watched.filter((point) => !resumes || deep.branch.points.has(point));
            return model.unet({
                ...(taps.length > 0
                    ? { taps: taps.map(({ point, normalise }) => ({ point, normalise, remembered })) }
                    : {}),
                ...(control ? { controlResiduals: true } : {}),
                ...(text ? { text } : {}),
                ...(precision ? { precision } : {}),
                ...(deep ? { [resumes ? 'resumeAt' : 'keepAt']: deep.branch.at } : {}),
                ...(attention ? { attentionMaps: true } : features.length > 0 ? { features } : {}),
            });
        },
        features: (points) => model.unet({ features: points, stopAt: 'features', ...(precision ? { precision } : {}) }),
    };
}

/** What a sink that wants features of sites gets less of, because cached steps run a branch only; undefined where it gets all. */
export function unsavedText(
    { deepCache }: PicturePlan,
    net: Topology,
    sink: TensorSink | undefined,
): string | undefined {
    const branch = deepCache && branchOf(deepCache, net);
    const below = sink?.sites.find((site) => watchedPoints(site, net).some((point) => !branch?.points.has(point)));
    if (!branch || !below) return undefined;
    return `At cached steps only ${branch.at} and what follows it run: ${below} is saved at whole steps. Leave \`cache\` out to save it at all of them.`;
}

function watchedPoints(name: string, net: Topology): readonly EditPoint[] {
    const site = siteOf(name, net);
    if (!site) throw new RunError('input/unreadable', `There is no layer "${name}"; write for instance OUT04 or mid.`);
    return editPoints(site, net);
}
