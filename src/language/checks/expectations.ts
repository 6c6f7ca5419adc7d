/** Expectations: those that can never hold, and those that say nothing. */
import { AstUtils } from 'langium';
import * as ast from '../generated/ast.ts';
import { effective, settingOf } from '../meaning/inherit.ts';
import { secondsOf, writtenDigest } from '../meaning/values.ts';
import { type Report, removeLine, replace } from '../place.ts';
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

/** One picture is compared; of several seeds only the first is judged. */
function reportSeveral(clause: ast.ExpectClause, report: Report): void {
    const generate = AstUtils.getContainerOfType(clause, ast.isGenerate);
    if (!generate || !clause.checks.some(ast.isPictureExpectation)) return;
    const seeds = settingOf(effective(generate), ast.isSeedClause)?.items ?? [];
    const several = seeds.length > 1 || seeds.some(({ from, to }) => to && known(to) !== known(from));
    if (!several) return;
    const message =
        'This generate makes several pictures, but one is expected: give it one seed, or a generate of its own.';
    report('expect/several', 'warning', message, clause);
}
