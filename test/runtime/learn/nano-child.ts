/** A process that learns on the nano model and prints each step: to be killed. `node --import tsx nano-child.ts FOLDER STEPS`. */
import { LORA, learnOnNano, planFor } from './nano-learning.ts';

const [folder = '', steps = ''] = process.argv.slice(2);
const { outcome } = await learnOnNano(planFor(LORA, { steps: Number(steps) }), folder, {
    emit: (event) => event.kind === 'progress' && console.log(`step ${event.step}`),
});
console.log(`done ${outcome.sha256} ${outcome.resumed}`);
