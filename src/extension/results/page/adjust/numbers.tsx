/** Numbers of the text as sliders, each with a field for the number itself. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { AdjustableNumber } from '../../../../language/write/adjust/adjustment.ts';
import { NumberInput } from './number-input.tsx';

interface Props {
    readonly numbers: readonly AdjustableNumber[];
    readonly onChange: (id: string, value: number, how: { readonly begins: boolean; readonly ends: boolean }) => void;
}

export function Numbers({ numbers, onChange }: Props) {
    if (numbers.length === 0) return null;
    return (
        <section class="numbers" aria-label="Numbers">
            {numbers.map((number) => (
                <NumberRow key={number.id} number={number} onChange={onChange} />
            ))}
        </section>
    );
}

function NumberRow({ number, onChange }: { readonly number: AdjustableNumber; readonly onChange: Props['onChange'] }) {
    const { id, value, slider, least, most, step, isDefault } = number;
    const [draft, setDraft] = useState<number>();
    const dragging = useRef(false);
    useEffect(() => {
        if (!dragging.current) setDraft(undefined);
    }, [number]);
    const shown = draft ?? value;
    const name = `${id}${isDefault ? ', not written yet' : ''}`;
    return (
        <div class="number">
            <span class={isDefault ? 'quiet' : ''}>{id}</span>
            {slider ? (
                <input
                    type="range"
                    aria-label={name}
                    min={String(slider.least)}
                    max={String(slider.most)}
                    step={String(step)}
                    value={String(shown)}
                    onInput={({ currentTarget: { valueAsNumber } }) => {
                        const begins = !dragging.current;
                        dragging.current = true;
                        setDraft(valueAsNumber);
                        onChange(id, valueAsNumber, { begins, ends: false });
                    }}
                    onChange={({ currentTarget: { valueAsNumber } }) => {
                        const begins = !dragging.current;
                        dragging.current = false;
                        onChange(id, valueAsNumber, { begins, ends: true });
                    }}
                />
            ) : (
                <span />
            )}
            <NumberInput
                label={`${name}, as a number`}
                value={shown}
                step={step}
                least={least}
                most={most}
                onChange={(to) => {
                    setDraft(to);
                    onChange(id, to, { begins: true, ends: true });
                }}
            />
        </div>
    );
}
