// Questions to the stage that are asked when somebody wants to know: one request's way, and why requests failed.
import type { FailureReport, TraceView } from '../../shared/stage.ts'

/** Has a loadbot send one real request. @throws Error with a sentence to show */
export function traceOne(): Promise<TraceView> {
  return ask('/api/trace', 'POST')
}

/** Why requests failed, as far as it is known. @throws Error with a sentence to show */
export function failureReport(): Promise<FailureReport> {
  return ask('/api/failures', 'GET')
}

async function ask<T>(path: string, method: 'GET' | 'POST'): Promise<T> {
  const response = await fetch(path, { method }).catch((cause: unknown) => {
    throw new Error('The stage does not answer. Is Podium still running?', { cause })
  })
  const said = (await response.json().catch(() => null)) as (T & { message?: string }) | null
  if (response.ok && said) return said
  throw new Error(said?.message ?? `The stage answered ${response.status}.`)
}
