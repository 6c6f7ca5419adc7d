/** The head of the page: what is shown, how far it is, and what went wrong. */
import { useEffect, useState } from 'preact/hooks';
import { STOPPING } from '../../runs/progress.ts';
import type { HostAction } from '../messages.ts';
import type { Shown } from '../shown-run.ts';
import { CurveDrawing } from './curve.tsx';
import { remediesOf } from './offers.ts';
import { isOwn } from './picture/former.ts';
import { Measures } from './way/parts.tsx';
import { stateOf } from './words.ts';

interface Props {
    readonly shown: Shown;
    readonly trusted: boolean;
    readonly act: (action: HostAction) => void;
}

export function Header({ shown, trusted, act }: Props) {
    const live = shown.state === 'running' || shown.state === 'waiting';
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
            {live ? <Running shown={shown} act={act} /> : <p class={`state ${shown.state}`}>{stateOf(shown)}</p>}
            {shown.mark.note && <p class="note">{shown.mark.note}</p>}
            {shown.makers.length > 0 && (
                <ul class="makers quiet" aria-label="Made by">
                    {shown.makers.map((one) => (
                        <li key={one}>{one}</li>
                    ))}
                </ul>
            )}
            {shown.parts && <Measures measures={shown.parts.measures} />}
            {shown.curve && <CurveDrawing points={shown.curve.points} steps={shown.curve.steps} />}
            {shown.message && <Failure shown={shown} trusted={trusted} act={act} />}
            {/* Polite and throttled: one announcement per step would flood a screen reader. */}
            <p class="unseen" aria-live="polite">
                {live ? `${shown.name}: ${quarter(shareOf(shown))}` : `${shown.name}: ${stateOf(shown)}`}
            </p>
        </header>
    );
}

/** How far the run is, and Stop. A click is seen at once: the host's word that it stops comes later. */
function Running({ shown, act }: Pick<Props, 'shown' | 'act'>) {
    const { progress } = shown;
    const [asked, setAsked] = useState(false);
    // Another run is not the one that was to stop; and of a run of another process the host says that it can't be.
    const isOthers = shown.makers.length > 0;
    useEffect(() => setAsked(false), [shown.key, isOthers]);
    const stops = progress?.stopping === true || asked;
    const share = shareOf(shown);
    return (
        <>
            <p class={`state ${shown.state}`}>{stops ? STOPPING : stateOf(shown)}</p>
            {share === undefined ? (
                <progress aria-label="Progress" />
            ) : (
                <progress aria-label="Progress" max="1" value={share} />
            )}
            <button
                type="button"
                class="stop"
                aria-disabled={stops}
                onClick={() => {
                    if (stops) return;
                    setAsked(!isOthers);
                    act('stop');
                }}
            >
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
    );
}

/** What went wrong, and what may mend it. */
function Failure({ shown, trusted, act }: Props) {
    return (
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
    );
}

function shareOf({ progress, pictures, cells }: Shown): number | undefined {
    if (progress?.share !== undefined) return progress.share;
    const made = pictures.filter(isOwn).length;
    if (!progress || progress.steps === 0) return made > 0 ? made / cells : undefined;
    return progress.step / progress.steps;
}

function quarter(share: number | undefined): string {
    if (share === undefined) return 'running';
    return `${Math.floor(share * 4) * 25} percent`;
}
