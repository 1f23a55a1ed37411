// What is asked of the stage now and then: one request's way, why requests failed, the next step of the show.
import { useStore } from 'zustand'
import { createStore } from 'zustand/vanilla'
import type {
  CueRequest,
  FailureReport,
  ReplayRequest,
  ReplayView,
  TraceView,
} from '../../shared/stage.ts'

/** Somebody wants to see a request's way, and it has not been shown yet. */
const asked = createStore(() => ({ isAsked: false }))

/** Has the next place that can show a request's way do so. */
export function askForTrace(): void {
  asked.setState({ isAsked: true })
}

/** Whether somebody asked; calling `take` answers it. */
export function useAskedTrace(): { isAsked: boolean; take: () => void } {
  return { isAsked: useStore(asked, ({ isAsked }) => isAsked), take: takeTrace }
}

const takeTrace = (): void => asked.setState({ isAsked: false })

/** Has a loadbot send one real request. @throws Error with a sentence to show */
export function traceOne(): Promise<TraceView> {
  return ask('/api/trace', 'POST')
}

/** Why requests failed, as far as it is known. @throws Error with a sentence to show */
export function failureReport(): Promise<FailureReport> {
  return ask('/api/failures', 'GET')
}

/** Takes the show to a step of its script. @throws Error with a sentence to show */
export async function giveCue(request: CueRequest): Promise<void> {
  await ask('/api/cue', 'POST', request)
}

/** Has every screen of the hall show a moment of the past, or now again. @throws Error with a sentence to show */
export function askReplay(request: ReplayRequest): Promise<ReplayView> {
  return ask('/api/replay', 'POST', request)
}

async function ask<T>(path: string, method: 'GET' | 'POST', body?: object): Promise<T> {
  const sent = body && {
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  }
  const response = await fetch(path, { method, ...sent }).catch((cause: unknown) => {
    throw new Error('The stage does not answer. Is Podium still running?', { cause })
  })
  const said = (await response.json().catch(() => null)) as (T & { message?: string }) | null
  if (response.ok && said) return said
  throw new Error(said?.message ?? `The stage answered ${response.status}.`)
}
