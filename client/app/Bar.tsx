import { Fragment, useEffect, useState } from 'react'
import type { ReactNode } from 'react'
import { useLocation } from 'wouter'
import {
  stageNow,
  useConnection,
  useInfo,
  useIsConnected,
  useIsLoaded,
  useViews,
} from '../live/live.ts'
import { Replayed } from '../live/Replayed.tsx'
import { returnToLive, shownNow, useReplayLag } from '../live/replay.ts'
import { Icon } from '../ui/Icon.tsx'
import { formatClock, formatLag } from '../ui/numbers.ts'
import { ActSign } from './ActSign.tsx'
import css from './Bar.module.css'
import { TRAVELLING } from './views.tsx'

const TICK_MS = 250

/** The stage's clock, so that it agrees with the times of events and commands; in a replay that of what is shown. */
function Clock({ clock }: { clock: () => number }) {
  const [now, setNow] = useState(() => formatClock(clock()))
  useEffect(() => {
    const tick = (): void => setNow(formatClock(clock()))
    tick()
    const timer = setInterval(tick, TICK_MS)
    return () => clearInterval(timer)
  }, [clock])
  return <time>{now}</time>
}

function Nodes() {
  const nodes = useViews('node')
  if (nodes.length === 0) return null
  const ready = nodes.filter((node) => node.ready).length
  const simulated = nodes.filter((node) => node.simulated).length
  return (
    <span data-failing={ready < nodes.length} className={css.nodes}>
      {ready} of {nodes.length} nodes Ready{simulated > 0 && `, ${simulated} simulated`}
    </span>
  )
}

/** A short silence is not worth a word; past this the picture is old, and says so. */
const SILENT_MS = 3_000

const WORDS = {
  live: 'No news',
  connecting: 'Connecting',
  reconnecting: 'Reconnecting',
  refused: 'Refused',
}

function ConnectionSign() {
  const { status, staleMs } = useConnection()
  const isLoaded = useIsLoaded()
  const isLive = useIsConnected() && isLoaded && staleMs < SILENT_MS
  const word = isLive ? 'Live' : WORDS[isLoaded || status !== 'live' ? status : 'connecting']
  const age = Math.round(staleMs / 1000)
  return (
    <span className={css.sign} data-live={isLive} role="status">
      <i />
      {word}
      {!isLive && age > 0 && <span className={css.age}>{age} s old</span>}
    </span>
  )
}

/** What is shown is over; a press leads back to now. */
function ReplaySign({ lag }: { lag: number }) {
  return (
    <button type="button" className={css.replay} title="Return to live (L)" onClick={returnToLive}>
      <Icon name="clock" weight={2.2} />
      Replay {formatLag(lag)}
    </button>
  )
}

/** Top line: whose stage this is, its views, what carries it, and whether what is shown is now. */
export function Bar({ navigation, scenes }: { navigation: ReactNode; scenes: ReactNode }) {
  const info = useInfo()
  const [location] = useLocation()
  const lag = useReplayLag()
  const isReplay = lag !== null && TRAVELLING.has(location)
  const isPast = isReplay && location === '/'
  const Time = isPast ? Replayed : Fragment
  const isNamed = info !== null && info.cluster !== 'podium'
  return (
    <header className={css.bar}>
      <h1 className={css.brand}>
        <svg viewBox="0 0 26 26" aria-hidden="true">
          <rect x="1" y="12" width="7" height="12" rx="1.5" />
          <rect x="9.5" y="4" width="7" height="20" rx="1.5" />
          <rect x="18" y="16" width="7" height="8" rx="1.5" />
        </svg>
        Podium
      </h1>
      {navigation}
      {scenes}
      <div className={css.middle}>
        {isNamed && <p className={css.cluster}>{info.cluster}</p>}
        <Time>
          <ActSign isStage={location === '/'} />
        </Time>
      </div>
      <div className={css.status}>
        <Time>
          <Nodes />
        </Time>
        <Clock clock={isPast ? shownNow : stageNow} />
        {isReplay ? <ReplaySign lag={lag} /> : <ConnectionSign />}
      </div>
    </header>
  )
}
