// The line under the stage: what was done, by its own controls or elsewhere, each once.
import {
  configMaps,
  deployments,
  nodes,
  replicationControllers,
} from '../../shared/kubernetes/kinds.ts'
import type { TypedDeletion, OnDeletion } from '../../shared/deletions.ts'
import type { KubeObject } from '../../shared/kubernetes/meta.ts'
import { keyOf } from '../../shared/kubernetes/meta.ts'
import type { CommandView } from '../../shared/stage.ts'
import type { Clock } from '../machinery/clock.ts'
import type { Informer, Informers } from '../machinery/informer.ts'
import type { Cast } from './cast.ts'
import {
  deletionLine,
  deploymentCommands,
  fleetCommands,
  lastWriter,
  nodeCommands,
  rateCommands,
} from './commands.ts'
import type { Feed } from './feed.ts'

const MAX_COMMANDS = 50
/** Versions of objects written by the stage itself that are remembered. */
const MAX_OWN = 1_000

export interface CaptionDeps {
  feed: Feed
  clock: Clock
  informers: Informers
  cast: Cast | null
  /** Tells what kubectl deletes. */
  onDeletion: OnDeletion
}

export interface Captions {
  /**
   * Runs a command of the stage and captions it. While it runs, what is seen to change waits, so that the stage's own
   * writes are not taken for somebody else's.
   * @param perform answers the objects as they were written
   */
  own(line: string, perform: () => Promise<KubeObject[]>): Promise<void>
  close(): void
}

interface Seen {
  object: KubeObject
  lines: string[]
}

/** Starts watching for commands given elsewhere. Call when the informers are synced. */
export function startCaptions(deps: CaptionDeps): Captions {
  const { feed, clock, informers, cast, onDeletion } = deps
  let running = 0
  const waiting: Seen[] = []
  const own = new Set<string>()

  const caption = createLines(feed, clock)
  const captionWaiting = (): void => {
    for (const { object, lines } of waiting.splice(0)) {
      if (own.has(versionKey(object))) continue
      for (const line of lines) caption(line, lastWriter(object))
    }
  }
  const observe = <T extends KubeObject>(
    informer: Informer<T>,
    concerns: (object: T) => boolean,
    commands: (before: T, after: T) => string[],
  ): (() => void) =>
    informer.subscribe(({ type, object, previous }) => {
      if (type !== 'modified' || !previous || !concerns(object)) return
      const lines = commands(previous, object)
      if (lines.length === 0) return
      waiting.push({ object, lines })
      if (running === 0) captionWaiting()
    })
  const stops = [
    observe(informers.of(nodes), () => true, nodeCommands),
    onDeletion(captionDeletions(feed, (line) => caption(line, 'kubectl'))),
  ]
  if (cast) {
    const isOurs = (name: string) => (object: KubeObject) =>
      keyOf(object) === `${cast.namespace}/${name}`
    stops.push(
      observe(informers.of(deployments), isOurs(cast.deployment), deploymentCommands),
      observe(informers.of(replicationControllers), isOurs(cast.loadbots), fleetCommands),
      observe(informers.of(configMaps), isOurs(cast.loadbots), rateCommands),
    )
  }
  return {
    async own(line, perform) {
      running += 1
      try {
        for (const object of await perform()) own.add(versionKey(object))
        for (const oldest of own) if (own.size > MAX_OWN) own.delete(oldest)
        caption(line, 'stage')
      } finally {
        running -= 1
        if (running === 0) captionWaiting()
      }
    },
    close() {
      for (const stop of stops) stop()
    },
  }
}

/** The newest commands. Each call adds one and answers its key. */
function createLines(feed: Feed, clock: Clock): (line: string, by: CommandView['by']) => string {
  let count = 0
  return (line, by) => {
    count += 1
    const key = `command-${count}`
    feed.put({ kind: 'command', key, at: clock.now(), line, by })
    const commands = feed.all('command')
    const oldest = commands.keys().next()
    if (commands.size > MAX_COMMANDS && !oldest.done) feed.drop('command', oldest.value)
    return key
  }
}

/** Objects that one command deleted are one line, which grows as they go. */
function captionDeletions(
  feed: Feed,
  caption: (line: string) => string,
): (deletion: TypedDeletion) => void {
  let key = ''
  let deleted: TypedDeletion[] = []
  return (deletion) => {
    const [first] = deleted
    const isSame =
      deletion.session !== null &&
      deletion.session === first?.session &&
      deletion.singular === first.singular &&
      deletion.namespace === first.namespace
    if (isSame) deleted.push(deletion)
    else deleted = [deletion]
    const line = deletionLine(deleted)
    const said = isSame ? feed.get('command', key) : undefined
    if (said) feed.put({ ...said, line })
    else key = caption(line)
  }
}

function versionKey({ metadata }: KubeObject): string {
  return `${metadata.uid}@${metadata.resourceVersion}`
}
