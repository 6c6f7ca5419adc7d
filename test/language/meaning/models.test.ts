/** Models: what is known of those that come with sdspec is what is in their folders. */
import { existsSync, readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { isModel } from '../../../src/language/generated/ast.ts';
import { nodeFiles } from '../../../src/language/index-node.ts';
import { ALL_SITES } from '../../../src/language/library/layers.ts';
import { BUILTIN_MODELS, factsOf, hasSite } from '../../../src/language/meaning/models.ts';
import { COMPANIONS } from '../../../src/plan/companions.ts';
import { languageWith } from '../workbench.ts';

const folder = new URL('../../../models/', import.meta.url);
/** CLIP's vocabulary belongs to no model: single files that hold none use it. Nor does the classifier that measures. */
const BESIDE = ['README.md', 'clip', 'sketch-judge'];
const entries = readdirSync(folder).filter((name) => !BESIDE.includes(name));
const names = entries.filter((name) => existsSync(new URL(`${name}/model_index.json`, folder)));

test('every model of the folder is known, and no other', () => expect(Object.keys(BUILTIN_MODELS)).toEqual(names));

test('every other entry is a known companion, and all companions are there', () => {
    const companions = Object.values(COMPANIONS).map(({ file }) => file);
    expect(entries.filter((name) => !names.includes(name)).toSorted()).toEqual(companions.toSorted());
});

test.each(names)('%s has the shape that its config says', async (name) => {
    const document = await languageWith().parseText(`model m = "./${name}"`, new URL('spec.sdspec', folder).toString());
    const model = document.parseResult.value.declarations.find(isModel);
    expect(factsOf(model, nodeFiles)?.unet).toEqual(BUILTIN_MODELS[name]);
});

test('a U-Net of four levels has every site, one of three lacks the fourth', () => {
    const shape = BUILTIN_MODELS['sketch']!;
    const small = { ...shape, channels: shape.channels.slice(0, 3) };
    expect(ALL_SITES.filter((site) => !hasSite(shape, site))).toEqual([]);
    expect(ALL_SITES.filter((site) => !hasSite(small, site))).toEqual(
        'down.3 up.3 skip.3 IN09 IN10 IN11 OUT09 OUT10 OUT11 skip[9] skip[10] skip[11]'.split(' '),
    );
});
