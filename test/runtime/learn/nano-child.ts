/**
 * A process that learns on the nano model and prints each step. `node --import tsx nano-child.ts FOLDER STEPS [AFTER
 * MILLISECONDS]`: it kills itself without warning so long after its own step AFTER, most likely in the middle of a step.
 */
import { LORA, learnOnNano, planFor } from './nano-learning.ts';

const [folder = '', steps = '', after, milliseconds] = process.argv.slice(2);
let own = 0;
const { outcome } = await learnOnNano(planFor(LORA, { steps: Number(steps) }), folder, {
    emit(event) {
        if (event.kind !== 'progress') return;
        console.log(`step ${event.step}`);
        own++;
        if (own === Number(after)) setTimeout(() => process.kill(process.pid, 'SIGKILL'), Number(milliseconds));
    },
});
console.log(`done ${outcome.sha256} ${outcome.resumed}`);
