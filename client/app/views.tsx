// The views there are: one line each. A view is listed once it is built; all but the first are loaded when they are opened.
import { lazy } from 'react'
import type { ComponentType } from 'react'
import { Stage } from '../features/stage/Stage.tsx'

export interface ViewEntry {
  path: string
  name: string
  /** The key that opens it. */
  key: string
  View: ComponentType
}

/** In the order of the bar. To add one: `lazy(async () => ({ default: (await import('…')).Name }))` as its `View`. */
export const VIEWS: readonly ViewEntry[] = [
  { path: '/', name: 'Stage', key: '1', View: Stage },
  {
    path: '/workloads',
    name: 'Workloads',
    key: '5',
    View: lazy(async () => ({
      default: (await import('../features/workloads/Workloads.tsx')).Workloads,
    })),
  },
]
