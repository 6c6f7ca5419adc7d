/** One word for one idea: words that had another name are understood, and the fix writes the name that they have now. */
import { type AstNode, AstUtils, type CstNode, GrammarUtils } from 'langium';
import type { TextChange } from '../../plan/problem.ts';
import { placeFrom, type Report } from '../place.ts';
import type { Checks } from './check.ts';

export const formerWordChecks: Checks = {
    Sweep: (node, report) => renamed(node, 'zipped', 'together', report),
    ScaleAxis: (node, report) => renamed(node, 'by', 'weight', report),
    InfuseAxis: (axis, report) => {
        if (axis.property !== 'layer' || !axis.layer || !axis.values?.$cstNode) return;
        const now = `{ ${axis.layer.$refText} in ${axis.values.$cstNode.text} }`;
        renamed(axis, 'layer', now, report, axis.values.$cstNode);
    },
    StartPicture: (node, report) => renamed(node, 'weight', 'share', report),
    Member: (node, report) => renamed(node, 'weight', 'share', report),
    MemberAxis: (node, report) => renamed(node, 'weight', 'share', report),
    TraceClause: (clause, report) => {
        renamed(clause, 'completed', 'finished in 1 step', report);
        const steps = GrammarUtils.findNodeForProperty(clause.$cstNode, 'finish');
        if (steps) renamed(clause, 'finish', finishedIn(steps.text), report, steps);
    },
    InfuseClause: (clause, report) => {
        const value = (property: string) => GrammarUtils.findNodeForProperty(clause.$cstNode, property);
        renamed(clause, 'latent', clause.latent === 'clean' ? 'noise none' : 'noise matched', report, value('latent'));
        renamed(clause, 'rows', clause.rows === 'cond' ? 'on prompt' : 'on both', report, value('rows'));
        if (clause.text === 'rows') renamed(clause, 'text', 'text as painted', report, value('text'));
        if (clause.normalise === 'match-std') renamed(clause, 'normalise', 'normalise', report, value('normalise'));
        if (clause.normalise === 'none') renamed(clause, 'normalise', '', report, value('normalise'));
    },
};

function finishedIn(count: string): string {
    return `finished in ${count} ${count === '1' ? 'step' : 'steps'}`;
}

/** Reports a word of a node, with the value behind it, if it has one. */
function renamed(node: AstNode, word: string, now: string, report: Report, value?: CstNode): void {
    // The value `rows` of `text rows` is a word too.
    const before = (one: CstNode) => value === undefined || one.end <= value.offset;
    const all = GrammarUtils.findNodesForKeyword(node.$cstNode, word);
    const index = all.filter(before).length - 1;
    const found = all[index];
    if (!found) return;
    const end = value?.end ?? found.end;
    const { textDocument } = AstUtils.getDocument(node);
    const text = textDocument.getText();
    const former = text.slice(found.offset, end);
    if (former === now) return;
    const gap = now === '' ? /\s*$/.exec(text.slice(0, found.offset))![0].length : 0;
    const change: TextChange = { where: placeFrom(node, found.offset - gap, end), newText: now };
    const message =
        now === ''
            ? `\`${former}\` is what holds without it: leave it out.`
            : `\`${former}\` is called \`${now}\` now: each idea has one word.`;
    const title = now === '' ? 'Leave it out' : `Change to \`${now}\``;
    report('word/former', 'warning', message, node, { keyword: word, index, fix: { title, ...change } });
}
