import { lazy, Suspense, useEffect, useRef, useState } from 'react'
import { Link, Redirect, Route, Switch, useLocation, useSearch } from 'wouter'
import { LastLine } from '../features/stage/LastLine.tsx'
import { ScenesMenu } from '../features/scenes/ScenesMenu.tsx'
import { forgetRefusal, stepShow, useCue, useCueRefusal } from '../live/cue.ts'
import { useConnection } from '../live/live.ts'
import { returnToLive, STEP_MS, travel } from '../live/replay.ts'
import { FAILURES, select, useSelection } from '../live/selection.ts'
import { once, useKeys } from '../ui/keys.tsx'
import type { KeyBinding } from '../ui/keys.tsx'
import { usePreferences } from '../ui/preferences.tsx'
import type { Preferences } from '../ui/preferences.tsx'
import css from './App.module.css'
import { Bar } from './Bar.tsx'
import { KeyOverlay } from './KeyOverlay.tsx'
import { Refused } from './Refused.tsx'
import { TRAVELLING, VIEWS } from './views.tsx'

const Inspector = lazy(async () => ({
  default: (await import('../features/inspector/Inspector.tsx')).Inspector,
}))

const Autopsy = lazy(async () => ({
  default: (await import('../features/inspector/Autopsy.tsx')).Autopsy,
}))
const Palette = lazy(async () => ({
  default: (await import('../features/inspector/Palette.tsx')).Palette,
}))

function toggleFullScreen(): void {
  if (document.fullscreenElement) void document.exitFullscreen()
  // Refused when a policy forbids it; then nothing happens, as with the browser's own key.
  else document.documentElement.requestFullscreen().catch(() => undefined)
}

interface Doings {
  open: (path: string) => void
  toggleHelp: () => void
  toggleBlackout: () => void
}

/** Keys that work in every view. A clicker sends Page Up, Page Down, B, ., F5 and Esc: none of them may do harm. */
function bindingsOf(preferences: Preferences, doings: Doings): KeyBinding[] {
  const { open, toggleHelp, toggleBlackout } = doings
  return [
    ...VIEWS.map(({ key, name, path }) => ({
      keys: [key],
      words: name,
      press: once(() => open(path)),
      isUnlisted: VIEWS.length === 1,
    })),
    { keys: ['.', 'b'], words: 'Black out, and back', press: once(toggleBlackout) },
    { keys: ['F5', 'f'], words: 'Full screen', press: once(toggleFullScreen) },
    { keys: ['t'], words: 'Dark or light', press: once(preferences.toggleTheme) },
    { keys: ['r'], words: 'Reduced motion', press: once(preferences.toggleCalm) },
    { keys: ['?'], words: 'These keys', press: once(toggleHelp) },
    { keys: ['PageDown'], words: 'Next step of the show', press: once(() => stepShow(1)) },
    {
      keys: ['PageUp'],
      words: 'Previous step, undoing nothing',
      press: once(() => stepShow(-1)),
    },
  ]
}

const TRAVEL_KEYS: readonly KeyBinding[] = [
  { keys: [','], words: 'Back 10 s in time', press: () => travel(-STEP_MS) },
  { keys: [';'], words: 'On 10 s in time', press: () => travel(STEP_MS) },
  { keys: ['l'], words: 'Return to live', press: once(returnToLive) },
]
const NO_KEYS: readonly KeyBinding[] = []

/** Nothing to see. It comes last, so that Escape leaves it before it closes anything under it. */
function Blackout({ onLeave }: { onLeave: () => void }) {
  useKeys([{ keys: ['Escape'], words: 'Back', press: once(onLeave), isUnlisted: true }])
  return <div className={css.black} role="status" aria-label="Blacked out" />
}

/** Long enough to read two sentences. */
const REFUSAL_MS = 6_000

/** Why the step just asked for was not done. */
function CueRefusal() {
  const text = useCueRefusal()
  useEffect(() => {
    if (text === null) return
    const timer = setTimeout(forgetRefusal, REFUSAL_MS)
    return () => clearTimeout(timer)
  }, [text])
  return text === null ? null : (
    <p role="alert" className={css.refusal}>
      {text}
    </p>
  )
}

/** Views for the hall: those a step of the show may want. */
const FOR_THE_HALL = new Set(['/', '/cluster', '/traffic'])

/** A phone shows the audience's page only. */
const PHONE = '(max-width: 599px)'

/** A screen that shows the hall's views goes to the one that the show's new step wants; any other stays where it is. */
function useFollowedView(): void {
  const cue = useCue()
  const [location, navigate] = useLocation()
  const at = cue?.at ?? null
  const seen = useRef(at)
  useEffect(() => {
    const isNew = at !== null && at !== seen.current
    seen.current = at
    const wanted = cue?.is.step.view ?? '/'
    if (matchMedia(PHONE).matches) return
    if (isNew && FOR_THE_HALL.has(location) && wanted !== location) navigate(wanted)
  }, [at, cue, location, navigate])
}

function Navigation() {
  const search = useSearch()
  const [location] = useLocation()
  if (VIEWS.length < 2) return null
  return (
    <nav className={css.views} aria-label="Views">
      {VIEWS.map(({ path, name }) => (
        // What is looked into stays open from view to view.
        <Link
          key={path}
          href={search === '' ? path : `${path}?${search}`}
          className={location === path ? css.active : undefined}
          aria-current={location === path ? 'page' : undefined}
        >
          {name}
        </Link>
      ))}
    </nav>
  )
}

function View() {
  return (
    <Suspense fallback={<main className={css.loading} aria-busy="true" />}>
      <Switch>
        {VIEWS.map(({ path, View, hasLastLine }) => (
          <Route key={path} path={path}>
            <View />
            {hasLastLine && (
              <div className={css.lastLine}>
                <LastLine />
              </div>
            )}
          </Route>
        ))}
        <Route>
          <Redirect to="/" replace />
        </Route>
      </Switch>
    </Suspense>
  )
}

/** What is looked into, beside the view, and the way to find it by name. */
function LookedInto() {
  const selection = useSelection()
  const [location] = useLocation()
  const side = location === '/' ? 'stage' : 'right'
  const [isFinding, setFinding] = useState(false)
  useKeys([{ keys: ['k'], withControl: true, words: 'Find', press: once(() => setFinding(true)) }])
  return (
    <Suspense>
      {selection?.kind === FAILURES.kind ? (
        <Autopsy side={side} onClose={() => select(null)} />
      ) : (
        selection && <Inspector selection={selection} side={side} />
      )}
      {isFinding && <Palette onClose={() => setFinding(false)} />}
    </Suspense>
  )
}

/** What surrounds every view: the bar, the keys, and what lies over it. */
export function Shell() {
  const { status, reason } = useConnection()
  const preferences = usePreferences()
  const [location, navigate] = useLocation()
  const search = useSearch()
  const [isHelpShown, setHelpShown] = useState(false)
  const [isBlack, setBlack] = useState(false)
  const open = (path: string): void => navigate(search === '' ? path : `${path}?${search}`)
  useKeys(
    bindingsOf(preferences, {
      open,
      toggleHelp: () => setHelpShown((shown) => !shown),
      toggleBlackout: () => setBlack((black) => !black),
    }),
  )
  useKeys(TRAVELLING.has(location) ? TRAVEL_KEYS : NO_KEYS)
  useFollowedView()
  if (status === 'refused') return <Refused reason={reason} />
  return (
    <div className={css.shell}>
      <Bar navigation={<Navigation />} scenes={<ScenesMenu onOpen={open} />} />
      <View />
      <LookedInto />
      <CueRefusal />
      {isHelpShown && <KeyOverlay onClose={() => setHelpShown(false)} />}
      {isBlack && <Blackout onLeave={() => setBlack(false)} />}
    </div>
  )
}
