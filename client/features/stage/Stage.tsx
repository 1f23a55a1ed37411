import { useState } from 'react'
import { useKeys } from '../../ui/keys.tsx'
import { Announcer } from './Announcer.tsx'
import { Chart } from './Chart.tsx'
import { useControls } from './controls.ts'
import type { Controls } from './controls.ts'
import { Dock } from './Dock.tsx'
import { EventsDrawer } from './EventsDrawer.tsx'
import { Flow } from './Flow.tsx'
import { Footer } from './Footer.tsx'
import { Hero } from './Hero.tsx'
import { bindingsOf } from './keyMap.ts'
import { PausedBanner } from './PausedBanner.tsx'
import { PhoneStage } from './PhoneStage.tsx'
import css from './Stage.module.css'
import { Strip } from './Strip.tsx'
import { bannerOf } from './stripModel.ts'
import { Replayed } from '../../live/Replayed.tsx'
import { useIsReplay } from '../../live/replay.ts'
import { useIsLoaded } from '../../live/live.ts'
import { useIsStale } from '../../live/useIsStale.ts'
import { useLayout } from '../../ui/useUnit.ts'
import { GROUPS } from './useAct.ts'
import { useServers } from './views.ts'

/** With the dock out of sight, what it would say is said over the last line. */
function Refusals({ controls }: { controls: Controls }) {
  const said = GROUPS.map(controls.errorOf).find((text) => text !== null)
  return said ? (
    <p role="alert" className={css.refusal}>
      {said}
    </p>
  ) : null
}

/** The Stage: the number, the minute, the rollout, the flow, the controls; now, or as it was. */
export function Stage() {
  return (
    <>
      <Replayed>
        <Shown />
      </Replayed>
      <Announcer />
    </>
  )
}

function Shown() {
  const controls = useControls()
  const servers = useServers()
  const isLoaded = useIsLoaded()
  const isStale = useIsStale()
  const isReplay = useIsReplay()
  const layout = useLayout()
  // Where there is little room the dock is a drawer, put away until it is wanted.
  const [dockWish, setDockShown] = useState<boolean | null>(null)
  const isDockShown = dockWish ?? layout === 'wide'
  const toggleDock = (): void => setDockShown(!isDockShown)
  const [isProceedHeld, setProceedHeld] = useState(false)
  const [areEventsShown, setEventsShown] = useState(false)
  const toggleEvents = (): void => setEventsShown((shown) => !shown)
  useKeys(bindingsOf(controls, { toggleDock, toggleEvents, holdProceed: setProceedHeld }))
  const banner = bannerOf(controls.rollout, servers)
  return (
    <main
      className={css.stage}
      data-dock={isDockShown}
      data-stale={isLoaded && isStale}
      data-replay={isReplay}
      aria-busy={!isLoaded}
    >
      {layout === 'phone' ? (
        <PhoneStage banner={banner} controls={controls} />
      ) : (
        <>
          <div className={css.top}>
            <Hero />
            <div className={css.chart}>
              <Chart />
            </div>
          </div>
          {banner ? (
            <PausedBanner banner={banner} controls={controls} isProceedHeld={isProceedHeld} />
          ) : (
            <Strip />
          )}
          <Flow />
          {isDockShown ? <Dock controls={controls} /> : <Refusals controls={controls} />}
          <Footer
            canTravel
            areEventsShown={areEventsShown}
            onToggleEvents={toggleEvents}
            onShowDock={isDockShown && layout === 'wide' ? undefined : toggleDock}
          />
          {areEventsShown && <EventsDrawer onClose={() => setEventsShown(false)} />}
        </>
      )}
    </main>
  )
}
