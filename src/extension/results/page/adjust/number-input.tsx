/** A field for a number: what is typed stays until Enter or until the field is left, whatever the page draws meanwhile. */
import { useState } from 'preact/hooks';

interface Props {
    readonly label: string;
    readonly value: number;
    readonly step: number;
    readonly least?: number;
    readonly most?: number;
    readonly disabled?: boolean;
    readonly onChange: (value: number) => void;
}

export function NumberInput({ label, value, step, least, most, disabled, onChange }: Props) {
    const [typed, setTyped] = useState<string>();
    return (
        <input
            type="number"
            aria-label={label}
            step={String(step)}
            {...(least === undefined ? {} : { min: String(least) })}
            {...(most === undefined ? {} : { max: String(most) })}
            disabled={disabled ?? false}
            value={typed ?? String(value)}
            onInput={({ currentTarget }) => setTyped(currentTarget.value)}
            onBlur={() => setTyped(undefined)}
            onChange={({ currentTarget: { valueAsNumber } }) => {
                setTyped(undefined);
                if (!Number.isFinite(valueAsNumber)) return;
                onChange(Math.min(most ?? valueAsNumber, Math.max(least ?? valueAsNumber, valueAsNumber)));
            }}
        />
    );
}
