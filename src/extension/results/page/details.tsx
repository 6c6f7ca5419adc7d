/** Everything known about a run: settings, weights, timings, notices, expectations. */
import { hasWeights } from '../../../language/write/layer-weights.ts';
import type { CellDetails, Shown, ShownPicture, ShownTable } from '../shown-run.ts';
import { UNet } from './unet.tsx';

interface Props {
    readonly shown: Shown;
    readonly picture: ShownPicture | undefined;
    /** What is known of this picture, where the run has several. */
    readonly own: CellDetails | undefined;
}

export function Details({ shown, picture, own: cell }: Props) {
    const { timings, notices, expectations, tables } = shown.details;
    const { facts, text, weights } = { ...shown.details, ...cell };
    const own: readonly (readonly [string, string])[] = picture
        ? [
              ['picture', `${picture.width}×${picture.height}`],
              ['seed', String(picture.seed)],
              ...Object.entries(picture.labels ?? {}),
              ...(picture.seconds === undefined ? [] : [['made in', seconds(picture.seconds)] as const]),
              ...(picture.sha256 ? [['pixels', picture.sha256.slice(0, 16)] as const] : []),
          ]
        : [];
    return (
        <section class="details" aria-label="Details">
            {expectations.length > 0 && (
                <ul class="expectations">
                    {expectations.map(({ verdict, message }) => (
                        <li key={message} class={verdict}>
                            {verdict === 'met' ? '✓' : verdict === 'missed' ? '✗' : '–'} {message}
                        </li>
                    ))}
                </ul>
            )}
            {tables
                .filter(({ caption }) => !(shown.scan && caption === 'Scan'))
                .map((table) => (
                    <Table key={table.caption} table={table} />
                ))}
            {weights.filter(hasWeights).map((one) => (
                <UNet key={one.title} weights={one} />
            ))}
            <dl>
                {[...own, ...facts].map(([label, value]) => (
                    <div key={label}>
                        <dt>{label}</dt>
                        <dd>{value}</dd>
                    </div>
                ))}
                {timings.length > 0 && (
                    <div>
                        <dt>timings</dt>
                        <dd>{timings.map(([phase, time]) => `${phase} ${seconds(time)}`).join(' · ')}</dd>
                    </div>
                )}
            </dl>
            {notices.map((notice) => (
                <p class="quiet" key={notice}>
                    {notice}
                </p>
            ))}
            <h3>Resolved spec</h3>
            <pre>{text}</pre>
        </section>
    );
}

function Table({ table: { caption, head, rows } }: { readonly table: ShownTable }) {
    return (
        <table class="measures">
            <caption>{caption}</caption>
            <thead>
                <tr>
                    {head.map((name) => (
                        <th key={name} scope="col">
                            {name}
                        </th>
                    ))}
                </tr>
            </thead>
            <tbody>
                {rows.map((row) => (
                    <tr key={row.join('|')}>
                        {row.map((cell, column) => (
                            <td key={head[column]}>{cell}</td>
                        ))}
                    </tr>
                ))}
            </tbody>
        </table>
    );
}

function seconds(value: number): string {
    return value < 10 ? `${value.toFixed(2)} s` : `${Math.round(value)} s`;
}
