import { useState } from 'react'
import { can } from '../../../shared/gates.ts'
import type { ProxyMode } from '../../../shared/stage.ts'
import type { ComparisonView, ModeMeasure } from '../../../shared/traffic.ts'
import { sendAction, useGateState } from '../../live/live.ts'
import { Icon } from '../../ui/Icon.tsx'
import { Segments } from '../../ui/Segments.tsx'
import { Tip } from '../../ui/Tip.tsx'
import { ratioOf } from './histogram.ts'
import css from './Traffic.module.css'

const MODES: readonly ProxyMode[] = ['userspace', 'iptables']

/** The mode in force, what the comparison says of both, and whom the pods saw. */
export function ModeCard({ comparison }: { comparison: ComparisonView | null }) {
  const gate = useGateState()
  const [error, setError] = useState<string | null>(null)
  const mode = gate.service?.proxyMode ?? null
  const others = MODES.filter((each) => each !== mode).map((each) => can.proxyMode(gate, each))
  const closed = others.find(({ allowed }) => !allowed)
  const pick = (wanted: ProxyMode): void => {
    setError(null)
    if (!can.proxyMode(gate, wanted).allowed) return
    sendAction({ type: 'proxyMode', mode: wanted }).catch((refusal: unknown) => {
      setError(refusal instanceof Error ? refusal.message : String(refusal))
    })
  }
  const ratio = ratioOf(comparison?.measures ?? [])
  return (
    <section className={css.card} aria-label="Proxy mode">
      <header className={css.modes}>
        <h2>Proxy mode</h2>
        <Tip text={closed && !closed.allowed ? closed.reason : null} side="left">
          {(describedBy) => (
            <Segments
              label="Proxy mode"
              value={mode}
              describedBy={describedBy}
              onPick={pick}
              segments={MODES.map((each) => ({ value: each, content: each }))}
            />
          )}
        </Tip>
      </header>
      {error && <p role="alert">{error}</p>}
      <p className={css.ratio}>
        <b>{ratio?.figure ?? '–'}</b>
        <span>{ratio?.words ?? 'not compared yet'}</span>
      </p>
      <h3 className={css.seenHead}>Source address that the pod saw</h3>
      <ul className={css.seen}>
        {MODES.toReversed().map((each) => (
          <Seen
            key={each}
            mode={each}
            measure={comparison?.measures.find((measure) => measure.mode === each)}
          />
        ))}
      </ul>
    </section>
  )
}

function Seen({ mode, measure }: { mode: ProxyMode; measure: ModeMeasure | undefined }) {
  const { sentFrom = null, seenFrom = null } = measure ?? {}
  const isPreserved = seenFrom !== null && seenFrom === sentFrom
  return (
    <li data-preserved={isPreserved}>
      {seenFrom === null ? <span /> : <Icon name={isPreserved ? 'check' : 'cross'} weight={2} />}
      <b>{mode}</b>
      <code>{seenFrom ?? '–'}</code>
      <span>
        {seenFrom === null ? 'not measured' : isPreserved ? 'preserved' : 'the proxy’s own'}
      </span>
    </li>
  )
}
