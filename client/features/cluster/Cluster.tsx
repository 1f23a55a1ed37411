import { useId } from 'react'
import { useIsStale } from '../../live/useIsStale.ts'
import { useSelection } from '../../live/selection.ts'
import { useSize } from '../../ui/useSize.ts'
import { AutoscalerCard } from './AutoscalerCard.tsx'
import css from './Cluster.module.css'
import { ClusterSet } from './ClusterSet.tsx'
import { JobCard } from './JobCard.tsx'
import type { MemoryModel } from './memoryModel.ts'
import { MemoryRows } from './MemoryRows.tsx'
import { Patterns, QosBox } from './Patterns.tsx'
import { percentOf } from './percent.ts'
import { WIDTH } from './rowGeometry.ts'
import { useMemory } from './useMemory.ts'

/** The Cluster: what nodes promise and pods take, the autoscaler's sum, a Job's lanes. */
export function Cluster() {
  const { memory, error } = useMemory()
  const isStale = useIsStale()
  const isInspecting = useSelection() !== null
  const [box, size] = useSize<HTMLDivElement>()
  const height = size ? (size.height / size.width) * WIDTH : 0
  return (
    <main
      className={css.view}
      aria-label="Cluster"
      aria-busy={!memory}
      data-stale={isStale}
      data-inspecting={isInspecting}
    >
      <section className={css.memory} aria-label="Memory by node">
        <header className={css.head}>
          {memory && <Totals model={memory.model} />}
          <Legend />
        </header>
        <div ref={box} className={css.box}>
          {memory && height > 0 && (
            <MemoryRows model={memory.model} scale={memory.scale} height={Math.round(height)} />
          )}
          {memory?.model.rows.length === 0 && (
            <p className={css.empty}>This cluster has no node.</p>
          )}
          {!memory && error && <p role="alert">{error.message}</p>}
        </div>
        <ClusterSet />
      </section>
      <div className={css.cards}>
        <AutoscalerCard />
        <JobCard />
      </div>
    </main>
  )
}

function Totals({ model }: { model: MemoryModel }) {
  const totals = [
    ['Memory used', model.used],
    ['Requests', model.requests],
    ['Limits', model.limits],
  ] as const
  return (
    <dl className={css.totals}>
      {totals.map(([label, value]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>
            {value === null ? (
              <span className={css.unknown}>–</span>
            ) : (
              <>
                {percentOf(value)}
                <small>%</small>
              </>
            )}
          </dd>
        </div>
      ))}
    </dl>
  )
}

const CLASSES = [
  ['Guaranteed', 'requests equal limits, evicted last'],
  ['Burstable', 'limits above requests'],
  ['BestEffort', 'no requests, evicted first'],
] as const

function Legend() {
  const id = useId()
  return (
    <ul className={css.legend}>
      {CLASSES.map(([qos, words]) => (
        <li key={qos}>
          <svg viewBox="0 0 34 22" aria-hidden="true">
            <Patterns id={id + qos} />
            <QosBox id={id + qos} qos={qos} x={0} y={0} width={34} height={22} />
          </svg>
          <b>{qos}</b> {words}
        </li>
      ))}
    </ul>
  )
}
