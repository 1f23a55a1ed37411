// Keeps the autopsy's record: which pod was in which phase when, by which rule it was reached, and what failed.
import type { FailureRecord } from '../../shared/load.ts'
import { splitKey } from '../../shared/kubernetes/meta.ts'
import type { FailureReport, FeedChange, LoadView, ServiceRules } from '../../shared/stage.ts'
import type { Clock, Timer } from '../machinery/clock.ts'
import { createAutopsy } from './autopsy.ts'
import type { Cast } from './cast.ts'
import type { Feed } from './feed.ts'
import { noFailures } from './loadFold.ts'

/** Rules follow a change of the pods within this; until then the old ones are remembered. */
const READ_RULES_AFTER_MS = 250

export interface AutopsiesDeps {
  feed: Feed
  clock: Clock
  cast: Cast
  rules: (service: string) => readonly ServiceRules[]
}

export interface Autopsies {
  failed(records: readonly FailureRecord[]): void
  report(load: LoadView | undefined): FailureReport
  close(): void
}

/** Follows the servers of the show from now on. */
export function startAutopsies({ feed, clock, cast, rules }: AutopsiesDeps): Autopsies {
  const autopsy = createAutopsy()
  const service = `${cast.namespace}/${cast.service}`
  let timer: Timer | undefined
  const readRules = (): void => {
    timer = undefined
    autopsy.rulesChanged(rules(service))
  }
  feed.onNews((change) => {
    const key = podOf(change)
    if (key === undefined) return
    const { namespace, name } = splitKey(key)
    const view = feed.get('pod', key)
    if (namespace !== cast.namespace || (view && view.role !== 'server')) return
    autopsy.podChanged(name, view, clock.now())
    timer ??= clock.after(READ_RULES_AFTER_MS, readRules)
  })
  return {
    failed: (records) => autopsy.failed(records),
    report: (load) => autopsy.report(load?.failedByCause ?? noFailures()),
    close: () => timer?.cancel(),
  }
}

function podOf(change: FeedChange): string | undefined {
  if ('put' in change) return change.put.kind === 'pod' ? change.put.key : undefined
  const { kind, key } = 'patch' in change ? change.patch : change.drop
  return kind === 'pod' ? key : undefined
}
