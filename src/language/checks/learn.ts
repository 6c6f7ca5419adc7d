/** Learning: what is learnt from what, captions that name it, and numbers that work. */
import { AstUtils } from 'langium';
import { ALIASES, type Block } from '../../plan/sites.ts';
import * as ast from '../generated/ast.ts';
import { holeKind, pieces } from '../grammar/text.ts';
import { clauseOf, clausesOf, isTargetClause, targetClause, trainedBlocks } from '../lower/learn.ts';
import { LEARNING } from '../meaning/defaults.ts';
import { sitesOf } from '../meaning/layers.ts';
import { isWhole } from '../meaning/whole.ts';
import { type Report, removeLine, replace } from '../place.ts';
import type { Checks } from './check.ts';
import { checkAmount, known } from './numbers.ts';

/** Above these rates learning tends to diverge. */
const HIGH_RATE = {
    WordClause: 0.02,
    LoraClause: 0.01,
    LearnWeightsClause: 0.001,
    LearnControlNetClause: 0.005,
} as const;

export const learnChecks: Checks = {
    Learn: (learn, report) => {
        reportTarget(learn, report);
        reportBeside(learn, report);
        reportWeights(learn, report);
        reportNumbers(learn, report);
    },
    FromClause: (clause, report) => {
        const learn = clause.$container;
        const target = targetClause(learn);
        if (!target || !ast.isWordClause(target)) return;
        for (const [index, text] of clause.captions.entries()) {
            if (!isWhole(text) || namesWord(text, learn)) continue;
            const message = `This caption lacks the word that is to be learnt: write \`<${learn.name}>\` where the subject is named.`;
            const source = text.$cstNode?.text ?? '';
            const better =
                target.like && source.replace(new RegExp(`\\b${escaped(target.like)}\\b`), `<${learn.name}>`);
            const fix = better && better !== source ? { fix: replace(`Write \`<${learn.name}>\``, text, better) } : {};
            report('learn/word', 'error', message, clause, { property: 'captions', index, ...fix });
        }
    },
    Hole: (hole, report) => {
        const target = hole.target?.ref;
        if (!target || holeKind(hole.$container, hole.$containerIndex ?? 0) !== 'embedding') return;
        if (ast.isLearn(target) && !ast.isWordClause(targetClause(target))) {
            const message = `\`${target.name}\` learns no word: write \`${useOf(target)}\` in the generate, and plain words here.`;
            report('learn/no-word', 'error', message, hole);
        }
        const learn = AstUtils.getContainerOfType(hole, ast.isLearn);
        if (learn && target !== learn) {
            const message = `A \`learn\` can't use the learnt word \`<${hole.target.$refText}>\`: write plain words.`;
            report('learn/other-word', 'error', message, hole);
        }
    },
    ApplyClause: (clause, report) => {
        const learn = clause.lora?.ref;
        if (!ast.isLearn(learn)) return;
        const target = targetClause(learn);
        if (!target || ast.isLoraClause(target) || ast.isLearnWeightsClause(target)) return;
        if (ast.isLearnControlNetClause(target)) {
            const message = `\`${learn.name}\` learns a ControlNet: write \`${useOf(learn)}\` with the picture to follow.`;
            report('learn/apply', 'error', message, clause);
            return;
        }
        const message = `\`${learn.name}\` learns a word: write \`<${learn.name}>\` in the prompt, and leave \`apply\` out.`;
        report('learn/apply', 'error', message, clause, { fix: removeLine('Remove this line', clause) });
    },
    ControlClause: (clause, report) => {
        const learn = clause.net?.ref;
        const target = ast.isLearn(learn) ? targetClause(learn) : undefined;
        if (!learn || !target || ast.isLearnControlNetClause(target)) return;
        const message = `\`${learn.name}\` learns no ControlNet: write \`${ast.isWordClause(target) ? `<${learn.name}>\` in the prompt` : `apply ${learn.name}\``}, and leave \`control\` out.`;
        report('learn/control', 'error', message, clause, { property: 'net' });
    },
    TrainedLayers: (target, report) => {
        const sites = sitesOf(target.selectors);
        const skip = sites.find((site) => site.startsWith('skip'));
        if (skip) {
            const message = `\`${skip}\` is a connection and has no weights to learn: name stages or blocks, such as \`OUT03..OUT05\`.`;
            report('learn/skip', 'error', message, target);
        }
        const kind = AstUtils.getContainerOfType(target, ast.isLoraClause) ? 'lora' : 'weights';
        const layers = target.layers ?? LEARNING[kind].layers;
        const blocks = trainedBlocks(target);
        if (layers === 'all' || blocks.length === 0 || blocks.some(hasAttention)) return;
        const message = `${blocks.join(', ')} ${blocks.length > 1 ? 'have' : 'has'} no ${layers === 'attention' ? 'attention' : 'transformer'}: write \`all of\` before, or name others, such as \`OUT03..OUT11\`.`;
        report('learn/layers', 'error', message, target);
    },
    StepsClause: (clause, report) => {
        if (ast.isLearn(clause.$container)) checkAmount(clause.value, 'learnSteps', report);
    },
    SeedClause: (clause, report) => {
        if (!ast.isLearn(clause.$container)) return;
        if (clause.items.length === 1 && !clause.items[0]?.to) return;
        report('learn/seed', 'error', 'A `learn` has one seed: write another `learn` for another seed.', clause);
    },
    BatchClause: ({ value }, report) => checkAmount(value, 'batch', report),
    RateClause: (clause, report) => {
        checkAmount(clause.value, 'rate', report);
        checkAmount(clause.warmup, 'warmup', report);
        checkAmount(clause.decay, 'weightDecay', report);
        checkAmount(clause.clip, 'gradientNorm', report);
        const target = targetClause(clause.$container);
        const rate = known(clause.value);
        if (!target || rate === undefined || rate > 1 || rate <= HIGH_RATE[target.$type]) return;
        const message = `A rate of ${rate} is high: above ${HIGH_RATE[target.$type]} learning often diverges here.`;
        report('learn/rate', 'information', message, clause, { property: 'value' });
    },
    BesideClause: ({ weight }, report) => checkAmount(weight, 'beside', report),
    WordClause: (clause, report) => {
        checkAmount(clause.vectors, 'vectors', report);
        if (clause.like?.trim()) return;
        const message = 'Write what the word begins as, its kind in one word: `word like "animal"`.';
        report('learn/like-missing', 'error', message, clause);
    },
    LoraClause: (clause, report) => {
        checkAmount(clause.rank, 'rank', report);
        checkAmount(clause.alpha, 'alpha', report);
    },
    LearnTraceClause: (clause, report) => {
        checkAmount(clause.every, 'learnSteps', report);
        const isControlNet = ast.isLearnControlNetClause(targetClause(clause.$container));
        if (isControlNet === (clause.picture !== undefined)) return;
        const message = isControlNet
            ? 'Pictures by a ControlNet follow a picture: write which, `by PICTURE`, after the prompts.'
            : 'Only pictures by a ControlNet follow a picture: leave `by` out.';
        report('learn/trace', 'error', message, clause, isControlNet ? {} : { property: 'picture' });
    },
    PictureExpectation: (expectation, report) => {
        if (!AstUtils.getContainerOfType(expectation, ast.isLearn)) return;
        const message = 'A `learn` makes no picture to judge: expect `loss <= 0.1` here, and `image` in a generate.';
        report('expect/learn', 'error', message, expectation);
    },
    LossExpectation: (expectation, report) => {
        if (AstUtils.getContainerOfType(expectation, ast.isLearn)) return;
        report('expect/loss', 'error', 'Only a `learn` has a loss: expect `image` or `time` here.', expectation);
    },
};

function reportTarget(learn: ast.Learn, report: Report): void {
    const at = { property: 'name' };
    const targets = learn.settings.filter(isTargetClause);
    // A misspelt clause is reported by itself: what it may have been is not missing as well.
    const unknown = learn.settings.some(ast.isUnknownSetting);
    if (targets.length === 0 && !unknown) {
        const message = `\`${learn.name}\` does not say what is learnt: write \`word like "animal"\`, \`lora rank 8\`, \`weights at OUT*\` or \`controlnet edges\`.`;
        report('learn/what', 'error', message, learn, at);
    }
    const second = targets[1];
    if (second && targets.some(({ $type }) => $type !== second.$type)) {
        const fix = removeLine('Remove this line', second);
        const message = 'One thing is learnt at a time: keep one of `word`, `lora`, `weights`, `controlnet`.';
        report('learn/what', 'error', message, second, { fix });
    }
    if (!unknown && !learn.settings.some(ast.isFromClause)) {
        const message = `\`${learn.name}\` needs a clause \`from\`, as in \`from pictures "photo of <${learn.name}>"\`.`;
        report('clause/missing', 'error', message, learn, at);
    }
}

function reportBeside(learn: ast.Learn, report: Report): void {
    const target = targetClause(learn);
    const beside = clauseOf(learn, ast.isBesideClause);
    const changesModel = ast.isLoraClause(target) || ast.isLearnWeightsClause(target);
    if (target && !changesModel && beside) {
        const what = ast.isWordClause(target) ? 'a word' : 'a ControlNet';
        const message = `Learning ${what} changes nothing else, so nothing is forgotten: leave \`beside\` out.`;
        report('learn/beside', 'warning', message, beside, { fix: removeLine('Remove this line', beside) });
    } else if (changesModel && !beside && clausesOf(learn, ast.isFromClause).length === 1) {
        // A second `from` may be pictures of the kind at large.
        const message =
            'With nothing beside them, other pictures of the kind may be forgotten: add `beside`, or a second `from`, with pictures of the kind at large.';
        report('learn/beside', 'hint', message, target);
    }
}

/** The loss of all pictures beside counts alike. */
function reportWeights(learn: ast.Learn, report: Report): void {
    const weights = clausesOf(learn, ast.isBesideClause).flatMap(({ weight }) => (weight ? [weight] : []));
    const other = weights.find((weight) => known(weight) !== known(weights[0]));
    if (!other) return;
    report('learn/weights', 'error', 'All pictures beside have one weight: write it once.', other);
}

function reportNumbers(learn: ast.Learn, report: Report): void {
    const stepsClause = clauseOf(learn, ast.isStepsClause);
    const steps = stepsClause ? known(stepsClause.value) : LEARNING.steps;
    if (steps === undefined) return;
    const warmup = clauseOf(learn, ast.isRateClause)?.warmup;
    if (warmup && (known(warmup) ?? 0) >= steps) {
        const message = `The rate rises during all ${steps} steps: write a shorter warm-up.`;
        report('learn/warmup-long', 'warning', message, warmup);
    }
    const trace = clauseOf(learn, ast.isLearnTraceClause);
    const every = known(trace?.every);
    if (trace && every !== undefined && every > steps) {
        const message = `Only ${steps} steps are taken, so \`every ${every}\` makes no picture: write at most \`every ${steps}\`.`;
        report('trace/nothing', 'warning', message, trace);
    }
}

/** How a generate uses what is learnt. */
function useOf(learn: ast.Learn): string {
    return ast.isLearnControlNetClause(targetClause(learn)) ? `control ${learn.name} by …` : `apply ${learn.name}`;
}

/** Whether a caption holds `<name>` of the learn that it belongs to. */
function namesWord(text: ast.Text, learn: ast.Learn): boolean {
    return pieces(text).some((piece) => piece.kind === 'embedding' && piece.hole.target.ref === learn);
}

function hasAttention(block: Block): boolean {
    return block === 'M00' || ALIASES[block].some((alias) => alias.includes('attentions'));
}

function escaped(words: string): string {
    return words.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
