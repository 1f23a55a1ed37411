import { useState } from 'react'
import { can } from '../../../shared/gates.ts'
import { SCENE_WORDS } from '../../../shared/scenes.ts'
import { sendAction, useGateState, useIsConnected, useViews } from '../../live/live.ts'
import { Button } from '../../ui/Button.tsx'
import css from './Traffic.module.css'

/** Starts the comparison, or ends it; what it does to the cluster stands beside it. */
export function CompareButton() {
  const gate = useGateState()
  const isConnected = useIsConnected()
  const isOn = useViews('scene').some(({ key }) => key === 'proxies')
  const [error, setError] = useState<string | null>(null)
  const type = isOn ? ('endScene' as const) : ('startScene' as const)
  const verdict = can[type](gate, 'proxies')
  const reason = !isConnected
    ? 'The connection to the stage is lost.'
    : verdict.allowed
      ? null
      : verdict.reason
  const act = (): void => {
    setError(null)
    sendAction({ type, scene: 'proxies' }).catch((refusal: unknown) => {
      setError(refusal instanceof Error ? refusal.message : String(refusal))
    })
  }
  return (
    <div className={css.compare}>
      {error ? <p role="alert">{error}</p> : !isOn && <p>{SCENE_WORDS.proxies.does}</p>}
      <Button size="small" look="primary" disabledReason={reason} tipSide="left" onPress={act}>
        {isOn ? 'End the comparison' : 'Compare the proxies'}
      </Button>
    </div>
  )
}
