/** What the runtime does not carry out yet: in the editor a word of information, when it is run an error. */

import type { AstNode } from 'langium';
import { notYet } from '../meaning/not-yet.ts';
import type { Report } from '../place.ts';
import type { Checks } from './check.ts';

const TYPES = ['ControlClause', 'ControlAxis', 'ApplyClause', 'ApplyAxis', 'Hole'] as const;

export const notYetChecks: Checks = Object.fromEntries(
    TYPES.map((type) => [
        type,
        (node: AstNode, report: Report) => {
            const entry = notYet(node);
            if (entry) report(`not-yet/${entry.what}`, 'information', entry.message, node);
        },
    ]),
);
