/** Corners of a frame within a picture: four points, clockwise from the top left, and what they must be. */

export interface Point {
    readonly x: number;
    readonly y: number;
}

/** Top left, top right, bottom right, bottom left, in pixels of the picture. */
export type Corners = readonly [Point, Point, Point, Point];

/** Why four points are no frame: their sides cross, turn inwards, or run anticlockwise; undefined for a frame. */
export function faultOfCorners(corners: Corners): 'crossing' | 'anticlockwise' | undefined {
    const turns = corners.map((b, i) => {
        const [a, c] = [corners[(i + 3) % 4]!, corners[(i + 1) % 4]!];
        return (b.x - a.x) * (c.y - b.y) - (b.y - a.y) * (c.x - b.x);
    });
    if (turns.every((turn) => turn > 0)) return undefined;
    return turns.every((turn) => turn < 0) ? 'anticlockwise' : 'crossing';
}

/** Mean lengths of the upper and lower side, and of the left and right one. */
export function sidesOf([a, b, c, d]: Corners): { readonly width: number; readonly height: number } {
    const length = (p: Point, q: Point) => Math.hypot(q.x - p.x, q.y - p.y);
    return { width: (length(a, b) + length(d, c)) / 2, height: (length(a, d) + length(b, c)) / 2 };
}
