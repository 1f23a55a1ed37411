import { useLayoutEffect, useMemo, useRef, useState } from 'react'
import type { KubeObject } from '../../../shared/kubernetes/meta.ts'
import type { Pod } from '../../../shared/kubernetes/pod.ts'
import { useLogs } from '../../live/kubernetes.ts'
import { Button } from '../../ui/Button.tsx'
import { formatCount, plural } from '../../ui/numbers.ts'
import css from './Logs.module.css'
import { FRAME, Pane } from './Pane.tsx'

/** Lines of the past to begin with, and the most that are put on the page at once. */
const TAIL = 500
const SHOWN = 1_000

/** The log of one container, as it is written. */
export function LogsTab({ pod }: { pod: KubeObject }) {
  const { spec } = pod as Pod
  const names = [...(spec.initContainers ?? []), ...spec.containers].map(({ name }) => name)
  const [container, setContainer] = useState(spec.containers[0]?.name ?? '')
  const [previous, setPrevious] = useState(false)
  const [isPaused, setPaused] = useState(false)
  const [find, setFind] = useState('')
  const { namespace, name = '' } = pod.metadata
  const live = useLogs({ namespace, name }, { container, previous, tailLines: TAIL })
  // Paused: what was there then; it goes on being read meanwhile.
  const [held, setHeld] = useState(live)
  const log = isPaused ? held : live
  const { lines, matches } = useMemo(() => found(log.lines, find), [log.lines, find])
  return (
    <Pane
      tools={
        <>
          {names.length > 1 && (
            <select
              aria-label="Container"
              value={container}
              onChange={(event) => setContainer(event.target.value)}
            >
              {names.map((each) => (
                <option key={each}>{each}</option>
              ))}
            </select>
          )}
          <input
            type="search"
            aria-label="Find in the log"
            placeholder="Find"
            value={find}
            onChange={(event) => setFind(event.target.value)}
          />
          {find !== '' && <output>{plural(matches, 'line')}</output>}
          <label>
            <input
              type="checkbox"
              checked={previous}
              onChange={(event) => setPrevious(event.target.checked)}
            />
            Previous
          </label>
          <Button
            size="small"
            icon={isPaused ? 'play' : 'pause'}
            className={css.pause}
            disabledReason={
              previous ? 'The container’s last life has ended; nothing is added to it.' : null
            }
            tipSide="left"
            onPress={() => {
              setHeld(live)
              setPaused(!isPaused)
            }}
          >
            {isPaused ? 'Go on' : 'Pause'}
          </Button>
        </>
      }
    >
      <Lines lines={lines} find={find} isFollowing={!isPaused} />
      <p className={css.state} role="status">
        {log.error ? log.error.message : stateOf(isPaused, previous, log.ended)}
        {log.dropped > 0 && ` ${formatCount(log.dropped)} older lines are not kept here.`}
      </p>
    </Pane>
  )
}

function stateOf(isPaused: boolean, previous: boolean, ended: boolean): string {
  if (previous) return 'The log of the container’s last life.'
  if (ended) return 'It writes no more.'
  return isPaused ? 'Paused; the log goes on.' : 'Following.'
}

function found(
  all: readonly string[],
  find: string,
): { lines: readonly string[]; matches: number } {
  const wanted = find.toLowerCase()
  const matching = wanted === '' ? all : all.filter((line) => line.toLowerCase().includes(wanted))
  return { lines: matching.slice(-SHOWN), matches: matching.length }
}

/** Within this of the end (px) counts as at the end: then new lines are followed. */
const NEAR_END = 24

function Lines({
  lines,
  find,
  isFollowing,
}: {
  lines: readonly string[]
  find: string
  isFollowing: boolean
}) {
  const box = useRef<HTMLPreElement>(null)
  const isAtEnd = useRef(true)
  useLayoutEffect(() => {
    const { current } = box
    if (current && isFollowing && isAtEnd.current) current.scrollTop = current.scrollHeight
  })
  return (
    <pre
      ref={box}
      className={`${FRAME} ${css.lines}`}
      role="log"
      aria-label="Log"
      aria-live="off"
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls is reached by keyboard
      tabIndex={0}
      onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
        isAtEnd.current = scrollHeight - scrollTop - clientHeight < NEAR_END
      }}
    >
      {find === ''
        ? lines.join('\n')
        : lines.map((line, at) => <Marked key={at} line={line} find={find} />)}
    </pre>
  )
}

function Marked({ line, find }: { line: string; find: string }) {
  const at = line.toLowerCase().indexOf(find.toLowerCase())
  if (at < 0) return `${line}\n`
  return (
    <>
      {line.slice(0, at)}
      <mark>{line.slice(at, at + find.length)}</mark>
      {`${line.slice(at + find.length)}\n`}
    </>
  )
}
