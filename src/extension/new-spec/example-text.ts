/** A first spec with comments, laid out as the formatter does. */

export const EXAMPLE = `sdspec 1

// A first experiment. Click "Run" above a picture's name, change a line, run again and compare.

model sketch = "builtin:sketch"  // comes with sdspec: nothing is downloaded

/** What the picture shows. Hover any word of this file to learn what it does. */
prompt coast = "a painting of a red house on the beach at sunset"

generate first {
    use      sketch
    prompt   coast
    steps    20
    guidance 5
    seed     42                 // another seed, another picture: try 1..4
    trace    every 4 completed  // keeps steps on the way: see "Steps" in the results
}

/** The same picture, followed more or less closely: one sheet, every value labelled. */
sweep pull over first {
    seed     in 1..3
    guidance in [1, 4, 8]
    columns  guidance
}
`;
