// Makes the tests of properties try the same values each time; PROPERTY_RUNS=30000 tries that many of other values.
import fc from 'fast-check';

const { PROPERTY_RUNS } = process.env;
fc.configureGlobal(PROPERTY_RUNS ? { numRuns: Number(PROPERTY_RUNS) } : { seed: 20_261_128 });
