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
  /** Under it stands the line with the last command and the newest events; absent: it has a last line of its own. */
  hasLastLine?: true
}

/** In the order of the bar. To add one: `lazy(async () => ({ default: (await import('…')).Name }))` as its `View`. */
export const VIEWS: readonly ViewEntry[] = [
  { path: '/', name: 'Stage', key: '1', View: Stage },
  {
    path: '/cluster',
    name: 'Cluster',
    key: '2',
    hasLastLine: true,
    View: lazy(async () => ({
      default: (await import('../features/cluster/Cluster.tsx')).Cluster,
    })),
  },
  {
    path: '/traffic',
    name: 'Traffic',
    key: '3',
    hasLastLine: true,
    View: lazy(async () => ({
      default: (await import('../features/traffic/Traffic.tsx')).Traffic,
    })),
  },
  {
    path: '/presenter',
    name: 'Presenter',
    key: '4',
    View: lazy(async () => ({
      default: (await import('../features/presenter/Presenter.tsx')).Presenter,
    })),
  },
  {
    path: '/workloads',
    name: 'Workloads',
    key: '5',
    View: lazy(async () => ({
      default: (await import('../features/workloads/Workloads.tsx')).Workloads,
    })),
  },
]

/** The views that show the past while the hall looks back; the others always show what is. */
export const TRAVELLING: ReadonlySet<string> = new Set(['/', '/presenter'])
