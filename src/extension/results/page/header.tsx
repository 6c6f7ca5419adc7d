/** The head of the page: what is shown, how far it is, and what went wrong. */
import type { HostAction } from '../messages.ts';
import type { Shown } from '../shown-run.ts';
import { CurveDrawing } from './curve.tsx';
import { remediesOf } from './offers.ts';
import { Measures } from './way/parts.tsx';
import { stateOf } from './words.ts';

interface Props {
    readonly shown: Shown;
    readonly trusted: boolean;
    readonly act: (action: HostAction) => void;
}

export function Header({ shown, trusted, act }: Props) {
    const { progress } = shown;
    const live = shown.state === 'running' || shown.state === 'waiting';
    const share = shareOf(shown);
    return (
        <header>
            <h2>
                {shown.name} <span class="quiet">{shown.spec}</span>
            </h2>
            <button
                type="button"
                class="bare star"
                aria-label="Star"
                aria-pressed={shown.mark.star}
                title="Starred runs are found by “star”, and kept by sdspec clean"
                onClick={() => act('star')}
            >
                {shown.mark.star ? '★' : '☆'}
            </button>
            <p class={`state ${shown.state}`}>{stateOf(shown)}</p>
            {shown.mark.note && <p class="note">{shown.mark.note}</p>}
            {shown.makers.length > 0 && (
                <ul class="makers quiet" aria-label="Made by">
                    {shown.makers.map((one) => (
                        <li key={one}>{one}</li>
                    ))}
                </ul>
            )}
            {live && (
                <>
                    {share === undefined ? (
                        <progress aria-label="Progress" />
                    ) : (
                        <progress aria-label="Progress" max="1" value={share} />
                    )}
                    <button type="button" class="stop" onClick={() => act('stop')}>
                        Stop
                    </button>
                    {shown.kind === 'learn' && progress?.stage === 'learn' && (
                        <button
                            type="button"
                            class="second"
                            title="What is learnt by now becomes the result"
                            onClick={() => act('keep')}
                        >
                            Stop here and keep
                        </button>
                    )}
                </>
            )}
            {shown.parts && <Measures measures={shown.parts.measures} />}
            {shown.curve && <CurveDrawing points={shown.curve.points} steps={shown.curve.steps} />}
            {shown.message && (
                <div class="failure" role="alert">
                    <p>{shown.message}</p>
                    {remediesOf(shown, trusted).map(({ action, title }, index) => (
                        <button
                            type="button"
                            key={action}
                            class={index === 0 ? '' : 'second'}
                            title={action === 'downloadModel' ? shown.missing : undefined}
                            onClick={() => act(action)}
                        >
                            {title}
                        </button>
                    ))}
                </div>
            )}
            {/* Polite and throttled: one announcement per step would flood a screen reader. */}
            <p class="unseen" aria-live="polite">
                {live
                    ? `${shown.name}: ${share === undefined ? 'running' : quarter(share)}`
                    : `${shown.name}: ${stateOf(shown)}`}
            </p>
        </header>
    );
}

function shareOf({ progress, pictures, cells }: Shown): number | undefined {
    if (progress?.share !== undefined) return progress.share;
    if (!progress || progress.steps === 0) return pictures.length > 0 ? pictures.length / cells : undefined;
    return progress.step / progress.steps;
}

function quarter(share: number): string {
    return `${Math.floor(share * 4) * 25} percent`;
}
