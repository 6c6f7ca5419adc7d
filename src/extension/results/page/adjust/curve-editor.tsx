/** The weight of one layer over the steps: points that are dragged, and the same in numbers. */
import { type Curve, type Easing, valueAt } from '../../../../plan/curve.ts';
import { follow } from './drag.ts';
import { NumberInput } from './number-input.tsx';
import { withEasing, withMorePoints, withoutPoint, withPoint } from './weights.ts';

interface Props {
    readonly name: string;
    readonly curve: Curve;
    readonly disabled: boolean;
    readonly onChange: (curve: Curve, how: { readonly begins: boolean; readonly ends: boolean }) => void;
}

const WIDE = 340;
const HIGH = 96;
const EDGE = 8;
const EASINGS: readonly Easing[] = ['linear', 'cosine', 'hold'];
const ONCE = { begins: true, ends: true };

export function CurveEditor({ name, curve, disabled, onChange }: Props) {
    const values = curve.keys.map(({ value }) => value);
    const [low, high] = [Math.min(0, ...values), Math.max(0.5, 1.1 * Math.max(...values))];
    const x = (at: number) => EDGE + at * (WIDE - 2 * EDGE);
    const y = (value: number) => HIGH - EDGE - ((value - low) / (high - low)) * (HIGH - 2 * EDGE);
    const line = Array.from({ length: 121 }, (_, k) => k / 120).map(
        (at) => `${x(at).toFixed(1)},${y(valueAt(curve, at)).toFixed(1)}`,
    );
    const drag = (event: PointerEvent, index: number) => {
        const box = (event.currentTarget as SVGElement).ownerSVGElement!.getBoundingClientRect();
        const from = curve.keys[index]!;
        const unit = WIDE / box.width;
        let last = curve;
        let begins = true;
        follow(event, {
            move: (right, up) => {
                const at = from.at + (right * unit) / (WIDE - 2 * EDGE);
                const value = from.value + (up * unit * (high - low)) / (HIGH - 2 * EDGE);
                last = withPoint(curve, index, curve.keys.length === 1 ? { value } : { at, value });
                onChange(last, { begins, ends: false });
                begins = false;
            },
            end: (moved) => moved && onChange(last, { begins: false, ends: true }),
        });
    };
    return (
        <fieldset class="curve-editor" disabled={disabled}>
            <legend>{name} over the steps</legend>
            {/* The numbers below say and change the same. */}
            <svg viewBox={`0 0 ${WIDE} ${HIGH}`} aria-hidden="true">
                <line class="zero" x1={EDGE} x2={WIDE - EDGE} y1={y(0)} y2={y(0)} />
                <polyline points={line.join(' ')} />
                {curve.keys.map(({ at, value }, k) => (
                    <circle
                        key={k}
                        cx={curve.keys.length === 1 ? WIDE / 2 : x(at)}
                        cy={y(value)}
                        r="6"
                        onPointerDown={(event) => disabled || drag(event, k)}
                    />
                ))}
            </svg>
            <Points name={name} curve={curve} onChange={onChange} />
            <div class="line">
                <button type="button" class="second" onClick={() => onChange(withMorePoints(curve), ONCE)}>
                    {curve.keys.length === 1 ? 'Change over the steps' : 'Add a point'}
                </button>
                {curve.keys.length > 1 && (
                    <label>
                        between{' '}
                        <select
                            value={curve.easing}
                            onChange={({ currentTarget: { value } }) =>
                                onChange(withEasing(curve, EASINGS.find((one) => one === value) ?? 'linear'), ONCE)
                            }
                        >
                            {EASINGS.map((easing) => (
                                <option key={easing}>{easing}</option>
                            ))}
                        </select>
                    </label>
                )}
            </div>
        </fieldset>
    );
}

/** The points in numbers. */
function Points({ name, curve, onChange }: Omit<Props, 'disabled'>) {
    return (
        <ol>
            {curve.keys.map(({ at, value }, k) => {
                const point = `point ${k + 1} of ${curve.keys.length} of ${name}`;
                return (
                    <li key={k}>
                        {curve.keys.length > 1 && (
                            <span>
                                at{' '}
                                <NumberInput
                                    label={`Percent of the steps, ${point}`}
                                    value={Math.round(at * 100)}
                                    step={1}
                                    least={0}
                                    most={100}
                                    onChange={(percent) => onChange(withPoint(curve, k, { at: percent / 100 }), ONCE)}
                                />
                                %
                            </span>
                        )}
                        <NumberInput
                            label={`Weight, ${point}`}
                            value={value}
                            step={0.01}
                            onChange={(weight) => onChange(withPoint(curve, k, { value: weight }), ONCE)}
                        />
                        {curve.keys.length > 1 && (
                            <button
                                type="button"
                                class="bare"
                                aria-label={`Remove ${point}`}
                                onClick={() => onChange(withoutPoint(curve, k), ONCE)}
                            >
                                ×
                            </button>
                        )}
                    </li>
                );
            })}
        </ol>
    );
}
