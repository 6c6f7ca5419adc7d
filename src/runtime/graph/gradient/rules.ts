/** The table of rules: for each operator, how the gradient of its result becomes the gradients of its inputs. */
import type { Rule } from './rule.ts';
import { ACTIVATIONS } from './rules/activations.ts';
import { ARITHMETIC } from './rules/arithmetic.ts';
import { ATTENTION } from './rules/attention.ts';
import { CONVOLUTION } from './rules/convolution.ts';
import { LAYOUT } from './rules/layout.ts';
import { NORMALISATION } from './rules/normalisation.ts';
import { PRODUCTS } from './rules/products.ts';

export const RULES: Readonly<Record<string, Rule>> = {
    ...ARITHMETIC,
    ...LAYOUT,
    ...PRODUCTS,
    ...CONVOLUTION,
    ...NORMALISATION,
    ...ACTIVATIONS,
    ...ATTENTION,
};
