/** Texts of pictures that no tool writes: deep, long, circular, or larger than anything can be. */
type Texts = Readonly<Record<string, string>>;

const KEYWORDS = [
    'sdspec',
    'prompt',
    'invokeai_metadata',
    'sd-metadata',
    'Comment',
    'generation_data',
    'Dream',
    'parameters',
    'comment',
];

const graph = (nodes: number, node: (index: number) => object) =>
    JSON.stringify(Object.fromEntries(Array.from({ length: nodes }, (_, i) => [String(i), node(i)])));
const sampler = (inputs: object) => ({
    class_type: 'KSampler',
    inputs: { seed: 1, steps: 20, cfg: 7, sampler_name: 'euler', ...inputs },
});

/** Each text once under every keyword. */
const BODIES: Readonly<Record<string, () => string>> = {
    '200 kB of [': () => '['.repeat(200_000),
    '200 kB of [ that end': () => '['.repeat(100_000) + ']'.repeat(100_000),
    '200 kB of {"a":': () => '{"a":'.repeat(40_000),
    '200 kB of quotes': () => `{"a":"${'\\"'.repeat(100_000)}`,
    '200 kB of brackets of a prompt': () => `${'('.repeat(200_000)}\nSteps: 1, Seed: 1`,
    '200 kB of commas': () => `x\nSteps: 1, Seed: 1, ${','.repeat(200_000)}`,
    '200 kB of <': () => `${'<lora:'.repeat(30_000)}\nSteps: 1, Sampler: Euler`,
    '200 kB of alternatives': () => `${'[a|'.repeat(60_000)}\nSteps: 1, Sampler: Euler`,
    '200 kB of AND': () => `${'a AND '.repeat(30_000)}\nSteps: 1, Sampler: Euler`,
    '1 MB of one word': () => `${'a'.repeat(1_000_000)}\nSteps: 1, Sampler: Euler`,
    '20 MB': () => `{"a":"${'a'.repeat(20_000_000)}"}`,
    '20,000 nodes': () => graph(20_000, (i) => sampler({ latent_image: [String(i + 1), 0] })),
    '2,000 nodes in a chain': () => graph(2000, (i) => sampler({ latent_image: [String(i + 1), 0] })),
    '2,000 nodes in a circle': () =>
        graph(2000, (i) =>
            sampler({ latent_image: [String((i + 1) % 2000), 0], positive: [String((i * 7) % 2000), 0] }),
        ),
    'a node that is its own input': () =>
        graph(3, (i) => sampler({ latent_image: [String(i), 0], positive: [String(i), 0], model: [String(i), 0] })),
    'texts that double': () =>
        graph(1500, (i) =>
            i === 0
                ? sampler({ positive: ['1', 0] })
                : i === 1
                  ? { class_type: 'CLIPTextEncode', inputs: { text: ['2', 0] } }
                  : {
                        class_type: 'StringConcatenate',
                        inputs: { string_a: [String(i + 1), 0], string_b: [String(i + 1), 0] },
                    },
        ),
    'conditionings that double': () =>
        graph(1500, (i) =>
            i === 0
                ? sampler({ positive: ['1', 0], negative: ['1', 0] })
                : {
                      class_type: 'ConditioningCombine',
                      inputs: { conditioning_1: [String(i + 1), 0], conditioning_2: [String(i + 1), 0] },
                  },
        ),
    'a chain of 1,500 LoRAs': () =>
        graph(1500, (i) =>
            i === 0
                ? sampler({ model: ['1', 0], positive: ['1', 0] })
                : {
                      class_type: 'LoraLoader',
                      inputs: {
                          lora_name: `l${i}`,
                          strength_model: 1,
                          strength_clip: 1,
                          model: [String(i + 1), 0],
                          clip: [String(i + 1), 0],
                      },
                  },
        ),
    'names that objects have': () =>
        '{"__proto__":{"class_type":"KSampler","inputs":{"seed":1,"__proto__":{"polluted":1}}},"constructor":{"class_type":"x","inputs":{"prototype":{}}}}',
    '10,000 settings': () => `x\nSteps: 1, ${Array.from({ length: 10_000 }, (_, i) => `k${i}: v${i}`).join(', ')}`,
    '10,000 lines of settings': () => 'Steps: 1, Sampler: Euler, Seed: 3\n'.repeat(10_000),
    '100,000 numbers': () => `{"seed":[${'1,'.repeat(100_000)}1],"positive_prompt":"x"}`,
    'a number of 1 MB': () => `{"seed":${'9'.repeat(1_000_000)},"positive_prompt":"x"}`,
};

export const GIANT_TEXTS: Readonly<Record<string, () => Texts>> = Object.fromEntries(
    Object.entries(BODIES).flatMap(([name, text]) =>
        KEYWORDS.map((keyword) => [`${keyword}: ${name}`, () => ({ [keyword]: text() })]),
    ),
);
