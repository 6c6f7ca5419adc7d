/** Companions of the built-in model: they fit no other. Told before a run would fail on it. */
import { type AstNode, AstUtils } from 'langium';
import { companionOf } from '../../plan/companions.ts';
import * as ast from '../generated/ast.ts';
import type { Effective } from '../inherit.ts';
import { BUILTIN_MODELS, type UnetShape } from '../models.ts';
import type { Report } from '../place.ts';

/** LoRAs, learned words and ControlNets of the built-in model in a generate whose model has another shape. */
export function tellForeign(
    generate: ast.Generate,
    settings: readonly Effective[],
    unet: UnetShape,
    report: Report,
): void {
    for (const { setting } of settings) {
        for (const used of usedBy(setting)) {
            const companion = companionOf(used.source ?? '');
            const own = companion && BUILTIN_MODELS[companion.model];
            if (!own || (own.context === unet.context && `${own.channels}` === `${unet.channels}`)) continue;
            const message = `\`${used.name}\` fits \`builtin:${companion.model}\` alone: its U-Net has channels ${own.channels.join(', ')}, this model's ${unet.channels.join(', ')}.`;
            report('model/foreign', 'error', message, setting.$container === generate ? setting : generate);
        }
    }
}

type Used = ast.Lora | ast.Embedding | ast.ControlNet;

function usedBy(setting: AstNode): readonly Used[] {
    const found = ast.isApplyClause(setting)
        ? [setting.lora?.ref]
        : ast.isControlClause(setting)
          ? [setting.net?.ref]
          : AstUtils.streamAst(setting)
                .toArray()
                .flatMap((node) => (ast.isHole(node) ? [node.target?.ref] : []));
    return found.filter((one): one is Used => ast.isLora(one) || ast.isEmbedding(one) || ast.isControlNet(one));
}
