import type { ReactNode } from 'react'
import { ShownStores } from './live.ts'
import { stores } from './page.ts'
import { pastStores, useIsReplay } from './replay.ts'

/** A part of the page that shows the past while the hall looks back. */
export function Replayed({ children }: { children: ReactNode }) {
  return <ShownStores value={useIsReplay() ? pastStores : stores}>{children}</ShownStores>
}
