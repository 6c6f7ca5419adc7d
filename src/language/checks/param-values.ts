/** Params where a size, a length, a window, a sampler, a schedule, a set of weights or a part of a path is written: their values fit. */
import type { AstNode } from 'langium';
import type { TemplateText } from '../generated/ast.ts';
import { pieces } from '../grammar/text.ts';
import { type WrongValue, wrongSampler, wrongSize, wrongWeights } from '../meaning/param-values.ts';
import { wrongGrid, wrongOverlap, wrongPaper, wrongQuantity, wrongWindow } from '../meaning/quantities.ts';
import { isWhole } from '../meaning/whole.ts';
import type { Report } from '../place.ts';
import type { Checks } from './check.ts';

export const paramValueChecks: Checks = {
    SizeClause: (clause, report) => {
        reportWrong(clause, 'param', wrongSize(clause), report);
        reportWrong(clause, 'overlap', wrongOverlap({ side: clause.windows, overlap: clause.overlap }), report);
    },
    SamplerClause: (clause, report) => reportWrong(clause, 'sampler', wrongSampler(clause), report),
    InfuseClause: (clause, report) => reportWrong(clause, 'weights', wrongWeights(clause), report),
    ScaleClause: (clause, report) => reportWrong(clause, 'weights', wrongWeights(clause), report),
    Quantity: (quantity, report) => reportWrong(quantity, 'param', wrongQuantity(quantity), report),
    Window: (window, report) => {
        const wrong = isWhole(window) ? wrongWindow(window) : undefined;
        if (wrong) report(wrong.code, 'error', wrong.message, window);
    },
    GridClause: (clause, report) => reportWrong(clause, 'param', wrongGrid(clause), report),
    PaperClause: (clause, report) => reportWrong(clause, 'param', wrongPaper(clause), report),
    UpscaleClause: (clause, report) => {
        reportWrong(clause, 'overlap', wrongOverlap({ side: clause.tile, overlap: clause.overlap }), report);
    },
    TextLiteral: ({ template }, report) => {
        if (!template || pieces(template).every(({ kind }) => kind !== 'param')) return;
        const message =
            "A param's value has no params in it: write the words themselves, or both params in the prompt. For the character write `\\{`.";
        report('param/nested', 'error', message, template);
    },
    Image: ({ template }, report) => reportWords(template, report),
    Lora: ({ template }, report) => reportWords(template, report),
    Embedding: ({ template }, report) => reportWords(template, report),
    ControlNet: ({ template }, report) => reportWords(template, report),
    Upscaler: ({ template }, report) => reportWords(template, report),
};

function reportWords(template: TemplateText | undefined, report: Report): void {
    if (!template || pieces(template).every(({ kind }) => kind !== 'embedding')) return;
    report('file/word', 'error', 'Learned words are for prompts: a path has params in braces, `{name}`.', template);
}

function reportWrong(clause: AstNode, property: string, wrong: WrongValue | undefined, report: Report): void {
    if (wrong) report(wrong.code, 'error', wrong.message, clause, { property: wrong.property ?? property });
}
