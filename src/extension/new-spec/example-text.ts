/** A first spec with comments, laid out as the formatter does. */

export const EXAMPLE = `sdspec 1

// A first experiment. Click "Run" above a picture's name, change a line, run again and compare.

model sketch = "builtin:sketch"  // comes with sdspec: nothing is downloaded

/** What the picture shows. Hover any word of this file to learn what it does. */
prompt rabbit = "photo of a grey rabbit in a meadow"

generate first {
    use    sketch
    prompt rabbit
    steps  20
    seed   5  // another seed, another picture: try 1..4
}

/** A picture whose features are added to those of the first one. */
generate elephant extends first {
    prompt "photo of a grey elephant in a meadow"
}

/** What does each layer carry? One layer at a time takes the elephant's features; the results are a map of the U-Net. */
sweep layers-of over first {
    infuse elephant at each down.0..down.1, mid, up.* weight 0.4
}
`;
