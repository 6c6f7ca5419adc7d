/** The spec behind the pictures to be looked at: something for every way of looking. */
import { RABBIT } from '../elephant.ts';

export const SPEC = `${RABBIT}
/** Slow enough to be looked at. */
generate slow extends rabbit {
    steps 900
}

generate soft extends rabbit {
    infuse elephant { mid 0.4 }
}

generate infused extends rabbit {
    infuse elephant { down.2..up.0 0.35  mid 0.5 -> 0.1 cosine }
}

/** What does each layer carry? */
sweep layers-of over rabbit {
    infuse elephant at each down.*, mid, up.* weight 0.4
}

sweep pull over rabbit {
    seed     in 1..3
    guidance in [1, 3, 5, 8]
    columns  guidance
}

sweep seeds over rabbit {
    seed in 1..7
}

generate traced extends rabbit {
    steps 24
    trace every 3 finished in 1 step attention "rabbit", "meadow"
}

/** Values that are no numbers after the first step. */
generate broken extends rabbit {
    infuse elephant { mid 900000000000000000000000000000000000000 }
}

generate small extends rabbit {
    size  64x64
    steps 4
}

mosaic tiled {
    of    rabbit
    grid  4x4
    tiles via small
    depth 2 zoom into 2x2 frames 12
}

upscaler fourfold = "builtin:sketch-up"

print postcard {
    of      rabbit
    upscale fourfold
    paper   15x10cm at 120dpi bleed 3mm marks
}

learn fluffy {
    word  like "animal" vectors 2
    from  elephant "photo of <fluffy>"
    steps 40
    rate  0.005
    seed  1
    trace every 20 "photo of <fluffy> on a beach"
}
`;

/** What is made of it before anything is looked at; `broken` fails. */
export const MADE = ['rabbit', 'infused', 'layers-of', 'pull', 'seeds', 'traced', 'tiled', 'postcard', 'fluffy'];
