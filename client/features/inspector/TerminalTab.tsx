import { useEffect, useId, useRef, useState } from 'react'
import type { KubeObject } from '../../../shared/kubernetes/meta.ts'
import { controllerOf } from '../../../shared/kubernetes/meta.ts'
import type { Pod } from '../../../shared/kubernetes/pod.ts'
import { pods } from '../../../shared/kubernetes/kinds.ts'
import { kube } from '../../live/kubernetes.ts'
import { useViews } from '../../live/live.ts'
import { Button } from '../../ui/Button.tsx'
import { Segments } from '../../ui/Segments.tsx'
import { FRAME, Pane } from './Pane.tsx'
import css from './Terminal.module.css'
import { beginSession } from './terminalSession.ts'
import type { Session, SessionState } from './terminalSession.ts'
import { isInteractive, kubectlLine, terminalContainers, whyNoTerminal } from './terminalTarget.ts'
import type { TerminalWay } from './terminalTarget.ts'

const FONT = "16px 'JetBrains Mono Variable'"

/** What the terminal on the page is joined with; another one is another session. */
interface Target {
  container: string
  way: TerminalWay
  /** Which attempt it is. */
  attempt: number
}

/** A shell in a container of the pod, or its own process where that has a terminal. Nothing is left when it closes. */
export function TerminalTab({ pod: object, isGone }: { pod: KubeObject; isGone: boolean }) {
  const pod = object as Pod
  const containers = terminalContainers(pod)
  const [target, setTarget] = useState<Target>(() => targetIn(pod, containers[0]?.name ?? '', 0))
  const [begun, setBegun] = useState<Target | null>(null)
  const [state, setState] = useState<SessionState>('connecting')
  const [isRead, setRead] = useState(false)
  const hint = useId()
  const node = useViews('node').find(({ name }) => name === pod.spec.nodeName)
  const why = isGone ? 'The pod is gone.' : whyNoTerminal(pod, target.container, node)
  // Once begun, what is on it stays to be read, whatever becomes of the container.
  if (why === null && begun !== target) setBegun(target)
  const begin = (next: Partial<Target>): void => {
    setState('connecting')
    setTarget({ ...target, attempt: target.attempt + 1, ...next })
  }
  const hasOwn = containers.some((each) => each.name === target.container && isInteractive(each))
  const isShown = begun === target
  return (
    <Pane
      tools={
        <>
          {containers.length > 1 && (
            <select
              aria-label="Container"
              value={target.container}
              onChange={({ target: { value } }) => begin(targetIn(pod, value, target.attempt + 1))}
            >
              {containers.map(({ name }) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          )}
          {hasOwn && (
            <Segments<TerminalWay>
              label="Talk to"
              segments={[
                { value: 'attach', content: 'Its own process' },
                { value: 'exec', content: 'A new shell' },
              ]}
              value={target.way}
              onPick={(way) => begin({ way })}
            />
          )}
          <code className={css.line}>{kubectlLine(target.way, pod, target.container)}</code>
          <label>
            <input
              type="checkbox"
              checked={isRead}
              onChange={({ target: { checked } }) => setRead(checked)}
            />
            Screen reader
          </label>
        </>
      }
    >
      {isShown ? (
        <Screen
          key={target.attempt}
          pod={pod}
          target={target}
          isRead={isRead}
          describedBy={hint}
          onState={setState}
        />
      ) : (
        <p className={css.none} role="status">
          {why}
        </p>
      )}
      {isShown && typeof state === 'object' && (
        <div className={css.after}>
          <Button size="small" icon="play" disabledReason={why} onPress={() => begin({})}>
            Start again
          </Button>
          {target.way === 'attach' && !controllerOf(pod) && !isGone && <Delete pod={pod} />}
        </div>
      )}
      {isShown && (
        <div className={css.foot}>
          <State state={state} way={target.way} />
          <p id={hint}>
            All keys are the terminal’s. <kbd>Shift Tab</kbd> leaves it; then <kbd>Esc</kbd> closes.
          </p>
        </div>
      )}
    </Pane>
  )
}

/** A container that was made to be talked to is talked to; in any other a shell is started. */
function targetIn(pod: Pod, container: string, attempt: number): Target {
  const found = terminalContainers(pod).find(({ name }) => name === container)
  return { container, way: found && isInteractive(found) ? 'attach' : 'exec', attempt }
}

function State({ state, way }: { state: SessionState; way: TerminalWay }) {
  const hint = way === 'attach' ? ' If there is no prompt, press Enter.' : ''
  const words =
    state === 'connecting' ? 'Connecting.' : state === 'open' ? `Connected.${hint}` : state.words
  return (
    <p role="status" data-bad={typeof state === 'object' && state.exitCode !== 0}>
      {words}
    </p>
  )
}

function Screen({
  pod,
  target: { container, way },
  isRead,
  describedBy,
  onState,
}: {
  pod: Pod
  target: Target
  isRead: boolean
  /** Id of what says how to leave it by keyboard. */
  describedBy: string
  onState: (state: SessionState) => void
}) {
  const { namespace, name = '' } = pod.metadata
  const host = useRef<HTMLDivElement>(null)
  const [session, setSession] = useState<Session | null>(null)
  useEffect(() => {
    let begun: Session | undefined
    let isLeft = false
    const begin = (): void => {
      if (isLeft || !host.current) return
      const key = { namespace, name }
      begun = beginSession(host.current, { pod: key, container, way, describedBy, onState })
      setSession(begun)
      if (mayTakeFocus()) begun.focus()
    }
    // Its cells are measured once: by the font they will have. Without it the fallback's do.
    void document.fonts.load(FONT).then(begin, begin)
    return () => {
      isLeft = true
      begun?.close()
    }
  }, [namespace, name, container, way, describedBy, onState])
  useEffect(() => session?.readAloud(isRead), [session, isRead])
  return (
    <div className={`${FRAME} ${css.frame}`} role="group" aria-label={`Terminal of ${container}`}>
      <div ref={host} className={css.host} />
    </div>
  )
}

/** Whoever goes from tab to tab by keyboard goes on doing so, and enters by Tab. */
function mayTakeFocus(): boolean {
  return !document.activeElement?.matches('[role=tab]:focus-visible')
}

/** What was run for this terminal alone is not wanted after it. */
function Delete({ pod }: { pod: Pod }) {
  const { namespace, name = '' } = pod.metadata
  const [error, setError] = useState<string | null>(null)
  const remove = async (): Promise<void> => {
    try {
      // As `kubectl delete --now`: a shell at its prompt does not hear the polite signal.
      await kube.delete(pods, { namespace, name }, { gracePeriodSeconds: 1 })
      setError(null)
    } catch (refusal) {
      setError(refusal instanceof Error ? refusal.message : String(refusal))
    }
  }
  return (
    <>
      <Button size="small" icon="cross" onPress={() => void remove()}>
        Delete the pod
      </Button>
      {error !== null && <span role="alert">{error}</span>}
    </>
  )
}
