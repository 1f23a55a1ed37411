import { useEffect, useRef, useState } from 'react'
import { useIsConnected, useViews } from '../../live/live.ts'
import { useIsReplay } from '../../live/replay.ts'
import { Hidden } from '../../ui/Hidden.tsx'
import { milestoneBetween } from './milestones.ts'
import type { Moment } from './milestones.ts'
import { useRollout } from './views.ts'

/** The live region. */
export function Announcer() {
  const rollout = useRollout()
  const nodes = useViews('node')
  const isLive = useIsConnected()
  const isReplay = useIsReplay()
  const before = useRef<Moment | null>(null)
  const [said, setSaid] = useState('')
  useEffect(() => {
    const now = { rollout, nodes, isLive, isReplay }
    const sentence = before.current && milestoneBetween(before.current, now)
    before.current = now
    if (sentence) setSaid(sentence)
  }, [rollout, nodes, isLive, isReplay])
  return (
    <Hidden>
      <p role="status" aria-live="polite">
        {said}
      </p>
    </Hidden>
  )
}
