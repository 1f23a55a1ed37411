import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { FAILURE_CAUSES } from '../../../shared/load.ts'
import type { FailureGroup, FailureReport } from '../../../shared/stage.ts'
import { failureReport } from '../../live/findings.ts'
import { Button } from '../../ui/Button.tsx'
import { useKeys } from '../../ui/keys.tsx'
import { formatClock, formatCount, plural } from '../../ui/numbers.ts'
import { causeWords, storyOf } from './failureWords.ts'
import css from './Findings.module.css'
import panel from './Inspector.module.css'
import { useReturningFocus } from '../../ui/useReturningFocus.ts'

const ASK_AGAIN_MS = 1_000

/** Why requests failed: by cause, each with its pod, what that was at the moment, and what led there. */
export function Autopsy({ side, onClose }: { side: 'stage' | 'right'; onClose: () => void }) {
  const box = useRef<HTMLElement>(null)
  useReturningFocus()
  useEffect(() => box.current?.focus(), [])
  useKeys([{ keys: ['Escape'], words: 'Close the failures', press: onClose }])
  const { data, error } = useQuery({
    queryKey: ['failures'],
    queryFn: failureReport,
    refetchInterval: ASK_AGAIN_MS,
  })
  return (
    <aside
      ref={box}
      tabIndex={-1}
      className={panel.panel}
      data-side={side}
      aria-label="Failed requests"
    >
      <header className={panel.header}>
        <h2>Failed requests</h2>
        <Button size="small" icon="cross" label="Close" onPress={onClose} className={panel.close} />
      </header>
      {error && <p className={panel.note}>{error.message}</p>}
      {data && <Report report={data} />}
    </aside>
  )
}

function Report({ report: { byCause, groups, untold } }: { report: FailureReport }) {
  const total = Object.values(byCause).reduce((sum, count) => sum + count, 0)
  if (total === 0) return <p className={panel.note}>Not one request has failed.</p>
  const causes = FAILURE_CAUSES.filter((cause) => byCause[cause] > 0)
  return (
    <div className={panel.scroll} tabIndex={0} role="group" aria-label="By cause">
      {causes.map((cause) => (
        <section key={cause} className={css.cause} aria-label={causeWords(cause)}>
          <h3>
            <b>{formatCount(byCause[cause])}</b> {causeWords(cause)}
          </h3>
          <ul>
            {groups
              .filter((group) => group.cause === cause)
              .map((group) => (
                <Group key={`${group.pod} ${group.phase} ${group.phaseAtConnect}`} group={group} />
              ))}
          </ul>
        </section>
      ))}
      {untold > 0 && (
        <p className={css.untold}>
          Of {plural(untold, 'request')} it is known only that they failed: it was before the stage
          listened, or there were too many at once.
        </p>
      )}
    </div>
  )
}

function Group({ group }: { group: FailureGroup }) {
  const { count, pod, version, node, first, last, bots, rule } = group
  const from = formatClock(first)
  const to = formatClock(last)
  return (
    <li>
      <p>
        <b>{plural(count, 'request')}</b> {pod ?? 'no pod'}
        {version && `, ${version}`}
        {node && `, ${node}`}
        <small>
          {from === to ? from : `${from} to ${to}`}, {plural(bots, 'loadbot')}
        </small>
      </p>
      <p>{storyOf(group)}</p>
      {pod !== null && (
        <p>
          {rule === null ? 'Which rule led there is not known.' : 'Led there by '}
          {rule !== null && <code>{rule}</code>}
        </p>
      )}
    </li>
  )
}
