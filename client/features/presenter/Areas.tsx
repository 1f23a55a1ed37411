import { Slats } from '../../canvas/Slats.tsx'
import { toneOf } from '../../canvas/tone.ts'
import { useSize } from '../../ui/useSize.ts'
import { useUnit } from '../../ui/useUnit.ts'
import css from './TimeTravel.module.css'
import type { Layer } from './timeline.ts'

/** Room above the highest rate and the target. */
const HEADROOM = 1.08

interface Plane {
  width: number
  height: number
  top: number
}

const pathOf = (
  points: readonly { share: number; y: number }[],
  { width, height, top }: Plane,
): string =>
  points
    .map(
      ({ share, y }) => `${(share * width).toFixed(1)} ${(height - (y / top) * height).toFixed(1)}`,
    )
    .join('L')

/** Requests per second by version over the whole line, in slats as on the stage; after the playhead at half strength. */
export function Areas({
  layers,
  peak,
  target,
  playhead,
}: {
  layers: readonly Layer[]
  peak: number
  target: number | null
  playhead: number
}) {
  const [box, size] = useSize<HTMLDivElement>()
  const unit = useUnit()
  const plane = size && { ...size, top: Math.max(peak, target ?? 0, 1) * HEADROOM }
  return (
    <div ref={box} className={css.areas} aria-hidden="true">
      {plane && (
        <svg width={plane.width} height={plane.height}>
          <defs>
            {layers.map(({ version }, index) => (
              <Slats
                key={version}
                id={`travel-${version}`}
                version={version}
                isNew={index === 0 && layers.length > 1}
                unit={unit}
              />
            ))}
            <clipPath id="travel-past">
              <rect width={plane.width * playhead} height={plane.height} />
            </clipPath>
          </defs>
          <g opacity={0.5}>
            <Layers layers={layers} plane={plane} unit={unit} />
          </g>
          <g clipPath="url(#travel-past)">
            <rect className={css.ground} width={plane.width} height={plane.height} />
            <Layers layers={layers} plane={plane} unit={unit} />
          </g>
          {target !== null && (
            <path
              className={css.target}
              d={`M0 ${plane.height - (target / plane.top) * plane.height}h${plane.width}`}
              strokeWidth={1.5 * unit}
              strokeDasharray={`${2 * unit} ${6 * unit}`}
            />
          )}
        </svg>
      )}
    </div>
  )
}

function Layers({ layers, plane, unit }: { layers: readonly Layer[]; plane: Plane; unit: number }) {
  return layers.map(({ version, points }) => {
    const high = points.map(({ share, high }) => ({ share, y: high }))
    const low = points.map(({ share, low }) => ({ share, y: low })).reverse()
    if (high.length < 2) return null
    // An area without height has no edge.
    const edge = high.filter((_, index) => isThere(points, index))
    return (
      <g key={version}>
        <path d={`M${pathOf([...high, ...low], plane)}Z`} fill={`url(#travel-${version})`} />
        <path
          d={edge.length > 1 ? `M${pathOf(edge, plane)}` : ''}
          fill="none"
          stroke={`var(--v${toneOf(version)}-edge)`}
          strokeWidth={2.25 * unit}
          strokeLinejoin="round"
        />
      </g>
    )
  })
}

const isThere = (points: Layer['points'], index: number): boolean =>
  [index - 1, index, index + 1].some((at) => (points[at]?.high ?? 0) > (points[at]?.low ?? 0))
