import { useRef } from 'react'
import type { CSSProperties } from 'react'
import type { RolloutView } from '../../../shared/stage.ts'
import { toneOf } from '../../canvas/tone.ts'
import css from './Strip.module.css'
import { headlineOf, segmentsOf, timeLeft } from './stripModel.ts'
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

/** The most places seen in this phase: segments keep their width while pods come and go. */
function usePlaces(count: number, phase: string): number {
  const seen = useRef({ phase, most: 0 })
  if (seen.current.phase !== phase) seen.current = { phase, most: 0 }
  seen.current.most = Math.max(seen.current.most, count)
  return phase === 'updating' ? seen.current.most : count
}

/** Where the rollout stands: what runs, how far it is, one segment per pod. */
export function Strip() {
  const rollout = useRollout()
  const pods = useServers()
  const places = usePlaces(pods.length, rollout?.phase ?? 'steady')
  if (!rollout) return <NoDemo />
  const { figure, words } = headlineOf(rollout)
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
        </p>
      </div>
      <div
        className={css.bar}
        role="img"
        aria-label={`${figure} ${words}`}
        data-dense={places > 90}
      >
        {segmentsOf(pods, rollout.toVersion, places).map((segment, at) => (
          <i
            // A segment is a place in the order, not a pod.
            // oxlint-disable-next-line react/no-array-index-key
            key={at}
            className={css.segment}
            data-state={segment.state}
            data-tone={segment.tone}
            style={{ '--progress': segment.progress } as CSSProperties}
          />
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
          The cluster is yours: every pod you start appears below. <b>npm start</b> without{' '}
          <b>--demo none</b> brings the keynote.
        </p>
      </div>
      <div className={css.bar} />
    </section>
  )
}
