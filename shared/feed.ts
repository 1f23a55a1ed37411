// The feed as the browser folds it: a reset gives everything, batches change it, a gap says "ask again".
// Applied in place: at 60 batches a second nobody may copy a thousand pods per batch.
import type { FeedBatch, FeedChange, FeedReset, View, ViewKind, ViewOf } from './stage.ts'

export const VIEW_KINDS = [
  'pod',
  'node',
  'rollout',
  'fleet',
  'service',
  'event',
  'command',
  'scene',
  'cue',
  'replay',
] as const satisfies readonly ViewKind[]

/** Everything the browser knows of the cluster, at one position of one run of the stage. */
export interface FeedState {
  /** null until the first reset. */
  run: string | null
  position: number
  views: { readonly [K in ViewKind]: Map<string, ViewOf<K>> }
}

/** The state before the first word of the stage. */
export function emptyFeed(): FeedState {
  return {
    run: null,
    position: 0,
    views: {
      pod: new Map(),
      node: new Map(),
      rollout: new Map(),
      fleet: new Map(),
      service: new Map(),
      event: new Map(),
      command: new Map(),
      scene: new Map(),
      cue: new Map(),
      replay: new Map(),
    },
  }
}

/** Replaces all that is held. */
export function applyReset(state: FeedState, reset: FeedReset): void {
  state.run = reset.run
  state.position = reset.position
  for (const kind of VIEW_KINDS) state.views[kind].clear()
  for (const view of reset.views) put(state, view)
}

/**
 * `applied`: the batch follows what is held. `seen`: it is older, nothing changed. `gap`: something in between is
 * missing, nothing changed, and the browser has to subscribe again.
 */
export type BatchOutcome =
  { outcome: 'applied'; touched: ReadonlySet<ViewKind> } | { outcome: 'seen' } | { outcome: 'gap' }

/** Applies one batch in place, all of it or nothing. */
export function applyBatch(state: FeedState, batch: FeedBatch): BatchOutcome {
  if (state.run === null || batch.from > state.position) return { outcome: 'gap' }
  if (batch.to <= state.position) return { outcome: 'seen' }
  if (batch.from < state.position) return { outcome: 'gap' }
  const touched = new Set<ViewKind>()
  for (const change of batch.changes) touched.add(applyChange(state, change))
  state.position = batch.to
  return { outcome: 'applied', touched }
}

/** Applies one change in place; answers which kind it touched. */
export function applyChange(state: FeedState, change: FeedChange): ViewKind {
  if ('put' in change) return put(state, change.put)
  if ('drop' in change) {
    state.views[change.drop.kind].delete(change.drop.key)
    return change.drop.kind
  }
  const { kind, key, set } = change.patch
  const held = state.views[kind].get(key)
  // A new object, so that whoever compares by identity sees the change.
  if (held) put(state, { ...held, ...set })
  return kind
}

function put(state: FeedState, view: View): ViewKind {
  ;(state.views[view.kind] as Map<string, View>).set(view.key, view)
  return view.kind
}

/**
 * The smallest change that makes `next` of `previous`; undefined when they are equal.
 * Values are compared as JSON scalars: views are flat.
 */
export function changeBetween(previous: View | undefined, next: View): FeedChange | undefined {
  if (!previous) return { put: next }
  const before = previous as unknown as Record<string, unknown>
  const changed = Object.entries(next).filter(([name, value]) => before[name] !== value)
  if (changed.length === 0) return undefined
  return { patch: { kind: next.kind, key: next.key, set: Object.fromEntries(changed) } }
}
