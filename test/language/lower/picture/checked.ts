/** Parts of plans, checked: a generate with some settings among ingredients. */
import { expect } from 'vitest';
import type { PicturePlan } from '../../../../src/plan/plan.ts';
import { plan } from '../../workbench.ts';

export const FILES = {
    'a.png': [128, 128],
    'b.png': [128, 128],
    'set/1.png': [64, 64],
    'set/2.png': [64, 64],
} as const;
export const HEAD = `
image pic = "./a.png"
image other = "b.png"
image set = "./set/*.png"
image lines = edges of pic low 50
param style = "ink"
param strong = 9
prompt turtle = "a {style} turtle", "big" weight 1.2
ensemble both over latents {
    calm "a calm sea" weight 1 -> 0
    prompt turtle
}
weights deep { down.* 0  mid 0.3  up.0..up.1 0.3 -> 0.1 cosine  skip.2 -0.05 }
`;

/** A part of the plan of a generate with these settings. */
export async function check<Part extends keyof PicturePlan>(
    settings: string,
    part: Part,
    expected: PicturePlan[Part],
): Promise<void> {
    const made = await plan('picture', `${HEAD}generate a { ${settings} }`, { files: FILES });
    expect(made[part]).toEqual(expected);
}

export const words = (...texts: readonly string[]) => ({ phrases: texts.map((text) => ({ text, weight: 1 })) });
export const file = (path: string) => ({ kind: 'file', path }) as const;
