/** A U-Net and a ControlNet as one graph: what the ControlNet gives, the U-Net adds, and gradients flow back to the former. */
import { CONTROLNET_PORTS } from '../../graph/controlnet.ts';
import type { Graph, Value } from '../../graph/graph.ts';
import { UNET_PORTS } from '../../graph/unet.ts';

/** Before the names of everything that is the ControlNet's own. */
const OWN = 'control.';

/** Inputs that both networks read. */
const SHARED: ReadonlySet<Value> = new Set([UNET_PORTS.sample, UNET_PORTS.waves, UNET_PORTS.context]);

/** The joined graph's inputs besides the U-Net's. */
export const CONTROLLED_PORTS = {
    hint: `${OWN}${CONTROLNET_PORTS.hint}`,
    scales: `${OWN}${CONTROLNET_PORTS.scales}`,
} as const;

/** Whether a module of the joined graph is the ControlNet's. */
export function isControlModule(module: string): boolean {
    return module.startsWith(OWN);
}

/** The name of a module or value in the ControlNet's own files. */
export function ownName(name: string): string {
    return name.slice(OWN.length);
}

/** Puts the ControlNet's graph before the U-Net's, which was built with `controlResiduals`. */
export function joinControlNet(unet: Graph, control: Graph): void {
    const renamed = (value: Value) => (value === '' || SHARED.has(value) ? value : `${OWN}${value}`);
    const given = new Set(control.outputs.map(({ name }) => renamed(name)));
    const nodes = control.nodes.map((node) => ({
        ...node,
        name: renamed(node.name),
        inputs: node.inputs.map(renamed),
        outputs: node.outputs.map(renamed),
    }));
    unet.nodes.unshift(...nodes);
    for (const initializer of control.initializers.values()) {
        const name = renamed(initializer.name);
        unet.initializers.set(name, { ...initializer, name });
    }
    // The residuals are no inputs any more: the ControlNet's outputs have the names that the U-Net reads.
    const inputs = unet.inputs.filter(({ name }) => !given.has(name));
    const own = control.inputs.filter(({ name }) => !SHARED.has(name));
    unet.inputs.splice(0, unet.inputs.length, ...inputs, ...own.map((port) => ({ ...port, name: renamed(port.name) })));
}
