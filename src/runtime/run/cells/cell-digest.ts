/** The digest of one picture's plan, by which it is found in other runs. */
import type { Cell } from '../../../plan/cells.ts';
import { digest } from '../../../plan/digest.ts';

/** 16 hex digits that name the plan of one picture, its seed among its settings. */
export function cellDigest({ plan }: Pick<Cell, 'plan'>): string {
    return digest(plan).slice(0, 16);
}
