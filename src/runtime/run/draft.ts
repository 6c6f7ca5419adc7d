/** A draft: the picture in few steps, shown and kept nowhere, before the one that was asked for is begun. */
import type { Cell } from '../../plan/cells.ts';
import type { PicturePlan } from '../../plan/plan.ts';
import { isCancelled } from '../run-error.ts';
import { contextOf, type RunContext } from './make-pictures.ts';

/** Emits the draft of each cell as its preview. What fails here is reported by the picture itself, which fails as well. */
export async function showDraft(plan: PicturePlan, cells: readonly Cell[], making: RunContext): Promise<void> {
    making.emit({ kind: 'stage', stage: 'draft' });
    const batch = { plan, cells };
    const emit: RunContext['emit'] = (event) => {
        if (event.kind === 'preview') making.emit(event);
    };
    const context = contextOf(batch, new Map(), { ...making, emit }, 'draft.');
    try {
        for await (const { index, picture } of making.workshop.generate(plan, context)) {
            const cell = cells[index]?.index ?? index;
            making.emit({ kind: 'preview', cell, step: plan.steps - 1, picture, draft: plan.steps });
        }
    } catch (error) {
        if (isCancelled(error)) throw error;
    }
}
