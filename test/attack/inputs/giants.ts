/** Giant specs: each is planned in time, or refused with a sentence. */
import { Isolated } from '../isolated.ts';
import { badMessage, type Scale, some, Tally } from '../kit.ts';

/** Milliseconds of processor time for check, format and plan of one spec, a multiple of what they take. */
const LIMIT = 20_000;

export async function giantSpecs(scale: Scale): Promise<Tally> {
    const tally = new Tally('giant specs');
    const isolated = new Isolated('inputs/giant-target.ts');
    for (const name of some(Object.keys(GIANTS), { ...scale, share: Math.min(1, scale.share * 8) }))
        await tally.try(name, async () => {
            const answer = await isolated.call('planned', GIANTS[name]!(), LIMIT);
            if ('ended' in answer) return answer.ended;
            const { messages } = JSON.parse(answer.value) as { readonly messages: readonly string[] };
            if (process.env['ATTACK_TIMES']) console.error(name, answer.value.slice(0, 400));
            return messages.map((message) => badMessage(message)).find((bad) => bad !== undefined);
        });
    isolated.close();
    return tally;
}

const range = (count: number) => Array.from({ length: count }, (_, i) => i);
const lines = (count: number, line: (i: number) => string) => range(count).map(line).join('\n');

/** Texts by what they are; all of them are of kinds that a program, not a person, writes. */
export const GIANTS: Readonly<Record<string, () => string>> = {
    '300 chained extends': () => chain(300),
    '1,000 chained extends': () => chain(1000),
    '5,000 chained extends': () => chain(5000),
    '300 chained extends with clauses': () =>
        `generate g0 { prompt "x" seed 1 }\n${lines(300, (i) => `generate g${i + 1} extends g${i} { steps ${i + 1} guidance 2 negative "a" infuse p${i % 3} }`)}\nimage p0 = "./a.png"\nimage p1 = "./b.png"\nimage p2 = "./c.png"`,
    'pictures each made of two of the one before': () =>
        `generate g0 { prompt "x" }\n${lines(40, (i) => `generate g${i + 1} { start from g${i} weight 0.5, g${i} weight 0.5 strength 0.5 }`)}`,
    'pictures each infused with two of the one before': () =>
        `generate g0 { prompt "x" }\n${lines(40, (i) => `generate g${i + 1} { prompt "x" infuse g${i}, g${i} }`)}`,
    'pictures each controlled, masked and started by the one before': () =>
        `controlnet c = "builtin:sketch-edges"\ngenerate g0 { prompt "x" }\n${lines(25, (i) => `generate g${i + 1} { prompt "x" start from g${i} mask g${i} control c by g${i} }`)}`,
    'pictures of pictures, 3,000 deep': () =>
        `generate g0 { prompt "x" }\n${lines(3000, (i) => `generate g${i + 1} { start from g${i} }`)}`,
    'outpainting 500 times': () =>
        `generate g0 { prompt "x" }\n${lines(500, (i) => `generate g${i + 1} extends g${i} { outpaint left 8px }`)}`,
    'a sweep over exponential pictures': () =>
        `generate g0 { prompt "x" }\n${lines(10, (i) => `generate g${i + 1} { start from g${i} weight 0.5, g${i} weight 0.5 }`)}\nsweep s over g10 { seed in 1..1000 }`,
    'learning from pictures made with what was learnt, 40 times': () =>
        `image p = "./a.png"\nlearn l0 { lora rank 4 from p "x" }\n${lines(40, (i) => `generate g${i} { prompt "x" apply l${i} }\nlearn l${i + 1} { lora rank 4 from g${i} "x", g${i} "y" }`)}\ngenerate last { prompt "x" apply l40 }`,
    '20,000 curve keys': () =>
        `generate g { prompt "x" guidance ${range(20_000)
            .map((i) => `${i % 9}`)
            .join(' -> ')} }`,
    '20,000 curve keys with positions': () =>
        `generate g { prompt "x" guidance ${range(20_000)
            .map((i) => `${i % 9}@${i / 200}%`)
            .join(' -> ')} }`,
    '3,000 layers': () =>
        `layers l = ${range(3000)
            .map((i) => `IN${i}`)
            .join(', ')}\ngenerate g { prompt "x" }`,
    '3,000 layers that exist': () =>
        `layers l = ${range(3000)
            .map((i) => `IN0${i % 9}`)
            .join(', ')}\nimage p = "./a.png"\ngenerate g { prompt "x" infuse p { @l 1 } }`,
    '3,000 lines of weights': () =>
        `weights w {\n${lines(3000, (i) => `    IN0${i % 9} ${i / 3000}`)}\n}\nimage p = "./a.png"\ngenerate g { prompt "x" infuse p with w }`,
    '3,000 declared layers': () => `${lines(3000, (i) => `layer IN${i} alias a${i}`)}\ngenerate g { prompt "x" }`,
    'edges of edges, 3,000 deep': () =>
        `image e0 = "./a.png"\n${lines(3000, (i) => `image e${i + 1} = edges of e${i}`)}\ngenerate g { start from e3000 }`,
    'edges of edges in a circle of 3,000': () =>
        `image e0 = edges of e3000\n${lines(3000, (i) => `image e${i + 1} = edges of e${i}`)}\ngenerate g { start from e3000 }`,
    'layer sets that double': () =>
        `layers s0 = mid\n${lines(60, (i) => `layers s${i + 1} = @s${i}, @s${i}`)}\nimage p = "./a.png"\ngenerate g { prompt "x" infuse p { @s60 1 } }`,
    'layer sets, 5,000 deep': () =>
        `layers s0 = mid\n${lines(5000, (i) => `layers s${i + 1} = @s${i}`)}\nimage p = "./a.png"\ngenerate g { prompt "x" infuse p { @s5000 1 } }`,
    'a sweep of sets that double': () =>
        `layers s0 = mid\n${lines(60, (i) => `layers s${i + 1} = @s${i}, @s${i}`)}\nimage p = "./a.png"\ngenerate g { prompt "x" infuse p }\nsweep s over g { infuse p at each @s60 }`,
    'a glob of many stars': () => `image p = "./${'*'.repeat(60)}x.png"\ngenerate g { prompt "x" infuse p }`,
    'a glob of stars and letters': () => `image p = "./${'*a'.repeat(40)}.png"\ngenerate g { prompt "x" infuse p }`,
    'a glob of many folders': () => `image p = "./${'**/'.repeat(30)}*.png"\ngenerate g { prompt "x" infuse p }`,
    'a glob of the whole disk': () => `image p = "${'../'.repeat(30)}**/*.png"\ngenerate g { prompt "x" infuse p }`,
    'a layer glob of many stars': () =>
        `image p = "./a.png"\ngenerate g { prompt "x" infuse p { ${'*'.repeat(200)} 1 } }`,
    '3,000 unknown names': () => `generate g { prompt "x"\n${lines(3000, (i) => `infuse unknown-${i}`)} }`,
    '3,000 unknown clauses': () => `generate g { prompt "x"\n${lines(3000, (i) => `unknown-${i} 1`)} }`,
    '3,000 unknown declarations': () => lines(3000, (i) => `unknown-${i} a${i} = "x"`),
    '3,000 unclosed braces': () => lines(3000, (i) => `generate g${i} {`),
    '20,000 braces': () => '{'.repeat(20_000),
    'a megabyte of brackets': () => '['.repeat(1_000_000),
    'a megabyte of quotes': () => '"'.repeat(1_000_000),
    'a megabyte of comments': () => `${'/* '.repeat(20_000)}\ngenerate g { prompt "x" }`,
    'a prompt of a megabyte': () => `generate g { prompt "${'word '.repeat(200_000)}" }`,
    'a prompt of a megabyte of holes': () => `param p = "x"\ngenerate g { prompt "${'{p}'.repeat(10_000)}" }`,
    'a prompt of a megabyte of tokens': () => `generate g { prompt "${'<p>'.repeat(10_000)}" }`,
    'a prompt of a megabyte of brackets': () => `generate g { prompt "${'(('.repeat(200_000)}" }`,
    'a param of a megabyte, used 1,000 times': () =>
        `param p = "${'x'.repeat(1_000_000)}"\ngenerate g { prompt "${'{p}'.repeat(1000)}" }`,
    '5,000 phrases with weights of words': () =>
        `generate g { prompt {\n${lines(1000, (i) => `"word ${i}" { "word" 1.2 }`)} } }`,
    '5,000 members of an ensemble': () =>
        `ensemble e {\n${lines(1000, (i) => `"word ${i}"`)} }\ngenerate g { prompt e }`,
    '5,000 pictures of one name': () => lines(5000, () => 'generate g { prompt "x" }'),
    '3,000 pictures with one word': () => lines(3000, (i) => `generate g${i} { prompt "x" }`),
    'a million seeds': () => 'generate g { prompt "x" seed 1..1000000 }',
    '4 billion seeds': () => 'generate g { prompt "x" seed 0..4294967295, 0..4294967295 }',
    '2,000 ranges of seeds': () =>
        `generate g { prompt "x" seed ${range(2000)
            .map(() => '0..9999')
            .join(', ')} }`,
    'a sweep of ten long axes': () =>
        `generate g { prompt "x" }\nsweep s over g { seed in 1..9999 steps in 1..999 guidance in 0..9 step 0.001 eta in 0..1 step 0.0001 strength in 0..1 step 0.0001 }`,
    'a sweep of 9,999 pictures with a picture': () =>
        `generate h { prompt "y" }\ngenerate g { start from h }\nsweep s over g { seed in 1..9999 }`,
    'a range without end': () => 'generate g { prompt "x" }\nsweep s over g { guidance in 0..1e300 step 1e-300 }',
    'a mosaic without end': () =>
        'generate g { prompt "x" }\nmosaic m { of g grid 100000x100000 tiles via g depth 99 }',
    'a mosaic of a mosaic of pictures': () =>
        `generate g0 { prompt "x" }\n${lines(40, (i) => `generate g${i + 1} { start from g${i} weight 0.5, g${i} weight 0.5 }`)}\nmosaic m { of g40 grid 4x4 tiles via g40 strength 0.5 }`,
    'a print without end': () => 'generate g { prompt "x" }\nprint p { of g paper 99999x99999cm at 9999dpi }',
    '1,000 imports of nothing': () => lines(1000, (i) => `import { a${i} } from "./none-${i}.sdspec"`),
    '1,000 imports of a file': () => lines(1000, (i) => `import { a${i} } from "./library.sdspec"`),
    '10,000 expectations': () => `generate g { prompt "x" expect {\n${lines(10_000, () => 'time <= 90s')} } }`,
    'a trace of everything': () =>
        `generate g { prompt "x" steps 1000 trace at ${range(5000)
            .map((i) => `${i % 101}%`)
            .join(', ')} finish 1000 }`,
    '5,000 words of attention': () =>
        `generate g { prompt "x" trace attention ${range(5000)
            .map((i) => `"w${i}"`)
            .join(', ')} }`,
    'a name of a megabyte': () => `generate ${'g'.repeat(1_000_000)} { prompt "x" }`,
    'an unknown name of a megabyte': () => `generate g { prompt "x" infuse ${'g'.repeat(1_000_000)} }`,
    'a path of a megabyte': () => `image p = "./${'a/'.repeat(500_000)}a.png"\ngenerate g { start from p }`,
    'a path of a megabyte upwards': () => `image p = "./${'../'.repeat(300_000)}a.png"\ngenerate g { start from p }`,
    'a number of a megabyte': () => `generate g { prompt "x" steps ${'9'.repeat(1_000_000)} }`,
    'a megabyte of dots': () => `generate g { prompt "x" seed 1${'.'.repeat(20_000)}2 }`,
    'a megabyte of minus signs': () => `generate g { prompt "x" seed ${'-'.repeat(20_000)}2 }`,
    'a megabyte of spaces': () => `generate g {${' '.repeat(1_000_000)}prompt "x" }`,
    'a megabyte of line ends': () => `generate g {${'\n'.repeat(1_000_000)}prompt "x" }`,
};

function chain(length: number): string {
    return `generate g0 { prompt "x" }\n${lines(length, (i) => `generate g${i + 1} extends g${i} { steps ${(i % 900) + 1} }`)}`;
}
