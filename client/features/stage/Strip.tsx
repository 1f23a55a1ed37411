import { memo, useMemo } from 'react'
import type { CSSProperties } from 'react'
import type { PodView, RolloutView } from '../../../shared/stage.ts'
import { toneOf } from '../../canvas/tone.ts'
import { useIsLoaded, useLoad } from '../../live/live.ts'
import { foldUpdate, outcomeWords } from './outcome.ts'
import css from './Strip.module.css'
import { headlineOf, segmentsOf, timeLeft, updatedReady } from './stripModel.ts'
import type { Segment } from './stripModel.ts'
import { useFold } from '../../ui/useFold.ts'
import { useTotals } from './useTotals.ts'
import { useRollout, useServers } from './views.ts'

function VersionName({ version }: { version: string }) {
  return <span style={{ color: `var(--v${toneOf(version)}-text)` }}>{version}</span>
}

function Title({ rollout }: { rollout: RolloutView }) {
  const { name, fromVersion, toVersion } = rollout
  const isUpdating = rollout.startedAt !== null && fromVersion !== null && fromVersion !== toVersion
  return (
    <h2 className={css.title}>
      {name}{' '}
      {isUpdating && (
        <>
          <VersionName version={fromVersion} />
          <span className={css.arrow}>→</span>
        </>
      )}
      <VersionName version={toVersion} />
    </h2>
  )
}

/** Fewer pods than this do not make the segments wider: a handful stays a handful. */
const FEWEST_PLACES = 24

interface Places {
  phase: string
  most: number
}

/** The most places seen while an update runs: segments keep their width while pods come and go. */
function foldPlaces({ phase, most }: Places, previous: Places | undefined): Places {
  const isSameUpdate = phase === 'updating' && previous?.phase === phase
  return { phase, most: isSameUpdate ? Math.max(most, previous.most) : most }
}

const SegmentMark = memo(function SegmentMark({ state, tone, progress }: Segment) {
  return (
    <i
      className={css.segment}
      data-state={state}
      data-tone={tone}
      style={{ '--progress': progress } as CSSProperties}
    />
  )
})

/** Apart, so that words about the update do not render every segment. */
const Segments = memo(function Segments(props: {
  pods: readonly PodView[]
  toVersion: string
  places: number
}) {
  return segmentsOf(props.pods, props.toVersion, props.places).map((segment, at) => (
    // A segment is a place in the order, not a pod.
    // oxlint-disable-next-line react/no-array-index-key
    <SegmentMark key={at} {...segment} />
  ))
})

/** How the last update ended, while nothing else is under way. */
function Outcome({ rollout }: { rollout: RolloutView }) {
  const totals = useTotals()
  const at = useLoad()?.at ?? 0
  const moment = useMemo(() => ({ rollout, totals, at }), [rollout, totals, at])
  const words = outcomeWords(useFold(moment, foldUpdate))
  return rollout.phase === 'steady' && words !== null ? <span>{words}</span> : null
}

/** Where the rollout stands: what runs, how far it is, one segment per pod. */
export function Strip() {
  const rollout = useRollout()
  const pods = useServers()
  const count = pods.length
  const phase = rollout?.phase ?? 'steady'
  const most = useFold(
    useMemo(() => ({ phase, most: count }), [phase, count]),
    foldPlaces,
  ).most
  const places = Math.max(FEWEST_PLACES, most)
  const toVersion = rollout?.toVersion
  const updated = useMemo(() => updatedReady(toVersion, pods), [toVersion, pods])
  const isLoaded = useIsLoaded()
  if (!isLoaded) return <Unread />
  if (!rollout) return <NoDemo />
  const { figure, words } = headlineOf(rollout, updated)
  const isUpdating = rollout.phase === 'updating'
  return (
    <section className={css.strip} aria-label="Rollout">
      <div className={css.row}>
        <Title rollout={rollout} />
        <p className={css.meta}>
          <b>{figure}</b> {words}
        </p>
        <p className={`${css.meta} ${css.right}`}>
          {isUpdating && (
            <>
              <span>
                max surge <b>{rollout.maxSurge}</b>
              </span>
              <span>
                max unavailable <b>{rollout.maxUnavailable}</b>
              </span>
            </>
          )}
          {rollout.secondsLeft !== null && rollout.phase !== 'steady' && (
            <span>
              <b>{timeLeft(rollout.secondsLeft)}</b> left
            </span>
          )}
          <Outcome rollout={rollout} />
        </p>
      </div>
      <div
        className={css.bar}
        role="img"
        aria-label={`${figure} ${words}`}
        data-dense={places > 90}
      >
        <Segments pods={pods} toVersion={rollout.toVersion} places={places} />
      </div>
    </section>
  )
}

/** Before the stage has said anything: places, no claims. */
function Unread() {
  return (
    <section className={css.strip} aria-label="Rollout">
      <div className={css.row}>
        <h2 className={`${css.title} ${css.unread}`}>Reading the cluster</h2>
      </div>
      <div className={css.bar}>
        {Array.from({ length: FEWEST_PLACES }, (_, at) => (
          <i key={at} className={css.segment} data-state="free" />
        ))}
      </div>
    </section>
  )
}

function NoDemo() {
  return (
    <section className={css.strip} aria-label="Rollout">
      <div className={css.row}>
        <h2 className={css.title}>No demo runs</h2>
        <p className={css.meta}>
          The cluster is yours. <b>npm start</b> without <b>--demo none</b> brings the keynote.
        </p>
      </div>
      <div className={css.bar} />
    </section>
  )
}
