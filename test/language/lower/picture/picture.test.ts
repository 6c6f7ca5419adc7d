/** Lowering of generates: what is not said, prompts, and traces. */
import { expect, test } from 'vitest';
import { constant } from '../../../../src/plan/curve.ts';
import { plan } from '../../workbench.ts';
import { check, words } from './checked.ts';

test('what a spec does not say has its default', async () => {
    expect(await plan('picture', 'generate a { }')).toMatchInlineSnapshot(`
      {
        "adapters": [],
        "clipSkip": 0,
        "conditioning": {
          "kind": "prompt",
          "prompt": {
            "phrases": [],
          },
        },
        "controls": [],
        "embeddings": [],
        "guidance": {
          "rescale": 0,
          "scale": {
            "easing": "linear",
            "keys": [
              {
                "at": 0,
                "value": 7.5,
              },
            ],
          },
        },
        "infusions": [],
        "kind": "picture",
        "longPrompts": "truncate",
        "model": {
          "kind": "builtin",
          "name": "sketch",
        },
        "negative": {
          "phrases": [],
        },
        "noise": {
          "kind": "torch-cpu",
        },
        "sampler": {
          "eta": 0,
          "name": "dpmpp-2m",
          "schedule": "karras",
        },
        "scales": [],
        "seeds": [
          0,
        ],
        "size": {
          "height": 128,
          "width": 128,
        },
        "steps": 25,
      }
    `);
});

test.each([
    ['prompt "a turtle"', words('a turtle')],
    ['prompt "a {style} turtle"', words('a ink turtle')],
    [String.raw`prompt "a \{style\} \<b\>"`, words('a {style} <b>')],
    [
        'prompt "x", "y" weight 1.3',
        {
            phrases: [
                { text: 'x', weight: 1 },
                { text: 'y', weight: 1.3 },
            ],
        },
    ],
    [
        'prompt { "x" "y" weight strong }',
        {
            phrases: [
                { text: 'x', weight: 1 },
                { text: 'y', weight: 9 },
            ],
        },
    ],
    [
        'prompt turtle',
        {
            phrases: [
                { text: 'a ink turtle', weight: 1 },
                { text: 'big', weight: 1.2 },
            ],
        },
    ],
    ['prompt ""', words()],
])('%s', (settings, prompt) => check(settings, 'conditioning', { kind: 'prompt', prompt }));

test('an ensemble', () =>
    check('prompt both', 'conditioning', {
        kind: 'ensemble',
        over: 'latents',
        members: [
            {
                name: 'calm',
                prompt: words('a calm sea'),
                weight: {
                    keys: [
                        { at: 0, value: 1 },
                        { at: 1, value: 0 },
                    ],
                    easing: 'linear',
                },
            },
            {
                name: 'turtle',
                prompt: {
                    phrases: [
                        { text: 'a ink turtle', weight: 1 },
                        { text: 'big', weight: 1.2 },
                    ],
                },
                weight: constant(1),
            },
        ],
    }));

test('negative words', () => check('negative "blurry"', 'negative', words('blurry')));
test('negative by name', () =>
    check('negative turtle', 'negative', {
        phrases: [
            { text: 'a ink turtle', weight: 1 },
            { text: 'big', weight: 1.2 },
        ],
    }));
test('long prompts', () => check('long prompts chunk', 'longPrompts', 'chunk'));

test.each([
    ['steps 10 trace every 5', { after: [5, 10], completed: false, finish: 0, attention: [] }],
    ['steps 10 trace every 4 finished in 1 step', { after: [4, 8], completed: true, finish: 0, attention: [] }],
    ['steps 3 trace finished in 1, 4 steps', { after: [1, 2, 3], completed: true, finish: 4, attention: [] }],
    ['steps 10 trace every 4 completed', { after: [4, 8], completed: true, finish: 0, attention: [] }],
    ['steps 3 trace', { after: [1, 2, 3], completed: false, finish: 0, attention: [] }],
    ['steps 10 trace at 0%, 50%, 100% finish 4', { after: [0, 5, 10], completed: false, finish: 4, attention: [] }],
    [
        'steps 2 trace at 0%, 10%, 20% attention "sea", "x"',
        { after: [0], completed: false, finish: 0, attention: ['sea', 'x'] },
    ],
    [
        'steps 10 start from pic strength 0.5 trace every 2',
        { after: [2, 4], completed: false, finish: 0, attention: [] },
    ],
    [
        'steps 10 trace at 0%, 4%, 10%, 50%, 90%, 100%',
        { after: [0, 1, 5, 9, 10], completed: false, finish: 0, attention: [] },
    ],
] as const)('%s', (settings, trace) => check(settings, 'trace', trace));

test('equal work has an equal digest, however it is written', async () => {
    const { digest } = await import('../../../../src/plan/digest.ts');
    const one = await plan('picture', 'generate a { steps 10 prompt "x" seed 3 }');
    const two = await plan(
        'picture',
        'prompt p = "x"\ngenerate z { prompt p steps 9 }\ngenerate b extends z { seed 3 steps 10 size 128x128 }',
    );
    expect(digest(two)).toBe(digest(one));
    // A change of the digest would make every stored result a stranger: it is stated in the change log.
    expect(digest(one)).toMatchInlineSnapshot(`"fa921f2603db753628bf6bddc25071f8ffbc83add4f0c122641ecf0ad163a961"`);
});
