import { useState } from 'react'
import { once, useKeys } from '../../ui/keys.tsx'
import { EventsDrawer } from './EventsDrawer.tsx'
import { Footer } from './Footer.tsx'

/** The stage's last line, for views that have no dock: the last command, the newest events, and the drawer with all. */
export function LastLine() {
  const [areEventsShown, setEventsShown] = useState(false)
  const toggle = (): void => setEventsShown((shown) => !shown)
  useKeys([{ keys: ['e'], words: 'All events', press: once(toggle) }])
  return (
    <>
      <Footer areEventsShown={areEventsShown} onToggleEvents={toggle} />
      {areEventsShown && <EventsDrawer onClose={() => setEventsShown(false)} />}
    </>
  )
}
