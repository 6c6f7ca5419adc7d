/** A runtime process with the fake workshop. Prompts say what happens: `slow`, `patient` (until it is stopped), `busy`, `stuck`, `crash`, `exit`, `handles`. */
import { serve } from '../../../src/runtime/process/serve.ts';
import { fakeWorkshop } from '../run/fake-workshop.ts';
import { FAKE_MODEL, fakeLearn } from '../run/learning/fake-learn.ts';

serve(
    fakeWorkshop(
        async (plan, index, { signal }) => {
            const { conditioning } = plan;
            const word = conditioning.kind === 'prompt' ? conditioning.prompt.phrases[0]?.text : undefined;
            if (word === 'slow' || word === 'patient') {
                const times = word === 'slow' ? 200 : Infinity;
                for (let k = 0; k < times && !signal?.aborted; k++)
                    await new Promise((resolve) => setTimeout(resolve, 10));
            }
            if (word === 'busy') {
                // A step that leaves no time for messages, longer than the grace period of the tests.
                for (const until = performance.now() + 600; performance.now() < until; );
            }
            if (index === 0) return;
            if (word === 'stuck') for (;;);
            if (word === 'crash') process.kill(process.pid, 'SIGKILL');
            if (word === 'handles') {
                console.error("Error: EMFILE: too many open files, open 'weights'");
                process.exit(1);
            }
            if (word === 'exit') {
                console.error('the driver gave up');
                process.exit(3);
            }
        },
        { learn: fakeLearn, openModel: () => Promise.resolve(FAKE_MODEL) },
    ),
);
