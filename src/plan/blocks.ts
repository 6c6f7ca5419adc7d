/** Blocks: which of the U-Net's blocks, with all their weights, a site stands for. */
import { BLOCKS, type Block, editPoints, type Site, STAGES } from './sites.ts';

const TRUNK: readonly Site[] = STAGES.filter((site) => !site.startsWith('skip'));

/**
 * The blocks of a stage (`down.0` is IN01 to IN03), or the block itself. Skip connections have no weights: none. The first
 * convolution, IN00, belongs to no stage.
 */
export function blocksOf(site: Site): readonly Block[] {
    const stage = TRUNK.indexOf(site);
    if (stage < 0) return BLOCKS.filter((block) => block === site);
    const endOf = (index: number) => BLOCKS.indexOf(editPoints(TRUNK[index]!)[0] as Block);
    return BLOCKS.slice(stage === 0 ? 1 : endOf(stage - 1) + 1, endOf(stage) + 1);
}
