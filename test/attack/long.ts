/** The long form: `npm run attack -- [KIND] [SHARE] [SEED]`: kinds by a part of their name, the share of the cases, a seed. */
import { ATTACKS } from './attacks.ts';
import { failures, type Tally, table } from './kit.ts';

const [kind = '', share = '1', seed = '20261128'] = process.argv.slice(2);
const tallies: Tally[] = [];
for (const [name, attack] of Object.entries(ATTACKS)) {
    if (!name.includes(kind)) continue;
    const begin = performance.now();
    const tally = await attack({ seed: Number(seed), share: Number(share) });
    tallies.push(tally);
    console.error(
        `${tally.kind}: ${tally.tried} tried, ${tally.failed} failed, ${((performance.now() - begin) / 1000).toFixed(1)} s`,
    );
    for (const failure of failures([tally])) console.error(`\n${failure}`);
}
console.log(table(tallies));
process.exit(tallies.some(({ failed }) => failed > 0) ? 1 : 0);
