/** Expectations: those that can never hold, and those that say nothing. */
import * as ast from '../generated/ast.ts';
import { effective, settingOf } from '../meaning/inherit.ts';
import { secondsOf, writtenDigest } from '../meaning/values.ts';
import { placeOf, type Report, removeLine, replace } from '../place.ts';
import type { Checks } from './check.ts';
import { known } from './numbers.ts';

export const expectationChecks: Checks = {
    PictureExpectation: (expectation, report) => {
        const { metric, atLeast, digest, within } = expectation;
        if (metric === 'ssim' && atLeast !== undefined && (atLeast > 1 || atLeast < -1)) {
            const fix = replace('Change to 0.97', expectation, '0.97', { property: 'atLeast' });
            report(
                'expect/never',
                'error',
                'ssim is at most 1, which is the same picture: write `>= 0.97`.',
                expectation,
                { property: 'atLeast', fix },
            );
        }
        if (metric === 'psnr' && atLeast !== undefined && atLeast > 100) {
            report(
                'expect/never',
                'error',
                'Only the very same picture has more than 100 dB: 30 to 40 is usual.',
                expectation,
                { property: 'atLeast' },
            );
        }
        const owner = expectation.$container.$container;
        if (
            ast.isGenerate(owner) &&
            expectation.picture?.ref === owner &&
            !expectation.which &&
            !expectation.$container.each
        ) {
            const message = `This is the picture of \`${owner.name}\` itself, so it always holds: name another picture, or write \`image phash:…\` with the digest of the one that is right.`;
            report('expect/itself', 'warning', message, expectation);
        }
        if (digest && within !== undefined && writtenDigest(digest).kind === 'sha256') {
            const message = 'A sha256 fits or does not: leave `within` out, or take a `phash:`.';
            report('expect/within', 'error', message, expectation, { property: 'within' });
        }
    },
    TimeExpectation: (expectation, report) => {
        if (!expectation.limit || secondsOf(expectation.limit) > 0) return;
        report('expect/never', 'error', 'Nothing takes no time: write a limit like `<= 90s`.', expectation, {
            property: 'limit',
        });
    },
    ExpectClause: (clause, report) => {
        if (clause.checks.length === 0) {
            const fix = removeLine('Remove the block', clause);
            report('expect/empty', 'warning', 'Nothing is expected here: write a line like `time <= 90s`.', clause, {
                fix,
            });
        }
        const hashes = clause.checks
            .filter(ast.isPictureExpectation)
            .filter(({ digest }) => digest?.startsWith('sha256'));
        if (new Set(hashes.map(({ digest }) => digest)).size > 1) {
            report('expect/never', 'error', 'One picture has one sha256: keep one of them.', hashes[1]!, {
                property: 'digest',
            });
        }
        reportSeveral(clause, report);
    },
};

/** One picture is compared unless each is to be: of several seeds, and of a sweep, only the first. */
function reportSeveral(clause: ast.ExpectClause, report: Report): void {
    const runnable = clause.$container;
    const pictures = clause.checks.filter(ast.isPictureExpectation);
    if (pictures.length === 0 && !clause.each) return;
    const isSeveral = ast.isSweep(runnable) || (ast.isGenerate(runnable) && hasSeveralSeeds(runnable));
    if (clause.each && !ast.isSweep(runnable) && !ast.isGenerate(runnable)) {
        const fix = replace('Write `expect`', clause, 'expect', { keyword: 'expect' });
        report('expect/each', 'error', 'Here is one result: leave `each` out.', clause, {
            keyword: 'each',
            fix: { ...fix, where: placeOf(clause, { keyword: 'each' }), newText: '' },
        });
        return;
    }
    const exact = pictures.find(({ digest }) => digest?.startsWith('sha256'));
    if (clause.each && exact && isSeveral) {
        const message =
            'Several pictures do not have one sha256: expect a `phash:` of each, or one sha256 of a generate with one seed.';
        report('expect/never', 'error', message, exact, { property: 'digest' });
    }
    if (!isSeveral || clause.each || pictures.length === 0) return;
    const what = ast.isSweep(runnable) ? 'A sweep makes several pictures' : 'This generate makes several pictures';
    const message = `${what}, and only the first is judged: write \`expect each\` to judge all of them, or expect this of a generate with one seed.`;
    const fix = replace('Write `expect each`', clause, 'expect each', { keyword: 'expect' });
    report('expect/several', 'warning', message, clause, { fix });
}

function hasSeveralSeeds(generate: ast.Generate): boolean {
    const seeds = settingOf(effective(generate), ast.isSeedClause)?.items ?? [];
    return seeds.length > 1 || seeds.some(({ from, to }) => to && known(to) !== known(from));
}
