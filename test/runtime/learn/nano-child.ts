/**
 * A process that learns on the nano model and prints each step. `node --import tsx nano-child.ts FOLDER STEPS lora|controlnet
 * [AFTER MILLISECONDS]`: it kills itself without warning so long after its own step AFTER, most likely in the middle of a step.
 */
import { CONTROLNET, LORA, learnOnNano, planFor } from './nano-learning.ts';

const [folder = '', steps = '', kind, after, milliseconds] = process.argv.slice(2);
let own = 0;
const target = kind === 'controlnet' ? CONTROLNET : LORA;
// Pictures on the way, here none, save the state: every 10 steps instead of every 50.
const plan = planFor(target, { steps: Number(steps), trace: { every: 10, pictures: [] } });
const { outcome } = await learnOnNano(plan, folder, {
    emit(event) {
        if (event.kind !== 'progress') return;
        console.log(`step ${event.step}`);
        own++;
        if (own === Number(after)) setTimeout(() => process.kill(process.pid, 'SIGKILL'), Number(milliseconds));
    },
});
console.log(`done ${outcome.sha256} ${outcome.resumed}`);
