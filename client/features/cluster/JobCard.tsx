import { useMemo, useState } from 'react'
import type { Job } from '../../../shared/kubernetes/batch.ts'
import { JOB_NAME_LABEL } from '../../../shared/kubernetes/batch.ts'
import { jobs, pods } from '../../../shared/kubernetes/kinds.ts'
import { useObjects } from '../../live/kubernetes.ts'
import { Button } from '../../ui/Button.tsx'
import { plural } from '../../ui/numbers.ts'
import css from './Cards.module.css'
import type { JobModel } from './jobModel.ts'
import { jobModel } from './jobModel.ts'
import { Lanes } from './Lanes.tsx'
import { Painting } from './Painting.tsx'
import { pictureOf } from './picture.ts'
import { useNow } from './useMemory.ts'

/** The newest Job, or the next ones by a press: its lanes, and the picture it paints when it does. */
export function JobCard() {
  const { data, error } = useObjects(jobs)
  const [turn, setTurn] = useState(0)
  const all = (data ?? []).toSorted((a, b) => bornAt(b) - bornAt(a))
  const job = all[turn % Math.max(1, all.length)]
  return (
    <section className={css.card} aria-label="Job" aria-busy={!data && !error}>
      <header className={css.head}>
        <h2>Job {job?.metadata.name}</h2>
        {all.length > 1 && (
          <Button size="caption" onPress={() => setTurn((held) => held + 1)}>
            {(turn % all.length) + 1} of {all.length}: next
          </Button>
        )}
      </header>
      {job && <Work job={job} />}
      {!job && data && (
        <p className={css.none}>
          There is none. The scene “Mandelbrot job” paints a picture with twenty pods, four at a
          time.
        </p>
      )}
      {error && <p role="alert">{error.message}</p>}
    </section>
  )
}

const bornAt = ({ metadata }: Job): number => Date.parse(metadata.creationTimestamp ?? '')

function Work({ job }: { job: Job }) {
  const { name, namespace } = job.metadata
  const { data } = useObjects(pods, { namespace, labelSelector: `${JOB_NAME_LABEL}=${name}` })
  const now = useNow()
  const model = useMemo(() => jobModel(job, data ?? [], now), [job, data, now])
  const picture = useMemo(() => pictureOf(data ?? []), [data])
  return (
    <>
      <div className={css.work}>
        <div className={css.figures}>
          <b>{model.succeeded}</b>
          <p>
            {model.completions === null
              ? 'succeeded'
              : `of ${plural(model.completions, 'completion')}`}
            <br />
            {aside(model)}
          </p>
        </div>
        {picture && <Painting picture={picture} />}
      </div>
      <Lanes model={model} />
    </>
  )
}

function aside({ end, seconds, parallelism, failed }: JobModel): string {
  const lost = failed > 0 ? `, ${failed} failed` : ''
  if (end === 'Complete') return `done in ${seconds} s${lost}`
  if (end === 'Failed') return `failed after ${seconds} s`
  return `parallelism ${parallelism}${lost}`
}
