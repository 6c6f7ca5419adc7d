/** How the picture came about. */
import { assertNever } from '../../../../plan/problem.ts';
import type { Shown, ShownPicture } from '../../shown-run.ts';
import type { View } from '../view.ts';
import { EndlessZoom, Stages } from './parts.tsx';
import { Steps } from './steps.tsx';

interface Props {
    readonly shown: Shown;
    readonly picture: ShownPicture;
    readonly view: View;
    readonly onView: (part: Partial<View>) => void;
}

export function Way({ shown, picture, view, onView }: Props) {
    const { parts } = shown;
    switch (parts?.kind) {
        case undefined:
            return <Steps shown={shown} picture={picture} view={view} onView={onView} />;
        case 'mosaic':
            return <EndlessZoom shown={shown} parts={parts} />;
        case 'print':
            return <Stages shown={shown} parts={parts} />;
        default:
            return assertNever(parts);
    }
}
