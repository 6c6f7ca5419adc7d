/** `expect` blocks to expectations. */

import type { Expectation } from '../../plan/run.ts';
import * as ast from '../generated/ast.ts';
import { PHASH_WITHIN } from '../meaning/defaults.ts';
import { secondsOf, writtenDigest } from '../meaning/values.ts';
import type { Lowering } from './context.ts';
import { fileRef } from './files.ts';
import { madePictures } from './sources.ts';

export function expectationsOf(runnable: ast.Runnable, context: Lowering): readonly Expectation[] {
    const parts: readonly ast.SdspecAstType[keyof ast.SdspecAstType][] = ast.isSweep(runnable)
        ? runnable.items
        : runnable.settings;
    return parts
        .filter(ast.isExpectClause)
        .flatMap(({ checks }) => checks)
        .flatMap((check) => expectationOf(check, context));
}

function expectationOf(check: ast.Expectation, context: Lowering): readonly Expectation[] {
    if (ast.isTimeExpectation(check)) return [{ kind: 'time', atMostSeconds: secondsOf(check.limit) }];
    if (ast.isLossExpectation(check)) return [{ kind: 'loss', atMost: check.atMost }];
    if (check.digest) {
        const { kind, hex } = writtenDigest(check.digest);
        return [kind === 'sha256' ? { kind, sha256: hex } : { kind, phash: hex, within: check.within ?? PHASH_WITHIN }];
    }
    const source = check.picture?.ref;
    if (!source || !check.metric || check.atLeast === undefined) return [];
    const to = ast.isGenerate(source) ? madePictures(source, check.which, check, context)[0] : fileRef(source, context);
    return to ? [{ kind: check.metric, to, atLeast: check.atLeast }] : [];
}
